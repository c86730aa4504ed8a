"""Some records at once, step by step: a step that is repeated finds its code and its data in the processor's caches.

Decoding one event drives out what evaluating needs, and the other way round; taken in turns each takes half as long
again.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from runtime.kafka import Received

TOGETHER = 32
"""Records: more gain little, and all of them must stay in the cache between two steps."""
TOGETHER_BYTES = 128 * 1024
"""Of values; a larger record is handled alone."""


def together(given: Iterable[Any], *steps: Callable[[Any], Any]) -> list[Any]:
    """What the steps make of each, in order. Raises what a step raises, for whichever of them."""
    values = list(given)
    for step in steps:
        values = list(map(step, values))
    return values


def portions(records: Iterable[Received]) -> Iterator[list[Received]]:
    """The records in order, in portions to be handled together."""
    portion: list[Received] = []
    size = 0
    for record in records:
        length = len(record.value or b"")
        if portion and (len(portion) == TOGETHER or size + length > TOGETHER_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(record)
        size += length
    if portion:
        yield portion
