"""Medians, percentiles and the order of rounds."""

from collections.abc import Awaitable, Callable

import pytest

from bench.harness import Result, alternating, alternating_awaited, percentile


def test_a_ratio_is_value_over_limit() -> None:
    assert Result("a", "MB", 60, "aim", 120).ratio == 0.5
    assert Result("a", "MB", 60, "none", 0).ratio == 0.0


def test_rounds_alternate_their_order_and_the_first_is_not_counted() -> None:
    taken: list[str] = []
    values = {"a": iter([100.0, 3.0, 1.0, 2.0]), "b": iter([100.0, 30.0, 10.0, 20.0])}

    def measure(name: str) -> Callable[[], float]:
        def take() -> float:
            taken.append(name)
            return next(values[name])

        return take

    assert alternating(3, {"a": measure("a"), "b": measure("b")}) == {"a": 2.0, "b": 20.0}
    assert "".join(taken) == "baabbaab"


async def test_measures_that_are_awaited_take_turns_as_well() -> None:
    taken: list[str] = []
    values = {"a": iter([100.0, 3.0, 1.0, 2.0]), "b": iter([100.0, 30.0, 10.0, 20.0])}

    def measure(name: str) -> Callable[[], Awaitable[float]]:
        async def take() -> float:
            taken.append(name)
            return next(values[name])

        return take

    assert await alternating_awaited(3, {"a": measure("a"), "b": measure("b")}) == {"a": 2.0, "b": 20.0}
    assert "".join(taken) == "baabbaab"


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.01, 1.0), (0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0)]
)
def test_percentiles_are_values_that_occurred(share: float, expected: float) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], share) == expected


def test_a_percentile_needs_values() -> None:
    assert percentile([7.0], 0.99) == 7.0
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)
