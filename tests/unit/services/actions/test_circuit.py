"""Circuits on a clock of the test's own."""

from random import Random

from runtime.backoff import Backoff
from runtime.clock import FakeClock
from services.actions.circuit import Circuits


class Highest(Random):
    """No jitter."""

    def random(self) -> float:
        return 1.0


def made(threshold: int = 3) -> tuple[Circuits, FakeClock]:
    clock = FakeClock()
    return Circuits(clock, Backoff(first=2.0, longest=8.0, random=Highest()), threshold), clock


def test_it_opens_after_failures_in_a_row() -> None:
    circuits, _ = made()
    for _ in range(2):
        circuits.failed("odoo", "refused")
        assert circuits.allow("odoo")
    circuits.answered("odoo")
    for _ in range(2):
        circuits.failed("odoo", "refused")
    assert not circuits.is_open("odoo")
    circuits.failed("odoo", "refused again")
    assert circuits.is_open("odoo")
    assert not circuits.allow("odoo")
    assert (circuits.reason("odoo"), circuits.wait_seconds("odoo")) == ("refused again", 2.0)


def test_while_open_one_try_is_let_through_per_pause() -> None:
    circuits, clock = made()
    circuits.trip("odoo", "away")
    clock.advance(2.0)
    assert circuits.wait_seconds("odoo") == 0
    assert [circuits.allow("odoo") for _ in range(3)] == [True, False, False]
    clock.advance(4.0)
    assert circuits.allow("odoo"), "a try that was never reported does not shut it for ever"


def test_pauses_grow_to_a_bound_and_an_answer_ends_them() -> None:
    circuits, clock = made()
    waits = []
    for _ in range(4):
        circuits.trip("odoo", "away")
        waits.append(circuits.wait_seconds("odoo"))
        clock.advance(waits[-1])
    assert waits == [2.0, 4.0, 8.0, 8.0]
    circuits.answered("odoo")
    assert circuits.allow("odoo")
    assert (circuits.reason("odoo"), circuits.wait_seconds("odoo")) == ("", 0.0)


def test_targets_do_not_know_each_other() -> None:
    circuits, _ = made(threshold=1)
    circuits.failed("mailbox:sales", "no route")
    assert circuits.is_open("mailbox:sales")
    assert circuits.allow("mailbox:support")
    assert not circuits.is_open("odoo")
