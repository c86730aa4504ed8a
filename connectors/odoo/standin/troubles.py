"""Faults that a test orders from the stand-in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Trouble(StrEnum):
    """What happens to a call instead of its answer."""

    HTTP_500 = "http-500"
    HTTP_503 = "http-503"
    DROP_BEFORE = "drop-before-commit"
    DROP_AFTER = "drop-after-commit"
    SERIALIZATION = "serialization-failure"
    LOAD_RACE = "load-loses-a-race"


@dataclass(slots=True)
class _Order:
    trouble: Trouble
    times: int
    method: str
    before: Callable[[], object] | None


@dataclass(slots=True)
class Troubles:
    """`delay` in seconds before every answer (after the commit when `late`), and orders that are used up."""

    delay: float = 0.0
    late: bool = False
    _orders: list[_Order] = field(default_factory=list)

    def fail_next(
        self, trouble: Trouble, *, method: str = "", times: int = 1, before: Callable[[], object] | None = None
    ) -> None:
        """Fail the next calls, of one method when given ("load", "authenticate"); `before` runs just before it."""
        self._orders.append(_Order(trouble, times, method, before))

    def take(self, method: str) -> Trouble | None:
        """The trouble of this call, if one is ordered."""
        for order in self._orders:
            if order.method in ("", method):
                order.times -= 1
                if order.times <= 0:
                    self._orders.remove(order)
                if order.before is not None:
                    order.before()
                return order.trouble
        return None
