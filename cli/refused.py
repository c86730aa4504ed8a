"""What services refused and put among the dead letters: nobody decides it or carries it out, so nobody waits for it."""

import contextlib
from collections.abc import Callable, Sequence
from uuid import UUID

from pydantic import ValidationError

from cli.dlq_survey import Head
from runtime.clock import Clock
from runtime.errors import MaildeskError
from runtime.kafka import Received
from runtime.kafka_scan import Scan
from schemas.base import Record
from schemas.dead_letter import DeadLetter
from schemas.envelope import header
from schemas.ids import LIVE
from schemas.topics import (
    ACTIONS,
    AUTOMATION_DECISIONS,
    AUTOMATION_RESULTS,
    EVALUATION_BACKLOG,
    EVALUATION_REQUESTED,
    MAIL_ARRIVED,
    MAIL_SENT,
    dead_letter_topic,
)

TOPICS = tuple(
    dead_letter_topic(topic.name)
    for topic in (MAIL_ARRIVED, MAIL_SENT, EVALUATION_REQUESTED, EVALUATION_BACKLOG, *ACTIONS.values())
)
REPORTS = tuple(dead_letter_topic(topic.name) for topic in (AUTOMATION_DECISIONS, AUTOMATION_RESULTS))
"""What the log refused: the mail was decided, the command carried out, and no row will ever say so."""
LOOK_SECONDS = 3.0
MOST = 100_000


class RefusedRecords:
    """The ids (`ce_id`) of records that were refused: of events, of requests (`run/event`), of commands. Of decisions
    and results that the log refused: the ids of what they are about.

    Looked up again only after LOOK_SECONDS, since it reads the topics from their beginning.
    """

    def __init__(self, open_scan: Callable[[Sequence[str]], Scan], clock: Clock) -> None:
        self._open_scan = open_scan
        self._clock = clock
        self._looked_at: float | None = None
        self.ids: set[str] = set()

    async def look(self) -> None:
        """Look whether there are more. A broker that does not answer says nothing new."""
        now = self._clock.monotonic()
        if self._looked_at is not None and now - self._looked_at < LOOK_SECONDS:
            return
        scan = self._open_scan((*TOPICS, *REPORTS))
        try:
            async for portion in scan.read(await scan.start()):
                for record in portion:
                    self._take(record)
        except MaildeskError:
            return
        finally:
            self._looked_at = self._clock.monotonic()
            with contextlib.suppress(MaildeskError):
                await scan.stop()

    def _take(self, record: Received) -> None:
        if header(record.headers, "ce_type") != DeadLetter.ce_type or len(self.ids) >= MOST:
            return
        try:
            if record.topic in REPORTS:
                self.ids |= _about(DeadLetter.model_validate_json(record.value or b"").value)
                return
            letter = Head.model_validate_json(record.value or b"")
        except ValidationError:
            return
        if letter.command is None and (found := header(letter.headers, "ce_id")):
            self.ids.add(found)


class _Report(Record):
    """As much of a decision or a result as can be read of one that is not valid."""

    event_id: UUID
    run: str
    command_id: UUID | None = None


def _about(value: bytes | None) -> set[str]:
    try:
        found = _Report.model_validate_json(value or b"")
    except ValidationError:
        return set()
    if found.command_id is not None:
        return {str(found.command_id)}
    return {str(found.event_id) if found.run == LIVE else f"{found.run}/{found.event_id}"}
