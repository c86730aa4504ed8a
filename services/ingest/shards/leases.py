"""The leases in Postgres: one statement keeps all of a worker's, and the clock is the database's.

A worker that does not say in time that it lives has lost them; the fence of each says so to its ledger.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from runtime.postgres import Database, Session
from runtime.queries import load_queries
from services.ingest.shards.share import shared_out

SQL = load_queries("services.ingest.shards")


@dataclass(frozen=True, slots=True)
class Worker:
    """One life of a process. `name`: stable over restarts, so that the next life takes up at once what this one had;
    `id`: different in each."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Share:
    """What one look gave. `held`: the fence of each mailbox that is leased to this worker; `give`: those of them that
    others are to read: stop reading them, then release them. `workers`: how many live."""

    held: Mapping[str, int] = field(default_factory=dict)
    give: frozenset[str] = frozenset()
    workers: int = 0

    @property
    def keep(self) -> frozenset[str]:
        """The mailboxes to read."""
        return frozenset(self.held) - self.give


class Leases:
    """One worker's view. `seconds`: how long it counts as living after it said so.

    Raises TransientError and PermanentError as runtime.postgres does.
    """

    def __init__(self, database: Database, worker: Worker, seconds: float) -> None:
        self._database = database
        self._worker = worker
        self._seconds = timedelta(seconds=seconds)
        self._known = False

    async def look(self, readable: Collection[str]) -> Share:
        """Say that this worker lives and what it may read; take what is free and its own by everybody's reckoning."""
        me = self._worker.id
        async with self._database.transaction() as session:
            await session.execute(SQL["lock_shares"])
            if not self._known:
                await session.execute(SQL["forget_namesakes"], self._worker.name, me)
            await session.execute(SQL["beat"], me, self._worker.name, sorted(readable), self._seconds)
            await session.execute(SQL["forget_dead"])
            await session.execute(SQL["free_leases"])
            share = await self._taken(session)
        self._known = True
        return share

    async def _taken(self, session: Session) -> Share:
        me = self._worker.id
        workers = {row["worker"]: frozenset(row["mailboxes"]) for row in await session.fetch(SQL["workers"])}
        leases = await session.fetch(SQL["leases"])
        holders = {row["mailbox"]: row["worker"] for row in leases}
        mine = {mailbox for mailbox, who in shared_out(workers, holders).items() if who == me}
        held = {row["mailbox"]: row["fence"] for row in leases if row["worker"] == me}
        if wanted := sorted(mine - holders.keys()):
            taken = await session.fetch(SQL["take"], me, wanted)
            held |= {row["mailbox"]: row["fence"] for row in taken}
        return Share(held, frozenset(held.keys() - mine), len(workers))

    async def release(self, mailboxes: Sequence[str]) -> None:
        """These are not read here any more: others may take them."""
        await self._database.execute(SQL["release"], self._worker.id, list(mailboxes))

    async def leave(self) -> None:
        """The process ends: everything is free at once."""
        await self._database.execute(SQL["leave"], self._worker.id)
