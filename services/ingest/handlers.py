"""A batch of messages becomes events, duplicates and dead letters in the ledger, then records on the broker.

Ledger, publish, mark, cursor: in this order. A crash between any two repeats the rest with the same bytes.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from connectors.mailbox.port import Batch
from runtime.clock import Clock
from runtime.errors import PermanentError
from runtime.kafka import Outgoing
from services.ingest.conversations import place
from services.ingest.erasing.late import emptied
from services.ingest.events import Event, dead_letter, dead_letter_record, event_record, make_event
from services.ingest.facts import FactReader
from services.ingest.metrics import DEAD_LETTERS, DUPLICATES, MESSAGES
from services.ingest.model import Feed, Prepared, Unusable
from services.ingest.parse.mail import Parser
from services.ingest.prepare import prepare, storable
from services.ingest.progress import Progress
from services.ingest.publisher import Relay
from services.ingest.store import Buried, Item, Ledger, Unit
from services.ingest.tracing import MailSpans

Ready = Prepared | Unusable


@dataclass(slots=True)
class _Outcome:
    """What the ledger is about to remember of one batch."""

    items: list[Item]
    events: list[tuple[Event, Outgoing]]
    buried: list[Buried]
    erased: dict[UUID, str]


class BatchHandler:
    """Handles batches of one process; idempotent, so that a batch may come again whole or in part."""

    def __init__(
        self,
        ledger: Ledger,
        relay: Relay,
        parser: Parser,
        facts: FactReader,
        clock: Clock,
        progress: Progress | None = None,
    ) -> None:
        self._ledger = ledger
        self._progress = progress
        self._relay = relay
        self._parser = parser
        self._facts = facts
        self._clock = clock

    async def handle(self, feed: Feed, batch: Batch) -> int:
        """Returns how many messages were new. Raises TransientError when the ledger or the broker is away."""
        positions = [storable(message.position) for message in batch.messages]
        known = await self._ledger.known(feed.mailbox, positions, self._clock.now())
        fresh = [message for n, message in enumerate(batch.messages) if n not in known]
        # In a thread: a large or hostile mail takes seconds, and other mailboxes go on meanwhile.
        ready = await asyncio.to_thread(prepare, feed, fresh, self._parser) if fresh else []
        ready = await self._facts.prepared(feed, ready, self._ledger.recorded)
        with MailSpans(feed.mailbox, len(ready)) as spans:
            await self._record_what_can_be(feed, list(enumerate(ready)), spans)
            await self._relay.publish(feed.mailbox)
        await self._ledger.move_cursor(feed, batch.cursor, self._clock.now())
        MESSAGES.labels(feed.mailbox).inc(len(ready))
        if self._progress is not None:
            self._progress.handled(feed, batch)
        return len(ready)

    async def _record_what_can_be(self, feed: Feed, ready: Sequence[tuple[int, Ready]], spans: MailSpans) -> None:
        """One mail that the ledger refuses for ever must not stop those beside it: it becomes a dead letter."""
        if not ready:
            return
        try:
            await self._record(feed, ready, spans)
        except (PermanentError, ValueError, TypeError) as error:  # a value that a contract or a column refuses
            if len(ready) > 1:
                middle = len(ready) // 2
                await self._record_what_can_be(feed, ready[:middle], spans)
                await self._record_what_can_be(feed, ready[middle:], spans)
                return
            index, mail = ready[0]
            if isinstance(mail, Unusable):
                raise
            code = error.code if isinstance(error, PermanentError) else "mail-refused"
            text = f"the ledger refused the mail's facts: {type(error).__name__}"
            refused = Unusable(mail.position, mail.content.uri, code, text)
            await self._record(feed, [(index, refused)], spans)

    async def _record(self, feed: Feed, ready: Sequence[tuple[int, Ready]], spans: MailSpans) -> None:
        now = self._clock.now()
        async with self._ledger.unit(feed.mailbox, now) as unit:
            outcome = await self._decide(unit, feed, ready, spans, now)
            await unit.insert_events(outcome.events)
            await unit.insert_deferred(outcome.events)
            await unit.insert_dead_letters(outcome.buried)
            await unit.insert_items(outcome.items)
            await unit.insert_erased(outcome.erased)
        self._count(feed, outcome)

    async def _decide(
        self, unit: Unit, feed: Feed, ready: Sequence[tuple[int, Ready]], spans: MailSpans, now: datetime
    ) -> _Outcome:
        mails = [mail for _, mail in ready if isinstance(mail, Prepared)]
        recorded = await unit.existing([mail.event_id for mail in mails])
        fresh = [mail for mail in mails if mail.event_id not in recorded]
        late = await unit.late(fresh) if fresh else {}
        knowledge = await unit.knowledge(feed, [mail for mail in fresh if mail.event_id not in late])
        outcome = _Outcome([], [], [], late)
        for index, mail in ready:
            if isinstance(mail, Unusable):
                letter = dead_letter(feed, mail, now)
                record = dead_letter_record(feed, letter, spans.headers(index))
                outcome.buried.append(Buried(letter.id, letter.code, mail.uri, record))
                outcome.items.append(Item(mail.position, "dead_letter", dead_letter_id=letter.id))
            elif mail.event_id in recorded:
                outcome.items.append(Item(mail.position, "duplicate", event_id=mail.event_id))
            else:
                recorded.add(mail.event_id)
                kept = emptied(mail) if mail.event_id in late else mail
                event = make_event(feed, kept, place(feed, kept, knowledge), now)
                outcome.events.append((event, event_record(feed, event, spans.headers(index))))
                outcome.items.append(Item(mail.position, "event", event_id=mail.event_id))
            spans.outcome(index, outcome.items[-1].outcome)
        await unit.learn(knowledge)
        return outcome

    def _count(self, feed: Feed, outcome: _Outcome) -> None:
        DUPLICATES.labels(feed.mailbox).inc(sum(item.outcome == "duplicate" for item in outcome.items))
        for letter in outcome.buried:
            DEAD_LETTERS.labels(feed.mailbox, letter.code).inc()
