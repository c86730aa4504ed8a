"""Windows of one minute, kept for a quarter of an hour: in a Faust table, or in memory for brokers without tables."""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Protocol

import faust

from services.audit.live_counts import MINUTE, Counts, Group, added

MOST_GROUPS = 20_000
"""Groups times minutes that are held at most; what is beyond is not counted live."""

Minute = tuple[Group, float]
"""A group and the begin of its minute, in seconds since the epoch."""


class Windows(Protocol):
    """Adds up, by group and minute."""

    def add(self, group: Group, minute: float, counts: Counts) -> None:
        """More of a group's minute."""

    def items(self, since: float) -> Iterator[tuple[Minute, Counts]]:
        """What is held of the minutes that began then or later; what is older is forgotten."""


class LiveTable(faust.Table[Any, Any]):
    """A table whose keys say which partition of the results they are of: its changelog has the same partitions, so
    that who gets a partition gets its counts with it.
    """

    logger = logging.getLogger("faust.tables")

    def partition_for_key(self, key: Any) -> int:
        """Of the windowed key ((partition, …), (begin, end))."""
        return int(key[0][0])


class TableWindows:
    """In a windowed Faust table, which a restart or another process finds again in its changelog."""

    def __init__(self, table: Any, owned: Callable[[], Collection[int]]) -> None:
        self._table = table
        self._owned = owned

    def add(self, group: Group, minute: float, counts: Counts) -> None:
        """See Windows."""
        key = (tuple(group), (minute, minute + MINUTE - 0.1))  # as Faust names a tumbling window
        if key in self._table.data or len(self._table.data) < MOST_GROUPS:
            self._table[key] = added(self._table.data.get(key, ()), counts)

    def items(self, since: float) -> Iterator[tuple[Minute, Counts]]:
        """See Windows. Faust forgets only the windows that it has seen filled, not those that it has recovered."""
        owned = self._owned()
        for key, counts in list(self._table.data.items()):
            group, (begin, _) = Group(*key[0]), key[1]
            if begin < since:
                self._table.data.pop(key, None)
            elif group.partition in owned:
                yield (group, float(begin)), counts


class MemoryWindows:
    """In memory: a restart begins anew."""

    def __init__(self) -> None:
        self._held: dict[Minute, Counts] = {}

    def add(self, group: Group, minute: float, counts: Counts) -> None:
        """See Windows."""
        if (group, minute) in self._held or len(self._held) < MOST_GROUPS:
            self._held[group, minute] = added(self._held.get((group, minute), ()), counts)

    def items(self, since: float) -> Iterator[tuple[Minute, Counts]]:
        """See Windows."""
        self._held = {key: counts for key, counts in self._held.items() if key[1] >= since}
        yield from list(self._held.items())


def collected(found: Sequence[tuple[Minute, Counts]]) -> dict[Minute, Counts]:
    """Those of a batch, one a group and minute."""
    sums: dict[Minute, Counts] = {}
    for key, counts in found:
        sums[key] = added(sums.get(key, ()), counts)
    return sums
