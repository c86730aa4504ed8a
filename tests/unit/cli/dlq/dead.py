"""Topics with dead letters, in memory."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cli.dlq_handling import Asked, Outcome, handle
from cli.dlq_open import TOPICS
from cli.dlq_survey import Sought, Survey, survey
from runtime.clock import FakeClock
from runtime.kafka import Outgoing, Received
from runtime.memory_topics import MemoryScan, MemoryTopics
from schemas.command import ActionCommand
from schemas.envelope import encode
from schemas.refusal import Refusal, bury
from schemas.result import Produced
from schemas.topics import dead_letter_topic
from services.actions.failed_letters import failed_letter
from services.actions.model import Verdict
from services.actions.results import queued
from services.actions.states import Event, State, transition
from tests.unit.services.actions.fakes import row, verdict

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Dead:
    """A broker with letters on it, and who handles them."""

    def __init__(self, partitions: int = 1) -> None:
        self.topics = MemoryTopics(partitions)
        self.clock = FakeClock()

    async def failed(self, *commands: ActionCommand, at: datetime = NOON, **fields: Any) -> None:
        """Letters of these commands, as the actions service writes them."""
        await self.topics.send_all([letter_of(given, at=at, **fields) for given in commands])

    async def refused(self, topic: str = "mail-arrived", value: bytes | None = b"{", offset: int = 7) -> None:
        """The letter of a record that nobody could read."""
        record = Received(topic, 2, offset, b"support/1", value, (("ce_id", b"1"), ("traceparent", TRACE.encode())), 0)
        why = Refusal("evaluator", "unreadable-record", "record: json_invalid", NOON)
        await self.topics.send_all([Outgoing(*bury(record, why))])

    def scan(self, topics: tuple[str, ...] = TOPICS) -> MemoryScan:
        return MemoryScan(self.topics, topics)

    async def survey(self, **sought: Any) -> Survey:
        """What `dlq list` finds."""
        return await survey(self.scan(), Sought(TOPICS, **sought))

    async def handle(self, how: str = "retried", **asked: Any) -> list[Outcome]:
        """Handle all that are open."""
        places = [each.place for each in (await self.survey()).open]
        manner = Asked(how, "anna", **asked)  # type: ignore[arg-type]
        return [each async for each in handle(self.scan(), self.topics, places, manner, self.clock)]


def failure(given: ActionCommand, *, kept: bool = False, **fields: Any) -> Verdict:
    """What the worker says of it; `kept`: it may have acted."""
    state, event = (State.SENDING, Event.UNKNOWN) if kept else (State.RUNNING, Event.FAILED)
    facts = {"reason": "outcome-unknown" if kept else "odoo-access", "text": "no"} | fields
    return verdict(row(given, state=state), event, produced=Produced(), trace={"traceparent": TRACE}, **facts)


def letter_of(given: ActionCommand, *, at: datetime = NOON, **fields: Any) -> Outgoing:
    """As the relay publishes it."""
    found = failure(given, **fields)
    letter = failed_letter(found, transition(found.row.state, found.event), at)
    waiting = queued(letter, found, dead_letter_topic(letter.topic))
    headers = [(name, text.encode()) for name, text in waiting.headers.items()]
    return Outgoing(waiting.topic, waiting.key, waiting.value, headers)


def wire(given: ActionCommand) -> bytes:
    """The bytes of a command."""
    return encode(given, "/tests")[1]


def later(minutes: int) -> datetime:
    """After noon."""
    return NOON + timedelta(minutes=minutes)
