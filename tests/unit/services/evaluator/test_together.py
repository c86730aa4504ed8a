"""Records that are handled together: in order, few enough to stay in a cache, and none of them lost."""

from hypothesis import given
from hypothesis import strategies as st

from runtime.kafka import Received
from services.evaluator.together import TOGETHER, TOGETHER_BYTES, portions, together


def records(sizes: list[int | None]) -> list[Received]:
    return [
        Received("mail-arrived", 0, offset, b"", None if size is None else bytes(size), (), 0)
        for offset, size in enumerate(sizes)
    ]


@given(st.lists(st.none() | st.sampled_from([0, 1_000, TOGETHER_BYTES // 4, TOGETHER_BYTES, 3 * TOGETHER_BYTES])))
def test_portions_hold_all_records_in_order_and_are_bounded(sizes: list[int | None]) -> None:
    given_ = records(sizes)
    found = list(portions(given_))
    assert [each for portion in found for each in portion] == given_
    for portion in found:
        assert 1 <= len(portion) <= TOGETHER
        assert len(portion) == 1 or sum(len(each.value or b"") for each in portion) <= TOGETHER_BYTES


def test_small_records_fill_a_portion() -> None:
    assert [len(portion) for portion in portions(records([1] * (2 * TOGETHER + 3)))] == [TOGETHER, TOGETHER, 3]


def test_each_step_is_done_with_all_before_the_next() -> None:
    done: list[str] = []

    def step(name: str, value: int) -> int:
        done.append(f"{name}{value}")
        return value + 10

    assert together([1, 2], lambda value: step("a", value), lambda value: step("b", value)) == [21, 22]
    assert done == ["a1", "a2", "b11", "b12"]
