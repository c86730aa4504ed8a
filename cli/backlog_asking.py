"""What `maildesk backlog` asks for, checked against the rules in force, and begun."""

from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

from cli.applying import default_author
from runtime.errors import InvalidInputError
from runtime.postgres import Database
from schemas.registry import Direction
from schemas.rule import Trigger
from services.console.reading import get_mailbox, get_rule, list_mailboxes, list_rules
from services.console.stored import StoredRule
from services.ingest.backlog.asked import Asked, begin

_DIRECTIONS: dict[Trigger, Direction] = {"incoming": "incoming", "after_send": "outgoing"}


class Question(NamedTuple):
    """What the command line says. `rate`: mails per second, at most; None: as ingest may."""

    mailbox: str
    rule: str
    since: datetime
    until: datetime | None = None
    rate: float | None = None


async def checked(database: Database, question: Question) -> tuple[StoredRule, Direction]:
    """The rule and the mail that it is about. Raises InvalidInputError where the run could do nothing."""
    if await get_mailbox(database, question.mailbox) is None:
        known = ", ".join(each.mailbox.id for each in await list_mailboxes(database)) or "none yet"
        raise InvalidInputError(f"there is no mailbox {question.mailbox}; known: {known}")
    stored = await get_rule(database, question.rule)
    if stored is None or stored.rule.mailbox != question.mailbox:
        known = ", ".join(each.rule.id for each in await list_rules(database, question.mailbox)) or "none yet"
        raise InvalidInputError(f"mailbox {question.mailbox} has no rule {question.rule}; it has: {known}")
    direction = _DIRECTIONS.get(stored.rule.trigger)
    if direction is None:
        raise InvalidInputError(
            f"rule {question.rule} is run by hand, mail by mail: maildesk run MESSAGE-ID --rule {question.rule}"
        )
    return stored, direction


async def ask(database: Database, question: Question, now: datetime) -> str:
    """Begin the run; returns its id. Raises InvalidInputError."""
    stored, direction = await checked(database, question)
    if not stored.rule.enabled:
        raise InvalidInputError(f"rule {question.rule} is off; switch it on first, or look with --dry-run")
    asked = Asked(
        mailbox=question.mailbox,
        rule=question.rule,
        direction=direction,
        since=question.since,
        until=question.until,
        rate=question.rate,
        changed_at=stored.changed_at,
        by=default_author(),
    )
    return await begin(database, asked, uuid4(), now)
