"""A decision as the evaluator makes one of every mail: written from its values, an object only for those who ask."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, ClassVar, Literal, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import to_json

from schemas.base import Timestamp
from schemas.decision import Decision, EmittedCommand, Verdict
from schemas.ids import decision_text
from schemas.mail import MailArrived, MailSent
from schemas.rule import Trigger
from schemas.trusted import trusted

REMEMBERED = 1_000
"""Endings that are kept as they are written: those of most mails differ by the number of rules only."""
_written: Callable[[tuple[UUID, UUID, datetime, datetime]], bytes] = TypeAdapter(
    tuple[UUID, UUID, Timestamp, Timestamp]
).serializer.to_json


class Found(NamedTuple):
    """What was found: the last fields of the Decision, in their order."""

    direction: Literal["incoming", "outgoing"]
    trigger: Trigger
    dry_run: bool
    outcome: str
    verdicts: tuple[Verdict, ...] = ()
    verdicts_omitted: int = 0
    commands: tuple[EmittedCommand, ...] = ()


class DecisionDraft:
    """What `encode` needs of a Decision, and the same bytes, without the object: most are only written."""

    __slots__ = (
        "_received_at",
        "_run_at",
        "conversation",
        "event",
        "event_id",
        "found",
        "record_id",
        "run",
        "run_at",
        "version",
    )
    ce_type: ClassVar[str] = Decision.ce_type

    def __init__(self, event: MailArrived | MailSent, run: str, run_at: datetime, version: int, found: Found) -> None:
        """`version`: of the rules that decided."""
        self.event = event
        # In one call, since calls are what it costs; none of these texts has a quotation mark.
        texts = _written((event.event_id, event.conversation, run_at, event.received_at)).decode().split('"')
        self.event_id, self.conversation, self._run_at, self._received_at = texts[1::2]
        self.run = run
        self.run_at = run_at
        self.version = version
        self.found = found
        self.record_id = decision_text(self.event_id, run, version)

    @property
    def record_key(self) -> str:
        """As of the Decision."""
        return f"{self.event.mailbox}/{self.conversation}"

    def to_json(self) -> bytes:
        """The bytes that `decision().to_json()` gives. Raises PydanticSerializationError for a lone surrogate too."""
        event, found = self.event, self.found
        message_id = "null" if event.message_id is None else encode_basestring(event.message_id)
        beginning = (
            f'{{"decision_id":"{self.record_id}","event_id":"{self.event_id}","run":{encode_basestring(self.run)},'
            f'"run_at":"{self._run_at}","received_at":"{self._received_at}",'
            f'"ruleset_version":{self.version},"mailbox":{encode_basestring(event.mailbox)},'
            f'"conversation":"{self.conversation}","message_id":{message_id},'
            f'"content_uri":{encode_basestring(event.content.uri)}'
        )
        try:
            return beginning.encode() + (_ending(found) if found.verdicts or found.commands else _remembered(found))
        except UnicodeEncodeError:
            return self.decision().to_json()

    def decision(self) -> Decision:
        """The record itself."""
        event = self.event
        values: dict[str, Any] = {
            "decision_id": UUID(self.record_id),
            "event_id": event.event_id,
            "run": self.run,
            "run_at": self.run_at,
            "received_at": event.received_at,
            "ruleset_version": self.version,
            "mailbox": event.mailbox,
            "conversation": event.conversation,
            "message_id": event.message_id,
            "content_uri": event.content.uri,
        }
        return trusted(Decision, values | self.found._asdict())


def _ending(found: Found) -> bytes:
    """From the comma on."""
    return b"," + to_json(found._asdict())[1:]


_remembered = lru_cache(REMEMBERED)(_ending)
