"""A broker in memory with mail on it, and a replay that somebody asked for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid5

from cli.replay.pump import Around, Events, pump
from cli.replay.span import spans_between
from cli.replay.window import Window
from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from runtime.kafka import Outgoing
from runtime.memory_topics import MemoryScan, MemoryTopics
from schemas.envelope import encode
from schemas.evaluation import EvaluationRequested
from schemas.ids import NAMESPACE
from schemas.topics import EVALUATION_BACKLOG, MAIL_ARRIVED, MAIL_SENT
from services.console.replays import Hold, Progress, Replay, Wanted
from tests.unit.services.actions.making import mail

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOPICS = (MAIL_ARRIVED.name, MAIL_SENT.name)


class MovingClock(FakeClock):
    """Time passes when somebody waits."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)


class Held:
    """A hold in memory. `lost_after`: so many moves, then it is another's."""

    def __init__(self, lost_after: int | None = None) -> None:
        self.progress: list[Progress] = []
        self.finished = False
        self.lost_after = lost_after

    async def move(self, progress: Progress) -> bool:
        if self.lost_after is not None and len(self.progress) >= self.lost_after:
            return False
        self.progress.append(replace(progress, spans=dict(progress.spans)))
        return True

    async def finish(self) -> None:
        self.finished = True


class Log:
    """`late`: mails that are never settled."""

    def __init__(self) -> None:
        self.asked: list[tuple[UUID, ...]] = []
        self.late: set[UUID] = set()

    async def unsettled(self, events: Sequence[UUID]) -> int:
        self.asked.append(tuple(events))
        return len(self.late.intersection(events))


class Platform:
    """One mail a minute from noon on."""

    def __init__(self) -> None:
        self.clock = MovingClock()
        self.moment = NOON
        self.topics = MemoryTopics(2, lambda: self.moment)
        self.held, self.log = Held(), Log()
        self.refuses = 0
        self.erased: set[UUID] = set()

    async def mail(self, count: int, mailbox: str = "support") -> list[UUID]:
        """So many more; their ids."""
        ids = []
        for number in range(count):
            identity = uuid5(NAMESPACE, f"{mailbox}/{self.moment}/{number}")
            event = mail(mailbox=mailbox, event_id=identity)
            key, value, headers = encode(event, "/maildesk/ingest")
            await self.topics.send_all([Outgoing(MAIL_ARRIVED.name, key, value, headers)])
            ids.append(identity)
            self.moment += timedelta(minutes=1)
        return ids

    async def asked(self, minutes: tuple[int, int], **fields: Any) -> Replay:
        """A replay of what was published in these minutes after noon."""
        begins, ends = (NOON + timedelta(minutes=each) for each in minutes)
        given: dict[str, Any] = {"mailboxes": (), "rule": None, "dry_run": False, "rate": 50.0, **fields}
        wanted = Wanted(begins, ends, **given)
        spans = await spans_between(self.scan(), begins, ends)
        total = sum(end - begin for begin, end in spans.values())
        return Replay("replay-1", wanted, "anna", NOON, "running", spans, total, 0, 0, 0, NOON, held=True)

    def scan(self) -> MemoryScan:
        return MemoryScan(self.topics, TOPICS)

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """The broker takes them, and does not say so while it `refuses`."""
        await self.topics.send_all(records)
        if self.refuses:
            self.refuses -= 1
            raise TargetDownError("the broker went away")

    async def pump(self, replay: Replay, held: Held | None = None) -> None:
        """Carry it out."""

        async def completed(events: Events) -> Events:
            return [event for event in events if event.event_id not in self.erased]

        window = Window(self.log, self.clock, replay.wanted.rate)
        hold = cast("Hold", held or self.held)
        await pump(replay, Around(self.scan(), self, hold, window, completed, lambda _: None), self.clock)

    def requests(self) -> list[EvaluationRequested]:
        """What the evaluator gets."""
        found = self.topics.of(EVALUATION_BACKLOG.name)
        return [EvaluationRequested.model_validate_json(record.value or b"") for record in found]
