"""What all effects on a mailbox share: find the message, change it, say where it is now.

Each change is idempotent on the server, so a repeat needs no look-up of its own. `details` of the result say what was
really changed, for an undo: what a repeat finds done already, it has not changed, whoever did it.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence

from connectors.mailbox.changes import Change
from connectors.mailbox.port import MessageGoneError, ReadOnlyError, Reference
from runtime.errors import MaildeskError
from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.port import DeclinedError
from services.actions.effects.together import Done, Wish, change_together
from services.actions.effects.undo_on_mailbox import undo_change
from services.actions.model import Job
from services.actions.undone import Acted


class MailboxEffect(ABC):
    """An effect on the message itself, in its own mailbox."""

    type: str
    batch = 50
    seconds = 120.0
    keyed = True
    shared_target: str | None = None
    needs = (
        "a mailbox that can be changed; files and POP3 are `skipped: read-only`, mail in Odoo `no-tags` where its "
        "record takes none, `not-notified` where Odoo keeps no read mark"
    )
    repeat = "nothing: what is so already is not changed again"
    undone = "what it really changed is changed back, where it is still so"

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @abstractmethod
    def change(self, job: Job) -> Change:
        """What is to be changed about the job's message."""

    @abstractmethod
    def produced(self, job: Job, done: Done) -> Produced:
        """What was done, with what it really changed in `details`."""

    @abstractmethod
    def intent(self, job: Job) -> str:
        """One sentence: what would be done."""

    def target(self, command: ActionCommand) -> str:
        return f"mailbox:{command.event.mailbox}"

    def record_subjects(self, command: ActionCommand) -> tuple[str, ...]:
        del command
        return ()

    async def plan(self, job: Job) -> Produced:
        connection = await self._connections.get(job.command.event.mailbox)
        try:
            uri = await connection.locate(reference_of(job))
        except MessageGoneError as error:
            raise DeclinedError(error.text, code=error.code) from error
        return _naming_the_mail(job, Produced(kind="mailbox", uri=uri, text=self.intent(job)))

    async def find(self, job: Job) -> Produced | None:
        del job
        return None

    async def do(self, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        groups: dict[str, list[int]] = {}
        for index, job in enumerate(jobs):
            groups.setdefault(job.command.event.mailbox, []).append(index)
        found: dict[int, Produced | MaildeskError] = {}
        answers = await asyncio.gather(
            *(self._do_in(mailbox, [jobs[index] for index in group]) for mailbox, group in groups.items())
        )
        for group, answered in zip(groups.values(), answers, strict=True):
            found |= dict(zip(group, answered, strict=True))
        return [found[index] for index in range(len(jobs))]

    async def undo(self, job: Job, acted: Acted, *, dry_run: bool) -> Produced:
        """See Undoable."""
        connection = await self._connections.get(job.command.event.mailbox)
        done = self.change(job)
        return _naming_the_mail(job, await undo_change(connection, reference_of(job), done, acted, dry_run=dry_run))

    async def probe(self) -> None:
        """Accounts have no common target to ask."""
        return

    async def _do_in(self, mailbox: str, jobs: Sequence[Job]) -> list[Produced | MaildeskError]:
        """One mailbox's jobs, in order."""
        try:
            connection = await self._connections.get(mailbox)
            wishes = [Wish(reference_of(job), self.change(job)) for job in jobs]
        except MaildeskError as error:
            return [error] * len(jobs)
        answers = await change_together(connection, wishes, self.seconds, f"mailbox {mailbox}")
        return [self._answer(job, answer) for job, answer in zip(jobs, answers, strict=True)]

    def _answer(self, job: Job, answer: Done | MaildeskError) -> Produced | MaildeskError:
        if isinstance(answer, MessageGoneError | ReadOnlyError):
            return DeclinedError(answer.text, code=answer.code)
        if isinstance(answer, MaildeskError):
            return answer
        return _naming_the_mail(job, self.produced(job, answer))


def reference_of(job: Job) -> Reference:
    """How to find the job's message: where our own action put it, else where it was read."""
    mail = job.command.mail
    content = mail.content
    return Reference(
        uri=job.uri,
        digest=content.digest,
        header_digest=content.header_digest,
        size=content.size,
        message_id=mail.message_id,
    )


def _naming_the_mail(job: Job, produced: Produced) -> Produced:
    """The result names the sent mail; when another one was changed, the text says so."""
    mail = job.command.mail
    if mail is job.command.event:
        return produced
    named = {"original": {"event_id": str(mail.event_id), "message_id": mail.message_id}}
    text = f"{produced.text} (the original that it answers)"
    return produced.model_copy(update={"text": text, "details": {**produced.details, **named}})
