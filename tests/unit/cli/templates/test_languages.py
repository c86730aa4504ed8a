"""Templates in eight languages: every text has its translation, and no English is left in the others."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from cli.generate.catalogues import TEMPLATES, template
from cli.generate.repository import ROOT
from cli.rule_files import load_rule_file
from cli.templates.file_text import file_text
from cli.templates.given import Given, given
from cli.templates.library import templates
from cli.templates.making import make
from cli.templates.messages import template_messages
from cli.templates.showing import examples, shown
from cli.templates.values import checked
from cli.templates.wording import say_in
from services.evaluator.wording.languages import LANGUAGES, SOURCE, Language
from tests.unit.cli.templates.making_rules import NEEDED

OTHERS = [each for each in LANGUAGES.values() if each.code != SOURCE]
PLACES = re.compile(r"\{[a-z_]+\}|\$[a-z_]+")
SAME = {"Re: {subject}", "{sender_name}: {subject}"}
"""What is the same in some other language too, for its words are none."""
COGNATES = {
    "de": {"Parameters:", "text"},
    "es": set[str](),
    "fr": {"Absence", "date", "urgent"},
    "nl": {"Parameters:", "text"},
    "pt": set[str](),
    "tr": set[str](),
    "pl": {"tag"},
}


def catalogue(language: Language) -> Catalog:
    return read_po(BytesIO((ROOT / TEMPLATES.catalogue(language.code)).read_bytes()), locale=language.code)


def test_the_languages_are_eight() -> None:
    assert sorted(LANGUAGES) == ["de", "en", "es", "fr", "nl", "pl", "pt", "tr"]


@pytest.mark.parametrize("language", OTHERS, ids=lambda each: each.code)
def test_every_text_is_translated_and_keeps_its_places(language: Language) -> None:
    found = {str(each.id): str(each.string) for each in catalogue(language) if each.id}
    wanted = {str(each.id) for each in template(ROOT, TEMPLATES) if each.id}
    assert {text for _, text in template_messages()} < wanted
    assert set(found) == wanted
    for text, translated in found.items():
        assert translated.strip(), text
        assert sorted(PLACES.findall(translated)) == sorted(PLACES.findall(text)), text
        assert translated.count("\n") == text.count("\n"), text
        if text not in SAME | COGNATES[language.code]:
            assert translated != text


@pytest.mark.parametrize("language", OTHERS, ids=lambda each: each.code)
@pytest.mark.parametrize("name", list(NEEDED))
def test_show_speaks_the_language_and_no_english(language: Language, name: str) -> None:
    def lines(spoken: Language) -> list[str]:
        return list(shown(templates()[name], given(templates()[name], (), None), spoken))

    english, other = lines(LANGUAGES[SOURCE]), lines(language)
    heading = other.index(say_in(language)("What its rules do, in sentences:"))
    assert len(other) - heading > 8
    same = {line.strip() for line in other if re.search(r"[a-z]{3,} [a-z]{3,}", line)} & {
        line.strip() for line in english
    }
    assert {line for line in same if not line.startswith("#")} <= {"mon, tue, wed, thu, fri"}
    said = "\n".join(other)
    for sentence in (text for _, text in template_messages() if " " in text.strip() and text not in SAME):
        if sentence not in COGNATES[language.code] and len(sentence) > 12:
            assert sentence not in said


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda each: each.code)
@pytest.mark.parametrize("name", list(NEEDED))
def test_the_rules_of_each_language_are_valid_and_differ_in_texts_only(
    tmp_path: Path, language: Language, name: str
) -> None:
    say, found = say_in(language), templates()[name]
    values = checked(found, Given(examples(found, say)), say)
    made = make(found, values, "support", "mine", say(found.title))
    path = tmp_path / "made.yaml"
    path.write_text(file_text(made, say), encoding="utf-8")
    (rule,) = load_rule_file(path).rules
    assert (rule, rule.enabled, rule.name) == (made.rules[0], False, say(found.title))
