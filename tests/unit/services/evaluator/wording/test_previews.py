"""A rule that uses everything, in every language: as it was read and approved, whole, and without English."""

import re
from gettext import NullTranslations
from pathlib import Path

import pytest

from services.evaluator.wording.languages import LANGUAGES, SOURCE
from services.evaluator.wording.words import Words, words_in
from tests.unit.services.evaluator.wording.everything import everything
from tests.unit.services.evaluator.wording.freezing import FROZEN, previews
from tests.unit.services.evaluator.wording.reading import OTHERS, forms, messages, template

ENGLISH = re.compile(
    r"(?<![\w-])(the|and|that|this|these|with|from|which|has|have|been|when|if|only|once|every|sender|received|subject|"
    r"recipient|attachment|add|remove|mark|create|answer|assigned|already|least|most|days?|hours?|mail)(?![\w-])",
    re.IGNORECASE,
)
"""Words of the messages that are words of no other language here."""
FRENCH_MAILBOX = "boîte mail"
"""The only such word that a translation may use."""


class Recording(NullTranslations):
    """Remembers what was said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: set[tuple[str | None, str]] = set()

    def gettext(self, message: str) -> str:
        self.said.add((None, message))
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.said |= {(None, msgid1 if n == 1 else msgid2)}
        return super().ngettext(msgid1, msgid2, n)

    def pgettext(self, context: str, message: str) -> str:
        self.said.add((context, message))
        return message


@pytest.mark.parametrize("code", LANGUAGES)
def test_previews_are_as_they_were_approved(code: str) -> None:
    assert previews(words_in(LANGUAGES[code])) == (FROZEN / f"{code}.txt").read_text(encoding="utf-8")


def test_nothing_else_is_frozen() -> None:
    assert {path.stem for path in Path(FROZEN).iterdir()} == set(LANGUAGES)


def test_everything_says_every_message_in_singular_and_plural() -> None:
    recording = Recording()
    previews(Words(LANGUAGES[SOURCE], recording))
    there = [(message.context, form) for message in messages(template()) for form in forms(message.id)]
    assert len(there) > 100
    assert [each for each in there if each not in recording.said] == []


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left(code: str) -> None:
    text = previews(words_in(LANGUAGES[code])).replace(FRENCH_MAILBOX, "")
    sentences = "\n".join(line for line in text.splitlines() if not line.startswith("# "))
    assert ENGLISH.findall(sentences) == []


def test_the_words_that_are_looked_for_are_english() -> None:
    assert len(ENGLISH.findall(previews(words_in(LANGUAGES[SOURCE])))) > 300


@pytest.mark.parametrize("code", OTHERS)
def test_all_languages_have_the_same_lines(code: str) -> None:
    shapes = [
        [re.match(r" *(- |\d+\. |# .*|)", line)[0] for line in previews(words_in(LANGUAGES[each])).splitlines()]  # type: ignore[index]
        for each in (SOURCE, code)
    ]
    assert shapes[0] == shapes[1]
    assert len(shapes[0]) > 10 * len(everything())
