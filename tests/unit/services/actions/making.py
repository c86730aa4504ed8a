"""Commands, jobs and mailboxes for the tests of the actions; everything is fixed unless a test says otherwise."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from schemas.action import Action
from schemas.command import ActionCommand, RuleReference, Step
from schemas.mail import Address, ContentReference, MailArrived, MailSent, Origin, ReplyState
from schemas.mailbox import Mailbox
from schemas.registry import MailboxRegistry, RuleRegistry
from schemas.rule import MailboxChanged, Rule, RuleChanged, RulesetPublished
from services.actions.engine import Arrival
from services.actions.model import NewCommand
from services.actions.policy import Policy
from services.actions.standing import Standing
from tests.unit.services.actions.records import received

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TAG: dict[str, Any] = {"id": "tag", "type": "tag", "add": ["Invoice"]}
STAR: dict[str, Any] = {"id": "star", "type": "star"}
MOVE: dict[str, Any] = {"id": "move", "type": "move_folder", "folder": "Archive"}
LEAD: dict[str, Any] = {"id": "lead", "type": "crm_lead"}
REPLY: dict[str, Any] = {"id": "reply", "type": "auto_reply", "text": "We have your mail."}
_ACTION: TypeAdapter[Any] = TypeAdapter(Action)


def mail(number: int = 1, *, conversation: int = 1, mailbox: str = "support", **facts: Any) -> MailArrived:
    """The n-th mail."""
    found: dict[str, Any] = {
        "event_id": UUID(int=number),
        "mailbox": mailbox,
        "conversation": UUID(int=1000 + conversation),
        "message_id": f"<{number}@example.org>",
        "sender": Address(name="Anna", address="anna@example.org"),
        "subject": f"Offer {number}",
        "received_at": NOON,
        "recorded_at": NOON,
        "excerpt": "Please call me.",
        "reply_state": ReplyState(is_reply=False, first_contact=True, answered=False),
        "content": ContentReference(uri=f"eml://{mailbox}/{number}.eml", digest="d", header_digest="h", size=10),
        "origin": Origin(kind="eml", folder="INBOX", uid=str(number)),
    }
    return MailArrived.model_validate({**found, **facts})


def step(action: dict[str, Any], skip: str | None = None) -> Step:
    """One step of a slip."""
    return Step(action=_ACTION.validate_python(action), skip=skip)


def command(
    event: MailArrived | MailSent | None = None, *actions: dict[str, Any], rule: str = "r1", **fields: Any
) -> ActionCommand:
    """The command of the first action (a tag when none is given), the others in its slip."""
    steps = [step(action) for action in actions or (TAG,)]
    facts: dict[str, Any] = {
        "decision_id": UUID(int=99),
        "run": "live",
        "run_at": NOON,
        "rule": RuleReference(id=rule, revision=1, name=rule),
        "trigger": "incoming",
        "on_error": "stop",
        "event": event or mail(),
        "step": steps[0],
        "slip": tuple(steps[1:]),
    }
    return ActionCommand(**{**facts, **fields})


def new(given: ActionCommand, *, generation: int = 0, lane: str | None = None) -> NewCommand:
    """The command as the store takes it."""
    name = f"{given.event.conversation}|mailbox:{given.event.mailbox}" if lane is None else lane
    return NewCommand(given, name, generation, given.to_json(), {"traceparent": "t"})


def arrival(given: ActionCommand) -> Arrival:
    """The command as the engine takes it."""
    return Arrival(given, given.to_json(), {})


def mailbox(identity: str = "support", **fields: Any) -> Mailbox:
    """A mailbox with everything switched on."""
    source = {"kind": "maildir", "path": f"/mail/{identity}"}
    return Mailbox.model_validate({"id": identity, "source": source} | fields)


def known(*boxes: Mailbox) -> MailboxRegistry:
    """These mailboxes, published; `support` when none is given."""
    found = MailboxRegistry()
    publish(found, *(boxes or (mailbox(),)))
    return found


def standing(mailboxes: MailboxRegistry, policy: Policy, rules: RuleRegistry | None = None) -> Standing:
    """What lets commands begin; no rules have been read unless they are given."""
    return Standing(mailboxes, rules or RuleRegistry(), policy)


def publish_rules(registry: RuleRegistry, version: int, *rules: Rule) -> None:
    """Publish them as that version."""
    changes = [received(RuleChanged(version=version, revision=version, rule=each)) for each in rules]
    registry.take([*changes, received(RulesetPublished(version=version))])


def publish(mailboxes: MailboxRegistry, *boxes: Mailbox) -> None:
    """Publish them as the next version."""
    version = mailboxes.version + 1
    changes = [received(MailboxChanged(version=version, mailbox=box)) for box in boxes]
    mailboxes.take([*changes, received(RulesetPublished(version=version))])
