"""Doing jobs with a real effect, without a store."""

from typing import Any

from connectors.mailbox.digest import digest, header_digest
from connectors.mailbox.port import Fetched
from runtime.errors import MaildeskError
from schemas.command import ActionCommand
from schemas.mail import ContentReference, MailArrived, MailSent
from schemas.result import Produced
from services.actions.effects.port import Effect
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import command, mail


async def act(effect: Effect, *commands: ActionCommand) -> list[Produced | MaildeskError]:
    """One call of the effect."""
    return list(await effect.do([job(each) for each in commands]))


async def done(effect: Effect, given: ActionCommand) -> Produced:
    """It must succeed."""
    (answer,) = await act(effect, given)
    assert isinstance(answer, Produced), answer
    return answer


async def refused(effect: Effect, given: ActionCommand) -> MaildeskError:
    """It must not succeed."""
    (answer,) = await act(effect, given)
    assert isinstance(answer, MaildeskError), answer
    return answer


def event_of(message: Fetched, number: int = 1, **facts: Any) -> MailArrived:
    """The event of a message that was read, as ingest makes it."""
    lines = [line for line in message.raw.splitlines() if line.lower().startswith(b"message-id:")]
    content = ContentReference(
        uri=message.uri, digest=digest(message.raw), header_digest=header_digest(message.raw), size=message.size
    )
    ident = lines[0].split(b":", 1)[1].strip().decode() if lines else None
    return mail(number, mailbox="test", content=content, message_id=ident, **facts)


def wanted(event: MailArrived | MailSent, **action: Any) -> ActionCommand:
    """A command with this action."""
    return command(event, {"id": "act", **action})
