"""Looking after backlogs beside the mailboxes, without end: whatever fails is tried again."""

import logging
from collections.abc import Callable

from runtime.errors import MaildeskError
from runtime.service import Process
from schemas.registry import Direction
from services.ingest.backlog.runs import Backlogs
from services.ingest.rules import Rules

log = logging.getLogger(__name__)
IDLE_SECONDS = 1.0
DIRECTIONS: tuple[Direction, ...] = ("incoming", "outgoing")


async def follow_backlogs(process: Process, reads: Callable[[str], bool], backlogs: Backlogs, rules: Rules) -> None:
    """Until the process is asked to stop. `reads`: whether a mailbox is this process's.

    The runs of a mailbox that is switched off wait until it is on again.
    """
    failures = 0
    while not process.stopping.is_set():
        mailboxes = [key for key in sorted(rules.mailboxes) if reads(key)]
        wanted = [each for each in rules.backlogs if each.mailbox in mailboxes]
        paused = [each for each in wanted if not rules.reaches(each.mailbox, each.direction)]
        on = [(key, direction) for key in mailboxes for direction in DIRECTIONS if rules.reaches(key, direction)]
        try:
            seconds = await backlogs.look(mailboxes, wanted, paused, on)
        except Exception as error:
            failures += 1
            known = isinstance(error, MaildeskError)
            log.warning(
                "backlogs cannot be looked after",
                extra={"code": error.code if isinstance(error, MaildeskError) else "unexpected", "try": failures},
                exc_info=None if known else error,
            )
            await process.pause(process.backoff.delay(failures))
        else:
            failures = 0
            await process.pause(seconds or IDLE_SECONDS)
