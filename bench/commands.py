"""Commands as the evaluator makes them of the corpus, and the mailbox that they come from."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from bench.corpus import events, mailbox
from runtime.kafka import Outgoing, Received
from schemas.action import Action
from schemas.command import ActionCommand, RuleReference, Step
from schemas.ids import LIVE, conversation_id, decision_id, event_id
from schemas.mail import MailArrived
from schemas.registry import MailboxRegistry
from schemas.rule import MailboxChanged, RulesetPublished
from schemas.topics import action_topic
from services.console.records import change

LEAD: dict[str, Any] = {"id": "lead", "type": "crm_lead", "mail": "none"}
"""Without the mail in the chatter: what is measured is how many leads there are, as Odoo's `load` alone makes them."""
TAG: dict[str, Any] = {"id": "tag", "type": "tag", "add": ["bench"]}
_ACTION: TypeAdapter[Any] = TypeAdapter(Action)


def commands(run: UUID, count: int, action: dict[str, Any]) -> Iterator[ActionCommand]:
    """One command a mail, each mail a conversation of its own; those of another `run` are about other mails."""
    step = Step(action=_ACTION.validate_python(action))
    for number, event in enumerate(events(count)):
        mail = _of_run(run, number, event)
        yield ActionCommand(
            decision_id=decision_id(mail.event_id, LIVE, 1),
            run=LIVE,
            run_at=mail.recorded_at,
            rule=RuleReference(id="bench", revision=1, name="Bench"),
            trigger="incoming",
            on_error="stop",
            event=mail,
            step=step,
        )


def _of_run(run: UUID, number: int, event: MailArrived) -> MailArrived:
    ident = f"<{number}.{run.hex}@bench.example>"
    references = tuple(f"<{number}.{run.hex}.before@bench.example>" for _ in event.references)
    return event.model_copy(
        update={
            "event_id": event_id("incoming", event.mailbox, ident),
            "conversation": conversation_id(event.mailbox, ident),
            "message_id": ident,
            "references": references,
            "in_reply_to": references,
        }
    )


def records(given: ActionCommand) -> Received:
    """The command as its topic brings it."""
    return Received(action_topic(given.type), 0, 0, given.record_key.encode(), given.to_json(), (), 0)


def mailboxes() -> MailboxRegistry:
    """The one mailbox, in force."""
    found = MailboxRegistry()
    found.take(
        [_read(change(MailboxChanged(version=1, mailbox=mailbox()))), _read(change(RulesetPublished(version=1)))]
    )
    return found


def _read(record: Outgoing) -> Received:
    return Received(record.topic, 0, 0, record.key or b"", record.value, tuple(record.headers), 0)
