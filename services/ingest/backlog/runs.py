"""Publishing backlogs: the recorded mail of a mailbox, the earliest first, for one rule that was switched on.

Publish, then move the position, in one transaction: a crash repeats one batch with the same bytes, and claims make that
harmless. Live mail is on another topic, so it never waits behind a backlog.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

from runtime.clock import Clock
from runtime.kafka import Outgoing
from schemas.envelope import encode
from schemas.evaluation import EvaluationRequested
from schemas.registry import Direction
from schemas.topics import EVALUATION_BACKLOG
from services.ingest.backlog.rules import Wanted
from services.ingest.backlog.store import BacklogStore, Recorded, Run
from services.ingest.metrics import BACKLOG_WAITING
from services.ingest.model import SOURCE
from services.ingest.publisher import Producer

AT_ONCE = 50
SETTLING = timedelta(seconds=10)
"""By then every evaluator has the rule. Earlier a request might find none, and new mail might have met none."""


class Backlogs:
    """The runs of the mailboxes that this process reads."""

    def __init__(self, store: BacklogStore, producer: Producer, clock: Clock, rate: float) -> None:
        self._store = store
        self._producer = producer
        self._clock = clock
        self._at_once = max(1, min(AT_ONCE, int(rate)))
        self._seconds = 1.0 / rate
        self._known: tuple[frozenset[str], tuple[Wanted, ...]] | None = None

    async def look(
        self,
        mailboxes: Collection[str],
        wanted: Sequence[Wanted],
        paused: Collection[Wanted],
        on: Collection[tuple[str, Direction]] = (),
    ) -> float:
        """Publish one batch; returns the seconds that it may take at the rate that is allowed, 0 when there was none.

        Runs of these mailboxes that no rule wants any more are cancelled; `paused`: wanted, but not now. `on`: mailbox
        and direction of mail that is decided; runs that somebody asked for go on there. Raises TransientError.
        """
        await self._follow(frozenset(mailboxes), tuple(wanted))
        published = await self._publish([each for each in wanted if each not in paused], on)
        left = await self._store.left(list(mailboxes)) if mailboxes else {}
        for mailbox in mailboxes:
            BACKLOG_WAITING.labels(mailbox).set(left.get(mailbox, 0))
        return published * self._seconds

    async def _follow(self, mailboxes: frozenset[str], wanted: tuple[Wanted, ...]) -> None:
        if self._known == (mailboxes, wanted):
            return
        now = self._clock.now()
        for each in wanted:
            await self._store.start(each, now, SETTLING)
        await self._store.cancel_others(sorted(mailboxes), wanted, now)
        self._known = (mailboxes, wanted)

    async def _publish(self, wanted: Sequence[Wanted], on: Collection[tuple[str, Direction]]) -> int:
        if not wanted and not on:
            return 0
        now = self._clock.now()
        async with self._store.next_run(wanted, on, now) as run:
            if run is None:
                return 0
            events = await run.next(self._at_once if run.rate is None else max(1, min(self._at_once, int(run.rate))))
            if events:
                await self._producer.send_all([_request(run, each) for each in events])
                await run.move(events, now)
            else:
                await run.finish(now)
        return len(events)


def _request(run: Run, recorded: Recorded) -> Outgoing:
    """The same bytes each time."""
    request = EvaluationRequested(
        run=run.run,
        event=recorded.event,
        rule=run.rule,
        backlog=True,
        requested_at=run.started_at,
        requested_by=run.requested_by or "ingest",
    )
    key, value, headers = encode(request, SOURCE, follows=recorded.traceparent)
    return Outgoing(EVALUATION_BACKLOG.name, key, value, headers)
