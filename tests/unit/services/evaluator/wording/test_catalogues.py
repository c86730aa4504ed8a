"""Every catalogue is whole: each message translated, in all its forms, with the same places."""

import re
import tomllib
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from services.evaluator.wording.catalogue import FOLDER
from services.evaluator.wording.languages import LANGUAGES
from tests.unit.services.evaluator.wording.reading import OTHERS, catalogue_of, forms, messages, template

PLACE = re.compile(r"\{(\w*)\}")
SAME = {
    ("clauses side by side", "{first}; {rest}"): {"de", "es", "nl", "pt", "tr", "pl"},
    ("first day of a month", "1"): {"de", "es", "nl", "tr", "pl"},
    ("quotation marks", "“{value}”"): {"nl", "pt", "tr"},
    ("recipient field", "Cc"): {"de", "es", "fr", "nl", "pt"},
    (None, "{number} byte"): {"es", "nl", "pt"},
}
"""Which messages may be the English ones, and where."""


@pytest.fixture(scope="module")
def source() -> Catalog:
    return template()


@pytest.fixture(params=OTHERS)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return catalogue_of(request.param)


def problems(catalog: Catalog) -> list[str]:
    """Every entry that is not whole, with what is wrong."""
    return [f"{message.id}: {wrong}" for message in messages(catalog) for wrong in wrongs(message, catalog)]


def wrongs(message: Message, catalog: Catalog) -> list[str]:
    originals, found = forms(message.id), forms(message.string)
    expected = catalog.num_plurals if message.pluralizable else 1
    if len(found) != expected or not all(found):
        return ["not translated, or not in every form"]
    key = (message.context, originals[0])
    pairs = [(form, originals[min(number, len(originals) - 1)]) for number, form in enumerate(found)]
    equal = set(found) & set(originals) and str(catalog.locale) not in SAME.get(key, set())
    checks = {
        "fuzzy": message.fuzzy,
        "the same as in English": equal,
        "other places": any(places(form) != places(original) for form, original in pairs),
        "white space at an end": any(form != form.strip() for form in found),
        "another end": any(original[-1] in ".:" and form[-1] != original[-1] for form, original in pairs),
    }
    return [wrong for wrong, is_so in checks.items() if is_so]


def places(text: str) -> list[str]:
    return sorted(PLACE.findall(text))


def test_every_message_is_translated(catalogue: Catalog) -> None:
    assert problems(catalogue) == []


def test_a_catalogue_has_the_messages_of_the_code_and_no_others(catalogue: Catalog, source: Catalog) -> None:
    assert [(m.context, m.id) for m in messages(catalogue)] == [(m.context, m.id) for m in messages(source)]
    assert not catalogue.obsolete


def test_a_catalogue_counts_as_its_language_does(catalogue: Catalog) -> None:
    assert f"{catalogue.plural_forms};".replace(";;", ";") == LANGUAGES[str(catalogue.locale)].plurals


def test_catalogues_are_in_the_package() -> None:
    configuration = tomllib.loads((Path(__file__).parents[5] / "pyproject.toml").read_text(encoding="utf-8"))
    assert f"{FOLDER}/*.po" in configuration["tool"]["setuptools"]["package-data"]["services.evaluator.wording"]


def test_what_is_allowed_to_be_english_is_so() -> None:
    for (context, text), codes in SAME.items():
        for code in codes:
            message = catalogue_of(code).get(text, context)
            assert message is not None
            assert text in forms(message.string), (code, text)


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ('msgid "Star the mail."\nmsgstr ""', "not translated, or not in every form"),
        ('msgid "Star the mail."\nmsgstr "Star the mail."', "the same as in English"),
        ('#, fuzzy\nmsgid "Star the mail."\nmsgstr "Stern."', "fuzzy"),
        ('msgid "Star the mail."\nmsgstr "Stern"', "another end"),
        ('msgid "Star the mail."\nmsgstr " Stern."', "white space at an end"),
        ('msgid "to {folder}"\nmsgstr "nach {ordner}"', "other places"),
        (
            'msgid "{number} day"\nmsgid_plural "{number} days"\nmsgstr[0] "Tag"\nmsgstr[1] "{number} Tage"',
            "other places",
        ),
        (
            'msgid "a day"\nmsgid_plural "{number} days"\nmsgstr[0] "ein Tag"\nmsgstr[1] ""',
            "not translated, or not in every form",
        ),
    ],
)
def test_an_entry_that_is_not_whole_is_found(entry: str, wrong: str) -> None:
    header = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    (found,) = problems(read_po(BytesIO(f"{header}{entry}\n".encode()), locale="de"))
    assert found.endswith(f": {wrong}")
