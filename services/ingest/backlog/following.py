"""Looking after backlogs beside the mailboxes, without end: whatever fails is tried again."""

import logging

from runtime.errors import MaildeskError
from runtime.service import Process
from services.ingest.backlog.runs import Backlogs
from services.ingest.rules import Rules
from services.ingest.settings import IngestSettings

log = logging.getLogger(__name__)
IDLE_SECONDS = 1.0


async def follow_backlogs(process: Process, settings: IngestSettings, backlogs: Backlogs, rules: Rules) -> None:
    """Until the process is asked to stop. The runs of a mailbox that is switched off wait until it is on again."""
    failures = 0
    while not process.stopping.is_set():
        mailboxes = [key for key in sorted(rules.mailboxes) if settings.reads(key)]
        wanted = [each for each in rules.backlogs if each.mailbox in mailboxes]
        paused = [each for each in wanted if not rules.reaches(each.mailbox, each.direction)]
        try:
            seconds = await backlogs.look(mailboxes, wanted, paused)
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
