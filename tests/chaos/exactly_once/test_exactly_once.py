"""Every effect at every point of `points.py`: one effect, one final result, and a kill that really happened there."""

import pytest

from schemas.action import ACTION_TYPES
from tests.chaos.exactly_once.conftest import Ahead
from tests.chaos.exactly_once.effects import ROWS
from tests.chaos.exactly_once.points import WHERE, Point


def _combinations() -> list[object]:
    return [
        pytest.param(
            name,
            point,
            id=f"{name}-{point}",
            marks=[pytest.mark.skip(reason=f"no such point: {row.impossible[point]}")]
            if point in row.impossible
            else [],
        )
        for name, row in ROWS.items()
        for point in Point
    ]


def test_every_action_type_has_a_row_and_every_point_a_place() -> None:
    assert {row.type for row in ROWS.values()} == set(ACTION_TYPES)
    assert list(WHERE) == list(Point)


@pytest.mark.parametrize(("row", "point"), _combinations())
def test_exactly_once(ahead: Ahead, row: str, point: Point) -> None:
    ahead.wait_for((row, point))
