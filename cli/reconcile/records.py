"""Second leg: what the ledger has, and what was published, decided and done of it."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cli.reconcile.gaps import EPOCH, Gap, Note, of_command, undecided
from cli.refused import RefusedRecords
from runtime.clock import Clock
from runtime.postgres import Database
from runtime.queries import load_queries
from schemas.ids import FACTS, LIVE
from services.ingest.reconcile.ledger import Published, dead_letters, published, unpublished

_SQL = load_queries("cli.reconcile")
MOST_COMMANDS = 10_000


@dataclass(slots=True)
class Records:
    """Read-only. `grace`: what is younger is on its way. `kept_from`: the log may have dropped what is older.

    `refused`: what became a dead letter has its end, and is no gap; None: no broker is known that has any.
    """

    database: Database
    refused: RefusedRecords | None
    clock: Clock
    grace: timedelta
    kept_from: datetime = EPOCH
    looked: bool = False

    async def compare(self, mailbox: str, since: datetime | None) -> AsyncIterator[Gap | Note]:
        """Every event without a decision, and every command without a result."""
        late = self.clock.now() - self.grace
        for each in await unpublished(self.database, mailbox, late):
            text = f"{each.kind} recorded at {each.since:%Y-%m-%d %H:%M:%S}, and not published"
            yield Gap("not-published", mailbox, each.content_uri, text, "is ingest running, and does Kafka answer it?")
        events = 0
        async for page in published(self.database, mailbox, since or EPOCH):
            events += len(page)
            for gap in await self._undecided(mailbox, page, late):
                yield gap
        buried = await dead_letters(self.database, mailbox, since or EPOCH)
        yield Note(mailbox, f"{events} events published, {buried} messages are dead letters (`maildesk dlq list`)")
        async for found in self._commands(mailbox, late):
            yield found

    async def _undecided(self, mailbox: str, page: Sequence[Published], late: datetime) -> list[Gap]:
        wanted = [each for each in page if each.recorded_at >= self.kept_from]
        rows = await self.database.fetch(_SQL["decided"], [each.event_id for each in wanted])
        decided = {(row["event_id"], row["run"]) for row in rows}
        gaps = [gap for each in wanted for gap in _missing(mailbox, each, decided, late)]
        return await self._without_refused(gaps)

    async def _without_refused(self, gaps: list[Gap]) -> list[Gap]:
        if self.refused is None:
            return gaps
        if gaps and not self.looked:
            await self.refused.look()
            self.looked = True
        return [gap for gap in gaps if _names(gap).isdisjoint(self.refused.ids)]

    async def _commands(self, mailbox: str, late: datetime) -> AsyncIterator[Gap | Note]:
        rows = await self.database.fetch(_SQL["open_commands"], mailbox, late, MOST_COMMANDS)
        gaps = [gap for row in rows if (gap := of_command(row, mailbox, late)) is not None]
        left = await self._without_refused(gaps)
        for gap in left:
            yield gap
        if waiting := len(rows) - len(gaps):
            yield Note(mailbox, f"{waiting} commands wait or are under way (`maildesk log --state retry_wait`)")
        if ended := len(gaps) - len(left):
            yield Note(mailbox, f"{ended} commands are dead letters (`maildesk dlq list`)")


def _missing(mailbox: str, each: Published, decided: set[tuple[UUID, str]], late: datetime) -> Iterable[Gap]:
    if each.published_at < late and (each.event_id, LIVE) not in decided:
        yield undecided(mailbox, each.event_id, each.content_uri, each.published_at)
    asked, run = each.facts_published_at, f"{FACTS}{each.event_id}"
    if asked is not None and asked < late and (each.event_id, run) not in decided:
        yield undecided(mailbox, each.event_id, each.content_uri, asked, run)


def _names(gap: Gap) -> set[str]:
    """The `ce_id` that its record would have among the dead letters."""
    if gap.command is not None:
        return {str(gap.command)}
    return {str(gap.event)} if gap.run in ("", LIVE) else {f"{gap.run}/{gap.event}"}
