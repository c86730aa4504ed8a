"""`maildesk log`: ask the execution log what happened to a mail, and why."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from cli.connection import open_database
from cli.message_ids import spellings
from cli.progress import SQL
from cli.reporting import exit_codes, out
from cli.since import parse_since
from runtime.migrations import migrate


def log(
    message: Annotated[str | None, typer.Argument(help="A Message-ID or event id.", metavar="[MESSAGE-ID]")] = None,
    mailbox: Annotated[str | None, typer.Option(help="Only this mailbox.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    state: Annotated[str | None, typer.Option(help="succeeded, failed, skipped, planned or retry_wait.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action type, such as tag.")] = None,
    run: Annotated[str | None, typer.Option(help="`live`, or the id of a manual run.")] = None,
    since: Annotated[str | None, typer.Option(help="A time, or an age such as 30m, 12h, 7d.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Rows at most, newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array with every column.")] = False,
) -> None:
    """Show the execution log: one row per action, newest first.

    Exit codes: 0 ok (also when nothing is found), 2 bad input, 3 the database is down.

    Examples: maildesk log '<id@example.com>'    maildesk log --state failed --since 1d --json
    """
    with exit_codes():
        after = parse_since(since) if since else None
        ids = spellings(message) if message else None
        rows = asyncio.run(_rows((mailbox, rule, state, action, ids, run, after, limit)))
    if as_json:
        print(json.dumps([_whole(row) for row in rows], default=_plain))
    elif rows:
        out.print(_table(rows))
    else:
        out.print("Nothing in the log matches.")


async def _rows(filters: tuple[Any, ...]) -> list[Mapping[str, Any]]:
    async with open_database() as database:
        await migrate(database, "audit")
        return await database.fetch(SQL["log"], *filters)


def _table(rows: list[Mapping[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("When", "Mailbox", "Message", "Rule", "Action", "State", "What or why"):
        table.add_column(title, overflow="fold")
    for row in rows:
        what = row["text"] or row["reason"]
        table.add_row(
            f"{row['finished_at']:%Y-%m-%d %H:%M:%S}",
            escape(row["mailbox"]),
            escape(row["message_id"] or str(row["event_id"])),
            escape(f"{row['rule_id']} r{row['rule_revision']}"),
            escape(row["action_type"] + (" (dry run)" if row["dry_run"] else "")),
            row["state"],
            escape(what or ""),
        )
    return table


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """Every column; what Postgres keeps as JSON as the value it is."""
    details = row["produced_details"]
    return {**row, "produced_details": json.loads(details) if details is not None else None}


def _plain(value: object) -> object:
    """JSON for what Postgres gives: times in ISO 8601, the rest as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else str(value)
