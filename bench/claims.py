"""Claims a second on a real Postgres, in the batches that the worker uses, beside the bare statement.

`claims`: of what one poll reads, from the ids to commands marked done, claims kept and results in the outbox, with an
effect that is done at once; in two halves at the same time. `claims.taken`: the claim alone, up to the lease. Bare: one
`INSERT … unnest … ON CONFLICT DO NOTHING` into the same table for as many keys as a poll reads, in a transaction of its
own as well.
"""

import asyncio
import itertools
import time
import uuid
from collections.abc import Iterator, Sequence
from uuid import UUID

from bench.acting import Acting, acting
from bench.commands import TAG, commands
from bench.harness import Result, alternating_awaited, collecting_as_a_service
from bench.servers import postgres, scratch
from runtime.backoff import Backoff
from runtime.clock import SystemClock
from runtime.errors import MaildeskError
from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.circuit import Circuits
from services.actions.claiming import Claiming
from services.actions.engine import Arrival
from services.actions.model import ClaimKey, Job
from services.actions.worker import POLL_RECORDS

AIM = 5_000
COMMANDS = 2_500
ROUNDS = 5


def run() -> list[Result]:
    """As one worker works."""
    with scratch() as home, postgres(home) as dsn, collecting_as_a_service():
        rates = asyncio.run(_measure(dsn))
    aim, bare = ("aim", float(AIM)), ("bare INSERT … ON CONFLICT of the same batches", rates["bare"])
    return [
        Result("claims", "claims/s", rates["settled"], *aim),
        Result("claims.over_bare", "claims/s", rates["settled"], *bare),
        Result("claims.taken", "claims/s", rates["taken"], *aim),
        Result("claims.taken_over_bare", "claims/s", rates["taken"], *bare),
    ]


async def _measure(dsn: str) -> dict[str, float]:
    async with acting(dsn) as found:
        claims = _Claims(found)
        measures = {"settled": claims.settled, "taken": claims.taken, "bare": claims.bare}
        return await alternating_awaited(ROUNDS, measures)


class _Claims:
    """Each measure works on commands of its own, which are accepted before its time begins."""

    def __init__(self, found: Acting) -> None:
        self._acting = found
        self._engine = found.engine(_AtOnce(), Circuits(SystemClock(), Backoff()), asyncio.Event())
        self._claiming = Claiming(found.policy, _AtOnce().record_subjects)

    async def settled(self) -> float:
        """Commands/s of the engine, from claim to outbox."""
        seconds = 0.0
        for several in self._polls():
            ids = await self._accepted(several)
            began = time.perf_counter()
            turns, half = self._engine.turns(), len(ids) // 2
            await asyncio.gather(*(self._engine.process(some, turns) for some in (ids[:half], ids[half:])))
            seconds += time.perf_counter() - began
        return COMMANDS / seconds

    async def taken(self) -> float:
        """Commands/s until they are under lease."""
        seconds = 0.0
        for several in self._polls():
            ids = await self._accepted(several)
            began = time.perf_counter()
            async with self._acting.store.unit() as unit:
                claimed = await self._claiming.claim(unit, ids, began + self._acting.policy.lease.total_seconds())
            if len(claimed.jobs) != len(ids):
                raise RuntimeError(f"{len(claimed.jobs)} of {len(ids)} claims were taken")
            seconds += time.perf_counter() - began
        return COMMANDS / seconds

    async def bare(self) -> float:
        """Keys/s of the statement alone."""
        run = uuid.uuid4()
        keys = [ClaimKey(f"message:{uuid.uuid5(run, str(number))}", "bench", "tag", 0) for number in range(COMMANDS)]
        wanted = [(key, uuid.uuid4()) for key in keys]
        batches = [wanted[start : start + POLL_RECORDS] for start in range(0, COMMANDS, POLL_RECORDS)]
        began = time.perf_counter()
        for batch in batches:
            async with self._acting.database.transaction() as session:
                columns = [list(column) for column in zip(*((*key, holder) for key, holder in batch), strict=True)]
                await session.execute(_BARE, *columns)
        return COMMANDS / (time.perf_counter() - began)

    def _polls(self) -> Iterator[list[ActionCommand]]:
        """Fresh commands as the worker reads them; it holds them until they are carried out."""
        waiting = commands(uuid.uuid4(), COMMANDS, TAG)
        while several := list(itertools.islice(waiting, POLL_RECORDS)):
            yield several

    async def _accepted(self, several: Sequence[ActionCommand]) -> list[UUID]:
        return await self._engine.accept([Arrival(each, each.to_json(), {}) for each in several])


_BARE = """
INSERT INTO actions.claim (subject, rule_id, action_id, generation, command_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::uuid[])
ON CONFLICT DO NOTHING
"""


class _AtOnce:
    """An effect without a target, done as soon as it is asked for."""

    type = "tag"
    batch = 50
    seconds = 10.0
    keyed = True
    shared_target: str | None = None

    def target(self, command: ActionCommand) -> str:
        return f"mailbox:{command.event.mailbox}"

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        del command
        return ()

    async def plan(self, job: Job) -> Produced:
        del job
        return Produced()

    async def find(self, job: Job) -> Produced | None:
        del job
        return None

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        return [Produced(kind="mailbox", uri=job.uri, text="tagged") for job in jobs]

    async def probe(self) -> None:
        return
