"""The languages in which a rule can be read, and how one is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass

from runtime.errors import InvalidInputError

SOURCE = "en"
"""The language of the messages in the code. It has no catalogue."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `locale` names its region in CLDR, which decides on lists, dates and numbers."""

    code: str
    locale: str
    plurals: str
    """gettext's Plural-Forms."""


_ONE = "nplurals=2; plural=(n != 1);"
LANGUAGES = {
    language.code: language
    for language in (
        Language("en", "en_GB", _ONE),
        Language("de", "de_DE", _ONE),
    )
}


def language_named(name: str) -> Language:
    """`de`, also as `de_AT`, `de-AT` or `de_AT.UTF-8`. Raises InvalidInputError for a language that there is not."""
    found = _found(name)
    if found is None:
        raise InvalidInputError(f"there is no language {name[:40]!r}; known: {', '.join(LANGUAGES)}")
    return found


def language_of(environment: Mapping[str, str]) -> Language:
    """The language of messages as POSIX chooses it (LC_ALL, LC_MESSAGES, LANG); English where it is none of ours."""
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return _found(next(filter(None, names), SOURCE)) or LANGUAGES[SOURCE]


def _found(name: str) -> Language | None:
    return LANGUAGES.get(name.replace("-", "_").replace(".", "_").partition("_")[0].lower())
