"""Events that were published without facts: once Odoo answers, the rest of their evaluation is asked for.

Read, freeze, publish, mark: in this order. A crash between any two repeats the rest with the same bytes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, get_args

from runtime.clock import Clock
from runtime.kafka import Outgoing
from schemas.envelope import encode
from schemas.evaluation import EvaluationRequested
from schemas.facts import OdooFacts
from schemas.ids import FACTS as RUN
from schemas.registry import Direction
from schemas.topics import EVALUATION_REQUESTED
from services.ingest.facts import FactReader
from services.ingest.fit import fit
from services.ingest.gate import Gate
from services.ingest.metrics import FACTS_WAITING, FACTS_WAITS
from services.ingest.model import SOURCE
from services.ingest.publisher import Producer
from services.ingest.status import OdooState
from services.ingest.waiting import Waiter, Waiting

AT_ONCE = 50
PUBLISH_AT_ONCE = 200
SECONDS = 30.0
"""For one batch: more than for new mail, since nobody waits behind it."""


class Board(Protocol):
    """What is needed of services.ingest.status.StatusBoard."""

    def waiting(self, events: Mapping[str, int], state: OdooState) -> None:
        """How many events of each mailbox wait for their facts, and how it stands with Odoo."""


class CatchUp:
    """Bounded work a look, so that one process does it beside its mailboxes; two at once do it once.

    `facts` has a gate of its own: a mail whose facts take too long must not keep new mail from Odoo. `live`: the gate
    of new mail, opened as soon as Odoo answers here.
    """

    def __init__(
        self, waiting: Waiting, facts: FactReader, live: Gate, producer: Producer, board: Board, clock: Clock
    ) -> None:
        self._waiting = waiting
        self._facts = facts
        self._live = live
        self._producer = producer
        self._board = board
        self._clock = clock

    async def look(self, mailboxes: Sequence[str]) -> int:
        """Publish what is frozen, ask for the next ones, publish those; returns how many. Raises TransientError."""
        done = await self._publish(mailboxes)
        if answerable := [mailbox for mailbox in mailboxes if self._can_be_asked(mailbox)]:
            waiters = await self._waiting.next(answerable, max(1, AT_ONCE >> self._facts.gate.failures))
            if waiters and await self._ask(waiters):
                done += await self._publish(mailboxes)
        counts = await self._waiting.count()
        for mailbox in mailboxes:
            FACTS_WAITING.labels(mailbox).set(counts.get(mailbox, 0))
        self._board.waiting({key: count for key, count in counts.items() if key in mailboxes}, self._state)
        return done

    @property
    def _state(self) -> OdooState:
        if self._facts.odoo is None:
            return "not configured"
        return "away" if self._facts.gate.failures else "answers"

    def _can_be_asked(self, mailbox: str) -> bool:
        """Also without Odoo, when its rules need nothing any more."""
        if self._facts.odoo is not None and not self._facts.gate.closed:
            return True
        return not any(self._facts.asked_of(mailbox, direction).subjects for direction in get_args(Direction))

    async def _ask(self, waiters: Sequence[Waiter]) -> bool:
        """Freeze the requests of those that Odoo answers for; whether there are any."""
        alike: dict[tuple[Any, ...], list[Waiter]] = {}
        for waiter in waiters:
            alike.setdefault((waiter.event.mailbox, waiter.event.direction, waiter.subjects), []).append(waiter)
        answered = False
        for (mailbox, direction, subjects), some in alike.items():
            asked = self._facts.asked_of(mailbox, direction).only(subjects)
            facts = await self._facts.read(asked, [waiter.event for waiter in some], SECONDS)
            if any(each.missing for each in facts):
                await self._waiting.tried([waiter.event.event_id for waiter in some])
                return answered
            if asked.subjects:
                self._live.answered()
            now = self._clock.now()
            pairs = zip(some, facts, strict=True)
            await self._waiting.answer([(w.event.event_id, _request(w, found, now)) for w, found in pairs], now)
            for waiter in some:
                FACTS_WAITS.observe(max(0.0, (now - waiter.event.recorded_at).total_seconds()))
            answered = True
        return answered

    async def _publish(self, mailboxes: Sequence[str]) -> int:
        pending = await self._waiting.unpublished(mailboxes, PUBLISH_AT_ONCE)
        if pending:
            await self._producer.send_all([each.outgoing for each in pending])
            events = [each.event_id for each in pending if each.event_id is not None]
            await self._waiting.mark_published(events, self._clock.now())
        return len(pending)


def _request(waiter: Waiter, facts: OdooFacts, now: datetime) -> Outgoing:
    event = waiter.event
    then = event.odoo or OdooFacts(read_at=event.recorded_at)
    filled: dict[str, Any] = {subject: getattr(facts, subject) for subject in waiter.subjects}
    odoo = then.model_copy(update={**filled, "read_at": facts.read_at, "missing": ()})
    request = EvaluationRequested(
        run=f"{RUN}{event.event_id}",
        event=fit(event.model_copy(update={"odoo": odoo})),
        deferred=waiter.subjects,
        requested_at=now,
        requested_by="ingest",
    )
    key, value, headers = encode(request, SOURCE, waiter.trace)
    return Outgoing(EVALUATION_REQUESTED.name, key, value, headers)
