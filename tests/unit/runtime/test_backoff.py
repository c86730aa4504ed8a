"""Waits grow, stay bounded and differ."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.backoff import Backoff


@given(failures=st.integers(1, 10_000), seed=st.integers())
def test_every_wait_is_between_half_and_all_of_its_ceiling(failures: int, seed: int) -> None:
    backoff = Backoff(first=0.5, longest=60, random=Random(seed))
    ceiling = min(60, 0.5 * 2 ** min(failures - 1, 10))
    assert ceiling / 2 <= backoff.delay(failures) <= ceiling


def test_it_grows_until_the_longest() -> None:
    backoff = Backoff(first=1, longest=10, random=Random(1))
    waits = [backoff.delay(n) for n in (1, 3, 5, 7)]
    assert waits[0] <= 1
    assert waits[1] >= 2
    assert min(waits[2:]) >= 5
    assert max(waits) <= 10


def test_two_processes_do_not_come_back_together() -> None:
    assert Backoff(random=Random(1)).delay(5) != Backoff(random=Random(2)).delay(5)


@pytest.mark.parametrize("failures", [1, 2, 31, 10_000])
def test_the_same_seed_waits_alike(failures: int) -> None:
    assert Backoff(random=Random(7)).delay(failures) == Backoff(random=Random(7)).delay(failures)
