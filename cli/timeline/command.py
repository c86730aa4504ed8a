"""`maildesk timeline`: one mail, or a whole conversation, from its arrival to the last result, in time."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import typer

from cli.connection import bootstrap_servers, open_database
from cli.dlq_open import TOPICS, open_scan
from cli.reporting import exit_codes, out
from cli.setup import migrate_all
from cli.timeline.letters import letters_of
from cli.timeline.reading import MOST_MAILS, everything, heads, mails
from cli.timeline.report import as_json, lines
from cli.timeline.steps import Rows, Step, steps_of
from cli.visible import visible
from runtime.errors import MaildeskError

Found = tuple[list[dict[str, Any]], list[Step], list[str]]


def timeline(
    message: Annotated[str, typer.Argument(help="The mail's Message-ID, or its event id.", metavar="MESSAGE-ID")],
    mailbox: Annotated[str | None, typer.Option(help="Only this mailbox's copy of the mail.")] = None,
    conversation: Annotated[
        bool, typer.Option("--conversation", help="All mail of its conversation, in every mailbox that has it.")
    ] = False,
    as_document: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show step by step what happened to a mail: received, recorded, published, decided, each command and its end.

    Every run is there: live, by hand, backlogs, replays, retries and undos; dead letters where a broker is known. Each
    step has its time and the time since the step before it; decisions and results link to mail, trace and record.
    Exit codes: 0 ok, 2 no such mail, 3 the database is down.

    Example: maildesk timeline enquiry-1@acme.example --conversation
    """
    with exit_codes():
        found = asyncio.run(_found(message, mailbox, conversation=conversation))
    if as_document:
        print(as_json(*found))
    else:
        for line in lines(*found):
            out.print(visible(line), markup=False, soft_wrap=True)


async def _found(message: str, mailbox: str | None, *, conversation: bool) -> Found:
    async with open_database() as database:
        await migrate_all(database)
        events = await mails(database, message, mailbox, conversation=conversation)
        rows = await everything(database, events)
    notes = [f"Only the first {MOST_MAILS} mails are shown."] if len(events) >= MOST_MAILS else []
    letters, note = await _letters(rows)
    return heads(rows, events), steps_of(replace(rows, letters=letters)), [*notes, *note]


async def _letters(rows: Rows) -> tuple[Sequence[Step], list[str]]:
    if bootstrap_servers() is None:
        return (), ["Dead letters were not looked at: no broker is known."]
    mailboxes: dict[UUID, str] = {row["event_id"]: row["mailbox"] for row in (*rows.ledger, *rows.decisions)}
    commands: dict[UUID, UUID] = {row["command_id"]: row["event_id"] for row in (*rows.results, *rows.commands)}
    try:
        async with open_scan(TOPICS) as scan:
            return await letters_of(scan, mailboxes, commands), []
    except MaildeskError as error:
        return (), [f"Dead letters were not looked at: {error.text}"]
