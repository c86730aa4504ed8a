"""`auto_reply`: answer the sender by the mailbox's own SMTP server, once, with a copy in Sent.

SMTP cannot be asked afterwards (docs/decisions/0012): the job goes to `sending` before the message is handed over, and
one that is found there only looks.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from connectors.smtp.port import SmtpConnection
from runtime.clock import Clock
from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError, TransientError
from schemas.command import ActionCommand
from schemas.comparable import folded_address
from schemas.mailbox import Mailbox
from schemas.registry import MailboxRegistry
from schemas.reply_action import AutoReplyAction
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.port import DeclinedError, LastingError
from services.actions.model import Job
from services.actions.replies.caps import Cap, Caps, ReplyBook
from services.actions.replies.guards import Refusal, Surroundings, refusal, refusal_of_mail
from services.actions.replies.letter import Letter, compose, id_of, recipient_of
from services.actions.replies.sent_copy import SentCopies
from services.actions.sending import Sending
from services.actions.states import State
from services.actions.undone import Acted

log = logging.getLogger(__name__)
SPARE_SECONDS = 10.0
OpenSmtp = Callable[[Mailbox], SmtpConnection]


@dataclass(frozen=True, slots=True)
class ReplyPolicy:
    """The caps, and how old a mail may be that is still answered."""

    caps: Caps = field(default_factory=Caps)
    oldest: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ReplyParts:
    """What replies are made with, besides the mailboxes."""

    open_smtp: OpenSmtp
    book: ReplyBook
    sending: Sending
    policy: ReplyPolicy = field(default_factory=ReplyPolicy)


class AutoReply:
    """See port.Effect. A repeat cannot act twice: whoever lost the lease does not get to `sending`."""

    type = "auto_reply"
    needs = "the mailbox's `outgoing`: the server by which it sends"
    repeat = "the note that the server took it, else its Message-ID in Sent; else it ends `outcome-unknown`"
    undone = "nothing: a reply that was sent cannot be called back"
    batch = 3
    seconds = 150.0
    keyed = True
    shared_target: str | None = None

    def __init__(self, connections: Connections, mailboxes: MailboxRegistry, parts: ReplyParts, clock: Clock) -> None:
        self._copies = SentCopies(connections)
        self._mailboxes = mailboxes
        self._open_smtp = parts.open_smtp
        self._book = parts.book
        self._sending = parts.sending
        self._policy = parts.policy
        self._clock = clock

    def target(self, command: ActionCommand) -> str:
        return f"smtp:{command.event.mailbox}"

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        del command
        return ()

    async def plan(self, job: Job) -> Produced:
        mailbox = self._mailbox(job)
        self._decline(refusal_of_mail(job.command, self._around(mailbox)))
        letter = self._letter(job, mailbox)
        return Produced(text=f"would reply to {letter.recipient}", details={"recipient": letter.recipient})

    async def find(self, job: Job) -> Produced | None:
        """Of one that was sending: what the server said is noted, or there is a copy. No other has sent anything."""
        if job.row.state is not State.SENDING:
            return None
        taken = await self._book.was_taken(job.row.command_id)
        mailbox = self._mailboxes.get(job.command.event.mailbox)
        if mailbox is None or mailbox.outgoing is None:
            return Produced(text="the reply was taken; the mailbox sends no more") if taken else None
        if taken:
            return await self._copies.make(mailbox, self._letter(job, mailbox), job.row.failures)
        return await self._copies.find(mailbox, id_of(mailbox.outgoing, str(job.row.key)))

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        return list(await asyncio.gather(*map(self._answer, jobs)))

    async def probe(self) -> None:
        """Mailboxes have no common server to ask."""
        return

    async def undo(self, job: Job, acted: Acted, *, dry_run: bool) -> Produced:
        del job, acted, dry_run
        raise LastingError("a reply that was sent cannot be called back")

    async def _answer(self, job: Job) -> Produced | MaildeskError:
        try:
            # Less than the executor's, so that a slow server loses its own answer only.
            async with asyncio.timeout(self.seconds - SPARE_SECONDS):
                return await self._reply(job)
        except MaildeskError as error:
            return error
        except TimeoutError:
            text = f"the SMTP server of mailbox {job.command.event.mailbox} is too slow"
            if job.stage.state is State.SENDING:
                return OutcomeUnknownError(text, code="smtp-unknown")
            return TargetDownError(text, code="smtp-slow")
        except Exception as error:
            log.exception("a reply raised what it should not")
            text = f"internal error: {type(error).__name__}"
            if job.stage.state is State.SENDING:
                return OutcomeUnknownError(text, code="internal-error")
            return TransientError(text, code="internal-error")

    async def _reply(self, job: Job) -> Produced:
        mailbox = self._mailbox(job)
        self._decline(refusal(job.command, self._around(mailbox)))
        letter = self._letter(job, mailbox)
        caps = self._policy.caps.of(mailbox.id, folded_address(letter.recipient))
        await self._admit(job, mailbox, caps)
        connection = self._open_smtp(mailbox)
        try:
            await connection.prepare(letter.sender, letter.recipient)
            await self._sending.begin(job)
            await connection.transmit(letter.raw)
            await self._note_taken(job)
        finally:
            await connection.close()
        return await self._copies.make(mailbox, letter, job.row.failures)

    async def _note_taken(self, job: Job) -> None:
        """At once, before anything else. Nothing that fails from here on may look as if the reply was not sent."""
        try:
            await self._book.note_taken(job.row.command_id)
        except MaildeskError as error:
            log.warning("it could not be noted that a reply was taken", extra={"code": error.code})

    async def _admit(self, job: Job, mailbox: Mailbox, caps: list[Cap]) -> None:
        try:
            await self._book.admit(job.row.command_id, mailbox.id, caps)
        except TransientError as error:
            # Not the SMTP server's fault, whose circuit a TargetDownError would open.
            raise TransientError(f"the reply could not be counted: {error.text}", code="not-counted") from error

    def _mailbox(self, job: Job) -> Mailbox:
        mailbox = self._mailboxes.get(job.command.event.mailbox)
        if mailbox is None:
            raise DeclinedError("the mailbox does not exist any more", code="mailbox-gone")
        if mailbox.outgoing is None:
            raise PermanentError(
                f"mailbox {mailbox.id} has no `outgoing`: say there how it sends, and apply it",
                code="smtp-not-configured",
            )
        return mailbox

    def _around(self, mailbox: Mailbox) -> Surroundings:
        known = list(self._mailboxes.mailboxes.values())
        return Surroundings(mailbox, known, self._clock.now(), self._policy.oldest)

    def _decline(self, found: Refusal | None) -> None:
        if found is not None:
            raise DeclinedError(f"not answered: {found.text}", code=found.code)

    def _letter(self, job: Job, mailbox: Mailbox) -> Letter:
        action, event = job.command.step.action, job.command.event
        assert isinstance(action, AutoReplyAction)
        assert mailbox.outgoing is not None
        if recipient_of(event) is None:
            raise DeclinedError("not answered: the sender has no address that can be answered", code="address-unusable")
        return compose(action, event, mailbox.outgoing, str(job.row.key), self._clock.now())
