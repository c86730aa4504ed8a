"""How far the reading of much mail is, as the log and the status tell it."""

import logging

import pytest

from connectors.mailbox.port import Batch, Position, Unreadable
from runtime.clock import FakeClock
from services.ingest.model import Feed
from services.ingest.progress import Progress

FEED = Feed("info", "imap", "INBOX", "incoming")


class Board:
    def __init__(self) -> None:
        self.told: dict[str, int | str] | None = None

    def progress(self, mailbox: str, told: dict[str, int | str] | None) -> None:
        assert mailbox == "info"
        self.told = told


def batch(count: int, ahead: int | None) -> Batch:
    return Batch(tuple(Unreadable(Position("INBOX", "1", str(n)), "u", "r") for n in range(count)), "c", ahead)


def test_it_tells_how_much_is_read_of_how_much_how_fast_and_how_long_it_takes() -> None:
    board, clock = Board(), FakeClock()
    progress = Progress(board, clock)
    progress.handled(FEED, batch(50, 950))
    clock.advance(2)
    progress.handled(FEED, batch(50, 900))
    assert board.told == {"folder": "INBOX", "read": 100, "of": 1000, "per_second": 25, "seconds_left": 36}
    clock.advance(2)
    progress.handled(FEED, batch(40, 850))
    assert board.told == {"folder": "INBOX", "read": 150, "of": 1000, "per_second": 25, "seconds_left": 34}


def test_nothing_is_told_of_little_mail_or_of_a_source_that_does_not_know(caplog: pytest.LogCaptureFixture) -> None:
    board, clock = Board(), FakeClock()
    progress = Progress(board, clock)
    with caplog.at_level(logging.INFO):
        for ahead in (100, 50, 0, 0, None):
            clock.advance(60)
            progress.handled(FEED, batch(50, ahead))
    assert board.told is None
    assert not caplog.records


def test_the_log_has_a_line_in_ten_seconds_and_one_at_the_end(caplog: pytest.LogCaptureFixture) -> None:
    board, clock = Board(), FakeClock()
    progress = Progress(board, clock)
    with caplog.at_level(logging.INFO):
        for ahead in range(1950, -1, -50):
            progress.handled(FEED, batch(50, ahead))
            clock.advance(1)
    assert [(record.__dict__["read"], record.__dict__["of"]) for record in caplog.records] == [
        (550, 2000),
        (1050, 2000),
        (1550, 2000),
        (2000, 2000),
    ]
    assert board.told is None


def test_a_look_that_begins_anew_counts_anew() -> None:
    board, clock = Board(), FakeClock()
    progress = Progress(board, clock)
    for ahead in (5000, 4950, 7000, 6950):
        clock.advance(1)
        progress.handled(FEED, batch(50, ahead))
    assert board.told is not None
    assert (board.told["read"], board.told["of"], board.told["per_second"]) == (100, 7050, 50)
    clock.advance(3600)
    progress.handled(FEED, batch(50, 2000))
    progress.handled(FEED, batch(50, 1950))
    assert (board.told["read"], board.told["of"]) == (100, 2050), "another process read on meanwhile"
