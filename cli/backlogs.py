"""`maildesk rules backlogs`: how far the mail that was there already has been handed to rules that were switched on."""

import asyncio
import json
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli.connection import open_database
from cli.progress import SQL
from cli.reporting import exit_codes, out
from runtime.migrations import migrate

_COLUMNS = ("Mailbox", "Rule", "Run", "State", "Handed on", "Of", "Received since", "Started")


def backlogs(as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False) -> None:
    """List the backlogs of rules that were switched on with `backlog:`, the latest first.

    What became of each mail: maildesk log --run RUN. Exit codes: 0 ok, 3 the database is down.

    Example: maildesk rules backlogs
    """
    with exit_codes():
        found = asyncio.run(_list())
    if as_json:
        out.print_json(json.dumps(found))
    elif found:
        table = Table(*_COLUMNS)
        for row in found:
            table.add_row(*(escape(str(value)) for value in row.values()))
        out.print(table)
    else:
        out.print("No rule was switched on with a backlog.")


async def _list() -> list[dict[str, Any]]:
    async with open_database() as database:
        await migrate(database, "ingest")
        rows = [dict(row) for row in await database.fetch(SQL["backlogs"])]
    times = ("begins_at", "started_at")
    return [{name: f"{row[name]:%Y-%m-%dT%H:%MZ}" if name in times else row[name] for name in row} for row in rows]
