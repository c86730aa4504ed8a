"""No message is lost, whatever appears late, as long as no transaction of Odoo outlives half of the overlap."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mailbox.odoo_window import CLOCKS_DIFFER, Row, Window, moment

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONGEST = 120
OVERLAP = timedelta(seconds=2 * LONGEST)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def window(cursor: str | None = None, now: datetime = START) -> Window:
    return Window.resume(cursor, "desk", OVERLAP, now)


def test_only_what_is_old_enough_is_left_behind() -> None:
    found = window()
    for number, seconds in ((7, 0), (8, 10), (9, 200)):
        found.pass_by(Row(number, at(seconds)))
    assert found.settled == 0
    found.pass_by(Row(10, at(245)))
    assert found.cursor == "7@desk"
    found.pass_by(Row(11, at(250)))
    assert found.cursor == "8@desk"


def test_a_message_with_an_old_date_between_new_ones_proves_nothing() -> None:
    found = window()
    found.pass_by(Row(7, at(1_000)))
    found.pass_by(Row(8, at(0)))
    assert found.settled == 0


def test_where_nothing_new_comes_the_window_empties_at_last() -> None:
    late = at(0) + CLOCKS_DIFFER + OVERLAP
    for now, settled in ((late - timedelta(seconds=1), 0), (late, 7)):
        found = window(now=now)
        found.pass_by(Row(7, at(0)))
        assert found.settled == settled


@pytest.mark.parametrize("cursor", [None, "", "7@other", "1:2", "x@desk", "-1@desk", "7", "9" * 30 + "@desk"])
def test_a_cursor_of_another_database_or_kind_starts_from_the_beginning(cursor: str | None) -> None:
    assert window(cursor).settled == 0


def test_a_database_of_any_name_is_known_again() -> None:
    for name in ("desk", "a b/c", "Büro", "x@y"):
        cursor = Window(name, 5, OVERLAP, START).cursor
        assert Window.resume(cursor, name, OVERLAP, START).settled == 5


def test_moments() -> None:
    assert moment("2026-03-01 12:00:00.123456") == START
    assert [moment(text) for text in (False, "", "now", "2026-13-01 00:00:00")] == [None] * 4


TRANSACTION = st.tuples(st.integers(0, 900), st.integers(0, LONGEST), st.integers(0, LONGEST))
"""When it begins, how long after that it inserts its message, and how long after that it commits, in seconds."""


@settings(deadline=None)
@given(
    transactions=st.lists(TRANSACTION, max_size=30),
    looks=st.lists(st.integers(0, 1_500), max_size=15),
    skew=st.integers(-3_000, 3_000),
)
def test_every_message_is_seen_though_others_with_higher_ids_were_seen_before(
    transactions: list[tuple[int, int, int]], looks: list[int], skew: int
) -> None:
    # A transaction as a whole lasts at most LONGEST.
    inserted = sorted(
        (begin + min(into, LONGEST), begin, min(into + rest, LONGEST)) for begin, into, rest in transactions
    )
    messages = [(number, begin, begin + lasts) for number, (_, begin, lasts) in enumerate(inserted, 1)]
    cursor, seen = None, set[int]()
    for now in [*sorted(looks), 5_000]:
        found = window(cursor, at(now + skew))
        for number, begin, committed in messages:
            if number > found.settled and committed <= now:
                seen.add(number)
                found.pass_by(Row(number, at(begin)))
        cursor = found.cursor
    assert seen == {number for number, _, _ in messages}
