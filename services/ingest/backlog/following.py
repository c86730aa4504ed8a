"""Looking after backlogs beside the mailboxes, without end: whatever fails is tried again."""

from collections.abc import Callable

from runtime.service import Process
from schemas.registry import Direction
from services.ingest.backlog.runs import Backlogs
from services.ingest.rules import Rules

IDLE_SECONDS = 1.0
DIRECTIONS: tuple[Direction, ...] = ("incoming", "outgoing")


async def follow_backlogs(process: Process, reads: Callable[[str], bool], backlogs: Backlogs, rules: Rules) -> None:
    """Until the process is asked to stop. `reads`: whether a mailbox is this process's.

    The runs of a mailbox that is switched off wait until it is on again.
    """

    async def look() -> float:
        mailboxes = [key for key in sorted(rules.mailboxes) if reads(key)]
        wanted = [each for each in rules.backlogs if each.mailbox in mailboxes]
        paused = [each for each in wanted if not rules.reaches(each.mailbox, each.direction)]
        on = [(key, direction) for key in mailboxes for direction in DIRECTIONS if rules.reaches(key, direction)]
        return await backlogs.look(mailboxes, wanted, paused, on) or IDLE_SECONDS

    await process.keep_looking("backlogs cannot be looked after", look)
