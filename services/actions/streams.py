"""Dividing commands among batches that are under way at the same time."""

from collections.abc import Mapping, Sequence
from uuid import UUID


def streams(ids: Sequence[UUID], conversations: Mapping[UUID, UUID], count: int, batch: int = 1) -> list[list[UUID]]:
    """At most `count` streams of about the same length, none of them empty, each in the order of `ids`.

    They grow by whole batches, so that few of the calls that come of them are small.

    A conversation stays in one stream: its commands would only get in each other's way in two.
    """
    found: list[list[UUID]] = [[] for _ in range(count)]
    homes: dict[UUID, list[UUID]] = {}
    growing = found[0]
    for ident in ids:
        if len(growing) % batch == 0:
            growing = min(found, key=len)
        homes.setdefault(conversations[ident], growing).append(ident)
    return [stream for stream in found if stream]
