"""Events, rules and rulesets for the tests of the evaluator; everything is fixed unless a test says otherwise."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from schemas.condition import Condition, Group, Leaf
from schemas.evaluation import EvaluationRequested
from schemas.mail import Address, Attachment, ContentReference, MailArrived, MailSent, Origin, ReplyState
from schemas.mailbox import Mailbox
from schemas.rule import Rule, RuleChanged
from services.evaluator.ruleset import Ruleset, build_ruleset, compile_rule

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONDITION: TypeAdapter[Leaf | Group] = TypeAdapter(Condition)


def event(
    *,
    sender: str | None = "anna@example.com",
    subject: str = "Invoice 4711",
    attachments: int = 0,
    mailbox: str = "support",
    **state: Any,
) -> MailArrived:
    """A mail; `state` overrides fields of its reply state."""
    return MailArrived.model_validate(facts(sender, subject, attachments, mailbox, state))


def sent(**overrides: Any) -> MailSent:
    """A mail that the mailbox sent."""
    return MailSent.model_validate(facts("support@example.com", "Re: Invoice", 0, "support", {}) | overrides)


def facts(sender: str | None, subject: str, attachments: int, mailbox: str, state: dict[str, Any]) -> dict[str, Any]:
    """The fields that both directions share."""
    return {
        "event_id": UUID(int=7),
        "mailbox": mailbox,
        "conversation": UUID(int=8),
        "message_id": "<1@example.com>",
        "sender": Address(address=sender) if sender is not None else None,
        "subject": subject,
        "received_at": NOON,
        "recorded_at": NOON,
        "attachments": tuple(Attachment(content_type="image/png", size=1) for _ in range(attachments)),
        "reply_state": ReplyState(**({"is_reply": False, "first_contact": True, "answered": False} | state)),
        "content": ContentReference(uri="INBOX/1", digest="d", header_digest="h", size=10),
        "origin": Origin(kind="imap", folder="INBOX", uid="1"),
    }


def condition(raw: Any) -> Leaf | Group:
    """A condition as it stands in a file."""
    return CONDITION.validate_python(raw)


def rule(identity: str, when: Any = None, **fields: Any) -> Rule:
    """A rule that stars the mail, unless `actions` says otherwise."""
    actions = fields.pop("actions", [{"id": "act", "type": "star"}])
    data = {"id": identity, "mailbox": "support", "when": when or {"all": []}, "actions": actions}
    return Rule.model_validate(data | fields)


def mailbox(identity: str = "support", **fields: Any) -> Mailbox:
    """A mailbox with everything switched on."""
    source = {"kind": "maildir", "path": "/mail"}
    return Mailbox.model_validate({"id": identity, "source": source} | fields)


def ruleset(rules: Sequence[Rule], *boxes: Mailbox, version: int = 3) -> Ruleset:
    """All rules in their first revision; one mailbox `support` unless others are given."""
    compiled = [compile_rule(RuleChanged(version=version, revision=1, rule=each)) for each in rules]
    return build_ruleset(version, boxes or (mailbox(),), compiled)


def request(event: MailArrived | MailSent, **fields: Any) -> EvaluationRequested:
    """A request in a run of its own."""
    return EvaluationRequested.model_validate({"run": "run-1", "event": event, "requested_at": NOON} | fields)
