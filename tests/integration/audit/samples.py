"""Decisions and results as the evaluator and the workers publish them, and what the log must then hold."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from runtime.kafka import Outgoing
from schemas import ids
from schemas.command import RuleReference
from schemas.decision import Decision, EmittedCommand, Finding, Verdict
from schemas.envelope import encode
from schemas.mail import Published
from schemas.result import ExecutionResult, Produced
from schemas.topics import AUTOMATION_DECISIONS, AUTOMATION_RESULTS

BEGAN = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
RULE = RuleReference(id="orders", revision=3, name="Orders")
TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}


def event_of(number: int) -> UUID:
    """The n-th mail."""
    return ids.event_id("incoming", "sales", f"{number:064x}")


def command_of(number: int, action: str = "a1") -> UUID:
    """The command of the n-th mail."""
    return ids.command_id(event_of(number), ids.LIVE, RULE.id, action)


def decision(number: int, **changes: Any) -> Decision:
    """The decision on the n-th mail: one rule matched."""
    event = event_of(number)
    facts: dict[str, Any] = {
        "decision_id": ids.decision_id(event, ids.LIVE, 7),
        "event_id": event,
        "run": ids.LIVE,
        "run_at": BEGAN + timedelta(seconds=number),
        "received_at": BEGAN,
        "ruleset_version": 7,
        "mailbox": "sales",
        "conversation": ids.conversation_id("sales", str(number % 50)),
        "message_id": f"<{number}@example.org>",
        "content_uri": f"maildir:new/{number}",
        "direction": "incoming",
        "trigger": "incoming",
        "outcome": "commands",
        "verdicts": (
            Verdict(
                rule=RULE,
                outcome="matched",
                because=(Finding(path="all[0].subject", held=True, expected="order", seen="Your order"),),
            ),
        ),
        "commands": (EmittedCommand(command_id=command_of(number), type="tag", rule=RULE.id, action="a1"),),
    }
    return Decision(**{**facts, **changes})


def result(number: int, sequence: int = 1, state: str = "succeeded", **changes: Any) -> ExecutionResult:
    """The n-th mail's command after its `sequence`-th result."""
    began = BEGAN + timedelta(seconds=number)
    facts: dict[str, Any] = {
        "result_id": ids.result_id(command_of(number), sequence),
        "command_id": command_of(number),
        "sequence": sequence,
        "decision_id": ids.decision_id(event_of(number), ids.LIVE, 7),
        "event_id": event_of(number),
        "run": ids.LIVE,
        "run_at": began,
        "rule": RULE,
        "trigger": "incoming",
        "action": "a1",
        "type": "tag",
        "mailbox": "sales",
        "conversation": ids.conversation_id("sales", str(number % 50)),
        "message_id": f"<{number}@example.org>",
        "content_uri": f"maildir:new/{number}",
        "state": state,
        "attempt": sequence,
        "idempotency_key": f"message:{event_of(number)}/orders/a1/0",
        "scope": "message",
        "generation": 0,
        "dry_run": False,
        "started_at": began + timedelta(seconds=1),
        "finished_at": began + timedelta(seconds=2.5),
        "produced": Produced(kind="record", model="crm.lead", res_id=number + 1, text="done", details={"n": number}),
    }
    return ExecutionResult(**{**facts, **changes})


def outgoing(record: Published, trace: dict[str, str] | None = None) -> Outgoing:
    """The record on its topic."""
    topic = AUTOMATION_DECISIONS if isinstance(record, Decision) else AUTOMATION_RESULTS
    key, value, headers = encode(record, "/tests", trace)
    return Outgoing(topic.name, key, value, headers)


def traffic(count: int, start: int = 0) -> Iterable[Outgoing]:
    """`count` mails: a decision each, and for every third command a retry before its success."""
    for number in range(start, start + count):
        yield outgoing(decision(number), TRACEPARENT)
        final = 2 if number % 3 == 0 else 1
        if final == 2:
            yield outgoing(result(number, 1, "retry_wait", reason="target-down"), TRACEPARENT)
        yield outgoing(result(number, final), TRACEPARENT)
