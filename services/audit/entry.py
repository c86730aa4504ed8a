"""A record as the log keeps it: which table, which row, which commands it announces."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

Kind = Literal["decision", "execution"]


@dataclass(frozen=True, slots=True)
class Expected:
    """A command that will have a final result one day."""

    command_id: UUID
    run_at: datetime
    decision_id: UUID
    event_id: UUID
    mailbox: str
    run: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. Of two with the same `row_id` and `run_at` the one with the higher `rank` is true.

    `values` follow the columns of the statement that writes the kind, in queries.sql.
    """

    kind: Kind
    row_id: UUID
    run_at: datetime
    rank: int
    values: tuple[Any, ...]
    expects: tuple[Expected, ...] = ()
    final: bool = False


def newest(entries: list[Entry]) -> list[Entry]:
    """One entry a row, the highest rank, the first of equals; in the order of ids, so that writers never deadlock."""
    kept: dict[tuple[UUID, datetime], Entry] = {}
    for entry in entries:
        held = kept.setdefault((entry.row_id, entry.run_at), entry)
        if entry.rank > held.rank:
            kept[entry.row_id, entry.run_at] = entry
    return sorted(kept.values(), key=lambda entry: (entry.row_id.int, entry.run_at))
