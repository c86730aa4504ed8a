"""Dividing commands among batches that are under way at the same time."""

from collections.abc import Mapping, Sequence
from uuid import UUID


def streams(ids: Sequence[UUID], conversations: Mapping[UUID, UUID], count: int) -> list[list[UUID]]:
    """At most `count` streams of about the same length, none of them empty, each in the order of `ids`.

    A conversation stays in one stream: its commands would only get in each other's way in two.
    """
    found: list[list[UUID]] = [[] for _ in range(count)]
    homes: dict[UUID, list[UUID]] = {}
    for ident in ids:
        conversation = conversations[ident]
        if conversation not in homes:
            homes[conversation] = min(found, key=len)
        homes[conversation].append(ident)
    return [stream for stream in found if stream]
