"""What the framework needs of its storage: small, batched steps inside one transaction.

`store.py` is Postgres, `memory.py` the fake; one conformance suite runs on both.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from schemas.result import Produced
from services.actions.model import Blocker, Change, ClaimKey, ClaimRow, CommandRow, NewCommand, Waiting
from services.actions.states import State
from services.actions.undone import Acted, Undone

MAX_OUTBOX_BYTES = 16 * 1024 * 1024
"""What the relay holds in memory at once."""


class Unit(Protocol):
    """One transaction. Nothing is seen by others, and nothing remains, unless it ends well."""

    @property
    def now(self) -> datetime:
        """The database's clock at the start of the transaction."""

    async def insert_commands(self, commands: Sequence[NewCommand]) -> None:
        """Accept what is new; a known command id changes nothing."""

    async def generations(self, keys: Sequence[ClaimKey]) -> dict[tuple[str, str, str], int]:
        """The highest generation that was claimed, by subject, rule and action; absent when none was.

        Where that one was undone, the next.
        """

    async def lock_claimable(self, ids: Sequence[UUID], *, early: bool = False) -> list[CommandRow]:
        """Lock those whose wait (`early`: or not) or whose lease is over, by age; what another holds is left out."""

    async def blockers(self, rows: Sequence[CommandRow]) -> dict[UUID, Blocker]:
        """For each row the oldest earlier command of its lane, of another event, that is not final."""

    async def take_claims(self, wanted: Sequence[tuple[ClaimKey, UUID]]) -> dict[ClaimKey, ClaimRow]:
        """Take what is free, the first that wants it first; returns the holder of every key, ourselves or another.

        A key that another gave back in this very moment may be missing.
        """

    async def release_claims(self, holders: Sequence[UUID]) -> None:
        """Give back the claims of these commands that have not succeeded."""

    async def keep_claims(self, kept: Sequence[tuple[ClaimKey, UUID, Produced]]) -> None:
        """Mark claims succeeded, with what was produced. Another's own key stays as it is; a record's passes on."""

    async def undo_claims(self, undone: Sequence[Undone]) -> None:
        """What these did can be done again, and the records that they had made are nobody's to use again."""

    async def placements(self, events: Sequence[UUID]) -> dict[UUID, str]:
        """Where our own actions last put these messages."""

    async def put_placements(self, placed: Mapping[UUID, str]) -> None:
        """Remember where messages are now."""

    async def take_leases(
        self, leases: Sequence[tuple[UUID, State, int]], length: timedelta, worker: str
    ) -> dict[UUID, tuple[int, datetime]]:
        """Set (command, state, attempt), a lease and a new fence; returns fence and start by command."""

    async def advance(self, steps: Sequence[tuple[UUID, int, State, State]]) -> set[UUID]:
        """Under a lease that still runs: (command, fence, before, after); returns which are so now. Safe to repeat."""

    async def give_back(self, leases: Sequence[tuple[UUID, int]]) -> None:
        """End these leases (command, fence) at once: nothing was begun under them, so they count no attempt.

        Safe to repeat.
        """

    async def change_commands(self, changes: Sequence[Change]) -> set[UUID]:
        """Apply those whose fence and state are still as they were; returns which were applied.

        One `sending` where its holder knows only of `running` applies too: the answer to that step was lost, and the
        holder has not acted. What stays `sending` applies while `failures` grows.
        """

    async def put_outbox(self, records: Sequence[Waiting]) -> None:
        """Queue records for the relay, in this order."""

    async def take_outbox(self, limit: int, max_bytes: int = MAX_OUTBOX_BYTES) -> list[tuple[int, Waiting]]:
        """The oldest unpublished records; none while another transaction publishes, so that their order is kept.

        Their values have `max_bytes` together at most, but the first always comes.
        """

    async def mark_outbox(self, ids: Sequence[int]) -> None:
        """They are acknowledged by the broker."""


class Store(Protocol):
    """The tables of actions."""

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a transaction; it commits when the block ends without an error."""

    async def due(self, types: Sequence[str], limit: int, forgotten: timedelta) -> list[UUID]:
        """Commands to look at now, by age: waits that are over, leases that ran out, any left pending for `forgotten`.

        At most `limit` of each kind, the longest due first, so that none starves the others.
        """

    async def produced(self, subjects: Sequence[str]) -> dict[str, Produced]:
        """What commands that succeeded left under these claims of records, by subject."""

    async def acted(self, ids: Sequence[UUID]) -> dict[UUID, Acted]:
        """These commands as they stand, by id; absent when there is none."""

    async def expire_own_leases(self, worker: str, types: Sequence[str]) -> None:
        """A worker of this name starts again: what it was doing is nobody's now."""
