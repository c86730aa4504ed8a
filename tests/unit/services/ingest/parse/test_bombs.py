"""Hostile mails through everything up to the encoded event: a second of the processor each, and an event."""

import pytest

from services.ingest.parse.careful import parse_carefully
from services.ingest.parse.fast import parse_fast
from tests.unit.services.ingest.parse.bombs import bombs
from tests.unit.services.ingest.parse.whole import read_whole

MB = 1024 * 1024
BOMBS = bombs(MB)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_like_any_mail(name: str) -> None:
    event = read_whole(BOMBS[name])
    assert event.content.size == len(BOMBS[name])


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_bombs_of_10_mb() -> None:
    large = bombs(10 * MB)
    assert {read_whole(raw).content.size == len(raw) for raw in large.values()} == {True}


def test_those_that_are_read_fast_have_the_same_facts() -> None:
    small = bombs(MB // 20)
    fast = {name: found for name, raw in small.items() if (found := parse_fast(raw)) is not None}
    assert {name for name, found in fast.items() if found != parse_carefully(small[name])} == set()
    assert len(fast) > 5
