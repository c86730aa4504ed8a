"""Retrying and discarding letters: publish, then mark. Who dies in between leaves the letter open.

Then it is retried once more by the next who asks: with the same ids, so nothing is done twice.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from cli.dlq_retrying import SOURCE, NotRetried, Retry, retry_of
from cli.dlq_survey import Kept, Place, letters
from runtime.clock import Clock
from runtime.kafka import Outgoing
from runtime.kafka_scan import Scan
from schemas.dead_letter import DeadLetter, DeadLetterHandled
from schemas.envelope import encode

BATCH = 100
BATCH_BYTES = 4 * 1024 * 1024

How = Literal["retried", "discarded"]


class Sink(Protocol):
    """Where records are published."""

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """All of them, acknowledged; raises TransientError when any is not."""


class Outcome(NamedTuple):
    """What became of a letter. `answer` None: it was discarded."""

    place: Place
    letter: DeadLetter
    answer: Retry | NotRetried | None


@dataclass(frozen=True, slots=True)
class Asked:
    """How to handle letters, and who does."""

    how: How
    by: str
    dry_run: bool = False
    force_unknown: bool = False


async def handle(
    scan: Scan, sink: Sink | None, places: Sequence[Place], asked: Asked, clock: Clock
) -> AsyncIterator[Outcome]:
    """Handle these letters in portions; each is told of when it is marked. A dry run (or no `sink`) touches nothing."""
    waiting: list[Outcome] = []
    size = 0
    async for kept in letters(scan, places):
        outcome = _outcome(kept, asked, clock)
        if isinstance(outcome.answer, Retry):
            size += len(outcome.answer.record.value or b"")
        waiting.append(outcome)
        if len(waiting) >= BATCH or size >= BATCH_BYTES:
            for done in await _flush(sink, waiting, asked, clock):
                yield done
            waiting, size = [], 0
    for done in await _flush(sink, waiting, asked, clock):
        yield done


def _outcome(kept: Kept, asked: Asked, clock: Clock) -> Outcome:
    if asked.how == "discarded":
        return Outcome(kept.place, kept.letter, None)
    return Outcome(kept.place, kept.letter, retry_of(kept, clock.now(), force_unknown=asked.force_unknown))


async def _flush(sink: Sink | None, waiting: Sequence[Outcome], asked: Asked, clock: Clock) -> Sequence[Outcome]:
    handled = [outcome for outcome in waiting if not isinstance(outcome.answer, NotRetried)]
    if sink is not None and handled and not asked.dry_run:
        records = [outcome.answer.record for outcome in handled if isinstance(outcome.answer, Retry)]
        if records:
            await sink.send_all(records)
        await sink.send_all([_mark(outcome, asked, clock) for outcome in handled])
    return waiting


def _mark(outcome: Outcome, asked: Asked, clock: Clock) -> Outgoing:
    """On the letter's own partition, so that whoever reads it has read the letter before."""
    place, letter = outcome.place, outcome.letter
    mark = DeadLetterHandled(
        letter=letter.id,
        topic=letter.topic,
        partition=place.partition,
        offset=place.offset,
        key=letter.key,
        how=asked.how,
        at=clock.now(),
        by=asked.by,
        command=outcome.answer.command if isinstance(outcome.answer, Retry) else None,
    )
    return Outgoing(place.topic, *encode(mark, SOURCE), partition=place.partition)
