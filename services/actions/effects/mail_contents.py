"""The whole mails behind several jobs, read and taken apart a few at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from runtime.errors import MaildeskError, PermanentError, TransientError
from services.actions.connections import Connections
from services.actions.effects.raw_mail import read_raw
from services.actions.effects.whole_mail import UnreadableMailError, WholeMail, whole_mail
from services.actions.model import Job

log = logging.getLogger(__name__)
PORTION_BYTES = 8 * 1024 * 1024
"""Of raw mail that is in memory at once, several times over; a larger mail is a portion of its own."""
SECONDS = 30.0
"""For reading all mails of one call. A mail account must not hold up what else is done in Odoo."""
ATTEMPTS = 8
"""An account that is away is waited for until the last of so many attempts; then Odoo gets what is known without it."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a mail cannot be shown as it is; `text` goes on after "its mail"."""

    text: str


Content = WholeMail | Unread | MaildeskError
"""A MaildeskError: to be tried again."""


class MailContents:
    """Reads mails again from where they lie. `attempts`: how many a command has at most."""

    def __init__(self, connections: Connections, attempts: int = ATTEMPTS, seconds: float = SECONDS) -> None:
        self._connections = connections
        self._attempts = attempts
        self._seconds = seconds

    async def portions(self, jobs: Sequence[Job]) -> AsyncIterator[list[tuple[int, Content]]]:
        """All jobs, by their place in `jobs`, in portions."""
        left = self._seconds
        clock = asyncio.get_running_loop()
        for portion in _portions(jobs):
            began = clock.time()
            contents = await self._read([jobs[index] for index in portion], left)
            left = max(0.0, left - (clock.time() - began))
            yield list(zip(portion, contents, strict=True))

    async def _read(self, jobs: Sequence[Job], seconds: float) -> list[Content]:
        """One account's mails one after the other, the accounts side by side."""
        found: dict[int, Content] = {}
        boxes: dict[str, list[int]] = {}
        for index, job in enumerate(jobs):
            boxes.setdefault(job.command.event.mailbox, []).append(index)

        async def read_box(indexes: Sequence[int]) -> None:
            for index in indexes:
                found[index] = await self._content(jobs[index])

        try:
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(read_box(indexes) for indexes in boxes.values()))
        except TimeoutError:
            slow = TransientError("the mail account gave its mail too slowly", code="mail-away")
            found = {index: found.get(index) or self._or_without(jobs[index], slow) for index in range(len(jobs))}
        return [found[index] for index in range(len(jobs))]

    async def _content(self, job: Job) -> Content:
        try:
            raw = await read_raw(self._connections, job)
            return await asyncio.to_thread(whole_mail, raw)
        except UnreadableMailError as error:
            return Unread(f"cannot be shown: {error}")
        except PermanentError as error:
            return Unread(f"could not be read again: {error.text}")
        except TransientError as error:
            # Odoo, the target of these actions, is not to blame: its circuit must stay closed.
            return self._or_without(job, TransientError(f"the mail account is away: {error.text}", code="mail-away"))
        except Exception as error:
            # One mail must not take along the others that are read with it.
            log.exception("reading a mail raised what it should not", extra={"type": job.command.type})
            return Unread(f"could not be read again: internal error: {type(error).__name__}")

    def _or_without(self, job: Job, error: TransientError) -> Content:
        """The last attempt does without, so that no command fails for it whose record is there already."""
        return error if job.attempt < self._attempts else Unread(f"could not be read again: {error.text}")


def _portions(jobs: Sequence[Job]) -> list[list[int]]:
    found: list[list[int]] = []
    size = 0
    for index, job in enumerate(jobs):
        size += job.command.event.content.size
        if not found or size > PORTION_BYTES:
            found.append([])
            size = job.command.event.content.size
        found[-1].append(index)
    return found
