"""Small records, and entries made of them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from runtime.kafka import Received
from schemas.command import RuleReference
from schemas.decision import Decision, EmittedCommand
from schemas.mail import Published
from schemas.result import ExecutionResult
from schemas.topics import AUTOMATION_DECISIONS, AUTOMATION_RESULTS

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
RULE = RuleReference(id="orders", revision=1)


def number(n: int) -> UUID:
    """An id."""
    return UUID(int=n)


def decision(**changes: Any) -> Decision:
    """A decision with one command."""
    facts: dict[str, Any] = {
        "decision_id": number(1),
        "event_id": number(2),
        "run": "live",
        "run_at": NOON,
        "received_at": NOON,
        "ruleset_version": 1,
        "mailbox": "sales",
        "conversation": number(3),
        "message_id": None,
        "content_uri": "maildir:new/1",
        "direction": "incoming",
        "trigger": "incoming",
        "outcome": "commands",
        "commands": (EmittedCommand(command_id=number(4), type="tag", rule="orders", action="a1"),),
    }
    return Decision(**{**facts, **changes})


def result(sequence: int = 1, **changes: Any) -> ExecutionResult:
    """A result of the decision's command."""
    facts: dict[str, Any] = {
        "result_id": number(1000 + sequence),
        "command_id": number(4),
        "sequence": sequence,
        "decision_id": number(1),
        "event_id": number(2),
        "run": "live",
        "run_at": NOON,
        "rule": RULE,
        "trigger": "incoming",
        "action": "a1",
        "type": "tag",
        "mailbox": "sales",
        "conversation": number(3),
        "message_id": None,
        "content_uri": "maildir:new/1",
        "state": "succeeded",
        "attempt": 1,
        "idempotency_key": "k",
        "scope": "message",
        "generation": 0,
        "dry_run": False,
        "started_at": NOON,
        "finished_at": NOON,
    }
    return ExecutionResult(**{**facts, **changes})


def received(record: Published, offset: int = 0) -> Received:
    """The record as it is read from its topic."""
    topic = AUTOMATION_DECISIONS if isinstance(record, Decision) else AUTOMATION_RESULTS
    return raw(record.to_json(), topic.name, offset)


def raw(value: bytes | None, topic: str = AUTOMATION_RESULTS.name, offset: int = 0, **headers: str) -> Received:
    """Any value as it is read."""
    named = tuple((name, text.encode()) for name, text in headers.items())
    return Received(topic, 0, offset, b"sales/x", value, named, 0)
