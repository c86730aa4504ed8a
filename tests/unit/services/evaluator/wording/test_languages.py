"""Which language is meant, and what is said of one that there is not."""

import pytest

from runtime.errors import InvalidInputError
from services.evaluator.wording.languages import LANGUAGES, language_named, language_of


@pytest.mark.parametrize(
    ("name", "code"),
    [("de", "de"), ("DE", "de"), ("pt-BR", "pt"), ("nl_BE", "nl"), ("pl_PL.UTF-8", "pl"), ("en", "en")],
)
def test_a_language_is_named_with_or_without_its_region(name: str, code: str) -> None:
    assert language_named(name).code == code


@pytest.mark.parametrize("name", ["", "it", "deutsch", "d", "C", "../de", "x" * 5000])
def test_an_unknown_language_names_the_eight(name: str) -> None:
    with pytest.raises(InvalidInputError, match=r"known: en, de, es, fr, nl, pt, tr, pl$") as caught:
        language_named(name)
    assert len(caught.value.text) < 150


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "tr_TR.UTF-8"}, "tr"),
        ({"LANG": "tr_TR.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "tr_TR.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8", "LC_ALL": "es_MX"}, "es"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": ""}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "it_IT.UTF-8"}, "en"),
        ({"LANG": "sr@latin"}, "en"),
        ({"LANG": "de@euro"}, "de"),
    ],
)
def test_the_environment_chooses_as_posix_says(environment: dict[str, str], code: str) -> None:
    assert language_of(environment) is LANGUAGES[code]
