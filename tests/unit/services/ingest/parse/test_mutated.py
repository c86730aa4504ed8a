"""Mails damaged by chance: none crashes ingest or holds it up, and both ways of reading agree on every one."""

import time

import pytest

from services.ingest.parse.careful import parse_carefully
from services.ingest.parse.fast import parse_fast
from tests.unit.services.ingest.parse.corpus import of_python, ours
from tests.unit.services.ingest.parse.mutations import Mutations
from tests.unit.services.ingest.parse.whole import read_whole

SEED = 20261121
FEW = 5_000
MANY = 200_000


def check(first: int, count: int) -> tuple[int, float]:
    """How many were read fast, and the longest time that one took in all."""
    mutations = Mutations(SEED, {**ours(), **of_python()})
    fast, longest = 0, 0.0
    for number in range(first, first + count):
        raw = mutations.mail(number)
        began = time.thread_time()
        try:
            read_whole(raw)
            if (found := parse_fast(raw)) is not None:
                fast += 1
                assert found == parse_carefully(raw)
        except Exception as error:
            raise AssertionError(mutations.named(number)) from error
        longest = max(longest, time.thread_time() - began)
    return fast, longest


def test_mutated_mail() -> None:
    fast, _ = check(0, FEW)
    assert fast > FEW // 50


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_200_000_mutated_mails() -> None:
    began = time.process_time()
    fast, longest = check(FEW, MANY)
    spent = time.process_time() - began
    found = f"{fast} read fast, longest {longest * 1000:.0f} ms, {spent:.0f} s in all"
    print(f"{MANY} mutated mails of seed {SEED}: {found}")  # noqa: T201 - a figure that is asked for
    assert fast > MANY // 50


def test_the_same_seed_gives_the_same_mail() -> None:
    one, again, other = Mutations(1, ours()), Mutations(1, ours()), Mutations(2, ours())
    assert [one.mail(n) for n in range(50)] == [again.mail(n) for n in range(50)]
    assert [one.named(n) for n in range(50)] != [other.named(n) for n in range(50)]
    assert one.named(7).startswith("seed 1, mail 7, SHA-256 ")
