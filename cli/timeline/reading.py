"""Looking up a mail, and on demand its conversation in every mailbox, with all that is known of it."""

import json
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from cli.message_ids import spellings
from cli.timeline.steps import Row, Rows
from runtime.errors import InvalidInputError
from runtime.postgres import Database
from runtime.queries import load_queries
from services.console.reading import list_mailboxes

SQL = load_queries("cli.timeline")
MOST_MAILS = 500
MOST_ROWS = 10_000


async def mails(database: Database, wanted: str, mailbox: str | None, *, conversation: bool) -> list[UUID]:
    """The events that a Message-ID or an event id names. Raises InvalidInputError when there is none.

    `conversation`: those of its conversations too, and of conversations in other mailboxes that share a mail with them.
    """
    boxes = [mailbox] if mailbox else [each.mailbox.id for each in await list_mailboxes(database)]
    found = await _named(database, spellings(wanted), _event_id(wanted), boxes)
    if mailbox is not None:
        found = await _within(database, found, mailbox)
    if not found:
        where = f" in mailbox {mailbox}" if mailbox else ""
        raise InvalidInputError(f"there is no mail {wanted}{where}; is it in `maildesk log`?")
    if not conversation:
        return sorted(found)
    seen, idents = await _together(database, found)
    if mailbox is None:
        others = await _named(database, sorted(idents), None, boxes)
        seen |= (await _together(database, seen | others))[0]
    elsewhere = await _within(database, seen, mailbox) if mailbox is not None else seen
    return sorted(elsewhere | found)


async def everything(database: Database, events: Sequence[UUID]) -> Rows:
    """All rows of these mails."""
    decisions = await database.fetch(SQL["decisions"], events, MOST_ROWS)
    results = await database.fetch(SQL["results"], events, MOST_ROWS)
    commands = {UUID(each["command_id"]) for row in decisions for each in json.loads(row["commands"])}
    commands |= {row["command_id"] for row in results} | {row["next_command"] for row in results if row["next_command"]}
    return Rows(
        ledger=await database.fetch(SQL["ledger"], events),
        late_facts=await database.fetch(SQL["late_facts"], events),
        decisions=decisions,
        results=results,
        commands=await database.fetch(SQL["commands"], sorted(commands)),
    )


def heads(rows: Rows, events: Collection[UUID]) -> list[dict[str, Any]]:
    """What names each mail: from the ledger, else from the log."""
    known: dict[UUID, Row] = {row["event_id"]: row for row in rows.decisions}
    known |= {row["event_id"]: row for row in rows.ledger if row["outcome"] != "duplicate"}
    links = {row["event_id"]: row for row in rows.decisions}
    names = ("event_id", "mailbox", "message_id", "conversation", "direction", "received_at", "content_uri")
    found = [{name: known[event][name] for name in names} for event in events if event in known]
    for head in found:
        decision = links.get(head["event_id"])
        head |= {
            name: decision[name] if decision is not None else None for name in ("mail_url", "trace_id", "trace_url")
        }
    return sorted(found, key=lambda head: (head["received_at"], str(head["event_id"])))


async def _named(database: Database, idents: Sequence[str], event: UUID | None, boxes: Sequence[str]) -> set[UUID]:
    rows = await database.fetch(SQL["events_of"], list(idents), event, list(boxes), MOST_MAILS)
    return {row["event_id"] for row in rows}


async def _together(database: Database, events: Collection[UUID]) -> tuple[set[UUID], set[str]]:
    """The events of their conversations, and the Message-IDs of these."""
    conversations = [row["conversation"] for row in await database.fetch(SQL["conversations"], sorted(events))]
    rows = await database.fetch(SQL["events_in"], conversations, MOST_MAILS)
    return {row["event_id"] for row in rows}, {row["message_id"] for row in rows if row["message_id"]}


async def _within(database: Database, events: Collection[UUID], mailbox: str) -> set[UUID]:
    rows = [
        *await database.fetch(SQL["ledger"], sorted(events)),
        *await database.fetch(SQL["decisions"], sorted(events), MOST_ROWS),
    ]
    return {row["event_id"] for row in rows if row["mailbox"] == mailbox}


def _event_id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
