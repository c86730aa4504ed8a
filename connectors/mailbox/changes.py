"""What can be changed about messages, as values: the same change of many messages is one command."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TagChange:
    """Tags to set and to clear."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StarChange:
    """\\Flagged, set or cleared."""

    starred: bool


@dataclass(frozen=True, slots=True)
class SeenChange:
    """\\Seen, set or cleared."""

    seen: bool


@dataclass(frozen=True, slots=True)
class Move:
    """Into an existing folder."""

    folder: str


Change = TagChange | StarChange | SeenChange | Move


@dataclass(frozen=True, slots=True)
class Changed:
    """A message after a change, and what that really changed, so that it can be taken back.

    added, removed: the tags that it did not have, and had, before. was: whether it was starred, or seen, before.
    """

    uri: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    was: bool = False
