"""The command `maildesk stats`."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from cli.connection import open_database
from cli.reporting import exit_codes, out
from cli.since import parse_since
from runtime.migrations import migrate
from runtime.queries import load_queries

SQL = load_queries("cli.stats")
Row = Mapping[str, Any]


def stats(
    mailbox: Annotated[str | None, typer.Option(help="Only this mailbox.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action type, such as tag.")] = None,
    since: Annotated[str, typer.Option(help="A time, or an age such as 1h, 1d, 30d.")] = "1h",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array with every column.")] = False,
) -> None:
    """Count what was done since then, by mailbox, rule and action: results, failures, and how long they took.

    The figures are exact: each command counts once, by its latest result. What an action takes is measured from the
    beginning of its last attempt, what a mail waits (arrival) from its recording, for live mail.

    Exit codes: 0 ok (also when nothing is found), 2 bad input, 3 the database is down.

    Examples: maildesk stats    maildesk stats --since 30d --mailbox sales --json
    """
    with exit_codes():
        rows = asyncio.run(_rows(parse_since(since), mailbox, rule, action))
    if as_json:
        print(json.dumps([dict(row) for row in rows], default=_plain))
    elif rows:
        out.print(table(rows))
    else:
        out.print("Nothing in the log matches.")


async def _rows(since: datetime, *only: str | None) -> Sequence[Row]:
    async with open_database() as database:
        await migrate(database, "audit")
        return await database.fetch(SQL["exact"], since, *only)


def table(rows: Sequence[Row]) -> Table:
    """For people: seconds are rounded, nothing is left out but the mails' wait."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("Mailbox", "Rule", "Action"):
        made.add_column(title, overflow="fold")
    for title in ("Commands", "Done", "Failed", "Skipped", "Waiting", "p50", "p95", "Arrival", "Last"):
        made.add_column(title, justify="right")
    for row in rows:
        names = (escape(row[name]) for name in ("mailbox", "rule_id", "action_type"))
        counts = (row["commands"], row["succeeded"] + row["planned"], row["failed"], row["skipped"], row["retry_wait"])
        times = (row["seconds_p50"], row["seconds_p95"], row["arrival_avg"])
        last = f"{row['last_finished_at']:%Y-%m-%d %H:%M:%S}"
        made.add_row(*names, *map(str, counts), *map(_seconds, times), last)
    return made


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3g} s"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
