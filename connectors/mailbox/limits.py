"""How much of a mailbox is in memory at once, and how long its server may stay silent."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Bounds of one batch. A message above `batch_bytes` travels alone; one above `max_size` is cut to it."""

    max_size: int = 100 * 1024 * 1024
    """bytes"""
    batch_messages: int = 50
    batch_bytes: int = 8 * 1024 * 1024
    """bytes"""

    def cut(self, size: int) -> int:
        """Bytes that are read of a message of `size` bytes."""
        return min(size, self.max_size)

    def groups(self, items: Iterable[T], size: Callable[[T], int]) -> Iterator[list[T]]:
        """Split `items`, in order, into groups that keep both bounds; `size` gives an item's bytes."""
        group: list[T] = []
        total = 0
        for item in items:
            length = self.cut(size(item))
            if group and (len(group) >= self.batch_messages or total + length > self.batch_bytes):
                yield group
                group, total = [], 0
            group.append(item)
            total += length
        if group:
            yield group


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to open a connection, and for the server's next bytes once it is open."""

    connect: float = 10.0
    read: float = 60.0
