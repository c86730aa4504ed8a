"""The languages in which templates speak: English stands in the templates and in the code, the others in catalogues."""

from collections.abc import Callable

from services.evaluator.wording.catalogue import catalogue
from services.evaluator.wording.languages import Language

PACKAGE = "cli.templates"
Say = Callable[[str], str]
"""From an English text to the same in another language. Braces in it are left to whoever fills them in."""


def say_in(language: Language) -> Say:
    """Reads the language's catalogue once."""
    return catalogue(language.code, PACKAGE).gettext


def english(text: str) -> str:
    """As it is."""
    return text
