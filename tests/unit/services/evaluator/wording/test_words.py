"""Values as each language writes them: plurals, lists, dates, times, days, sizes."""

from datetime import date

import pytest

from services.evaluator.wording.languages import LANGUAGES
from services.evaluator.wording.words import Words, words_in

HOURS = ("At most once per hour.", "At most once every {number} hours.")


def words(code: str) -> Words:
    return words_in(LANGUAGES[code])


@pytest.mark.parametrize(
    ("code", "number", "said"),
    [
        ("en", 1, "At most once per hour."),
        ("de", 2, "Höchstens einmal alle 2 Stunden."),
        ("fr", 1, "Au plus une fois par heure."),
        ("fr", 2, "Au plus une fois toutes les 2 heures."),
        ("tr", 5, "Her 5 saatte en çok bir kez."),
        ("pl", 1, "Najwyżej raz na godzinę."),
        ("pl", 4, "Najwyżej raz na 4 godziny."),
        ("pl", 5, "Najwyżej raz na 5 godzin."),
        ("pl", 12, "Najwyżej raz na 12 godzin."),
        ("pl", 22, "Najwyżej raz na 22 godziny."),
        ("pl", 112, "Najwyżej raz na 112 godzin."),
        ("pl", 1234, "Najwyżej raz na 1\xa0234 godziny."),
        ("de", 12345, "Höchstens einmal alle 12.345 Stunden."),
    ],
)
def test_the_number_chooses_the_form(code: str, number: int, said: str) -> None:
    assert words(code).ngettext(*HOURS, number) == said


@pytest.mark.parametrize(
    ("code", "both", "one_of"),
    [
        ("en", "“a”, “b” and “c”", "“a”, “b” or “c”"),
        ("de", "„a“, „b“ und „c“", "„a“, „b“ oder „c“"),
        ("es", "«a», «b» y «c»", "«a», «b» o «c»"),
        ("fr", "«\xa0a\xa0», «\xa0b\xa0» et «\xa0c\xa0»", "«\xa0a\xa0», «\xa0b\xa0» ou «\xa0c\xa0»"),
        ("nl", "“a”, “b” en “c”", "“a”, “b” of “c”"),
        ("pt", "“a”, “b” e “c”", "“a”, “b” ou “c”"),
        ("tr", "“a”, “b” ve “c”", "“a”, “b” veya “c”"),
        ("pl", "„a”, „b” i „c”", "„a”, „b” lub „c”"),
    ],
)
def test_lists_and_quotation_marks(code: str, both: str, one_of: str) -> None:
    assert words(code).all_of("abc") == both
    assert words(code).any_of("abc") == one_of
    assert words(code).any_of("a") == words(code).all_of("a") == words(code).quoted("a")


@pytest.mark.parametrize(
    ("code", "first", "last", "time", "monday"),
    [
        ("en", "1 May 2026", "31 May 2026", "09:00", "Monday"),
        ("de", "1. Mai 2026", "31. Mai 2026", "09:00", "Montag"),
        ("es", "1 de mayo de 2026", "31 de mayo de 2026", "9:00", "lunes"),
        ("fr", "1er mai 2026", "31 mai 2026", "09:00", "lundi"),
        ("nl", "1 mei 2026", "31 mei 2026", "09:00", "maandag"),
        ("pt", "1º de maio de 2026", "31 de maio de 2026", "09:00", "segunda-feira"),
        ("tr", "1 Mayıs 2026", "31 Mayıs 2026", "09:00", "Pazartesi"),  # noqa: RUF001
        ("pl", "1 maja 2026", "31 maja 2026", "09:00", "poniedziałek"),
    ],
)
def test_days_and_times(code: str, first: str, last: str, time: str, monday: str) -> None:
    found = words(code)
    assert (found.date(date(2026, 5, 1)), found.date(date(2026, 5, 31))) == (first, last)
    assert (found.time("09:00"), found.weekday(0)) == (time, monday)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1 kB"),
        (1_001, "1,001 bytes"),
        (2_500_000, "2.5 MB"),
        (2_550_000, "2,550 kB"),
        (5_242_880, "5,242,880 bytes"),
        (3_000_000_000, "3,000 MB"),
    ],
)
def test_a_size_is_never_rounded(count: int, said: str) -> None:
    assert words("en").size(count) == said


def test_a_value_is_shown_as_it_is_and_never_read_for_places() -> None:
    assert words("pl").any_of(["{value}", "{0}", "%s"]) == "„{value}”, „{0}” lub „%s”"
    assert words("de").gettext("Move the mail to the folder {folder}.", folder="{folder}") == (
        "Die E-Mail in den Ordner {folder} verschieben."
    )


def test_a_value_can_neither_break_its_line_nor_steer_a_terminal() -> None:
    assert words("en").quoted("a\nb\x1b[31m\u202ec\x85") == r"“a\nb\x1b[31m\u202ec\x85”"
    assert words("en").quoted("Zażółć\xa0👩\u200d💻") == "“Zażółć\xa0👩\u200d💻”"


def test_a_long_text_is_cut_and_on_one_line() -> None:
    assert words("en").excerpt("a\n\n b\tc") == "“a b c”"
    assert len(words("en").excerpt("x" * 20_000)) == 202
