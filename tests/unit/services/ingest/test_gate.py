from random import Random

from runtime.backoff import Backoff
from runtime.clock import FakeClock
from services.ingest.gate import Gate


def gate(clock: FakeClock) -> Gate:
    return Gate(clock, Backoff(first=4.0, longest=32.0, random=Random(1)))


def test_it_is_open_until_a_try_fails() -> None:
    clock = FakeClock()
    one = gate(clock)
    assert all(one.allow() for _ in range(10))
    one.failed()
    assert one.closed
    assert not one.allow()


def test_one_try_each_time_that_the_pause_is_over() -> None:
    clock = FakeClock()
    one = gate(clock)
    one.failed()
    clock.advance(4.1)
    assert [one.allow() for _ in range(3)] == [True, False, False]
    one.answered()
    assert [one.allow() for _ in range(3)] == [True, True, True]


def test_pauses_grow_to_a_bound() -> None:
    clock = FakeClock()
    one = gate(clock)
    tries = 0
    for _ in range(600):
        if one.allow():
            tries += 1
            one.failed()
        clock.advance(1.0)
    assert 600 / 32 <= tries <= 600 / 16 + 5
