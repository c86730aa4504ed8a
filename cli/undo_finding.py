"""What a rule has done, as the log has it, and what is known of the rule that is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cli.progress import SQL
from runtime.errors import InvalidInputError
from runtime.postgres import Database
from services.console.reading import list_mailboxes, list_rules, rule_history

MOST = 10_000
"""Executions at once: each is asked for, published and waited for by its id."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which executions are to be undone."""

    rule: str
    revision: int | None
    since: datetime
    mailbox: str | None
    action: str | None


@dataclass(frozen=True, slots=True)
class Execution:
    """A command that has acted, as the log has it."""

    command_id: UUID
    event_id: UUID
    message_id: str | None
    mailbox: str
    rule_revision: int
    action_id: str
    action_type: str
    generation: int
    finished_at: datetime
    text: str


async def find_executions(database: Database, sought: Sought) -> list[Execution]:
    """The newest first, at most MOST. Raises InvalidInputError for a rule, revision or mailbox that there is not."""
    asked = (sought.rule, sought.since, sought.revision, sought.mailbox, sought.action, MOST + 1)
    found = [Execution(**row) for row in await database.fetch(SQL["acted"], *asked)]
    if len(found) > MOST:
        raise InvalidInputError(
            f"rule {sought.rule} has acted more than {MOST} times since then; name a later --since, "
            "a --mailbox or an --action"
        )
    if not found:
        await _require_known(database, sought)
    return found


async def _require_known(database: Database, sought: Sought) -> None:
    revisions: Sequence[int] = [each.revision for each in await rule_history(database, sought.rule)]
    if not revisions:
        known = ", ".join(each.rule.id for each in await list_rules(database)) or "none yet"
        raise InvalidInputError(f"there is no rule {sought.rule}; known: {known}")
    if sought.revision is not None and sought.revision not in revisions:
        shown = ", ".join(map(str, revisions[-10:]))
        raise InvalidInputError(f"rule {sought.rule} has no revision {sought.revision}; it has: {shown}")
    mailboxes = [stored.mailbox.id for stored in await list_mailboxes(database)]
    if sought.mailbox is not None and sought.mailbox not in mailboxes:
        raise InvalidInputError(f"there is no mailbox {sought.mailbox}; there are: {', '.join(mailboxes) or 'none'}")
