"""`maildesk log`: ask the execution log what happened to a mail, and why."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple, get_args

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from cli.connection import open_database
from cli.message_ids import spellings
from cli.progress import SQL
from cli.reporting import exit_codes, out
from cli.since import parse_since
from runtime.errors import InvalidInputError
from runtime.migrations import migrate
from schemas.ids import is_retry
from schemas.result import State

WATCHED = "watched"
"""Shown as the state of a rule in `mode: shadow`, which has no command."""
STATES = (*get_args(State), WATCHED)


class Asked(NamedTuple):
    """What the command line asked for, in the order in which the query `log` takes it."""

    mailbox: str | None
    rule: str | None
    state: str | None
    action: str | None
    ids: list[str] | None
    run: str | None
    since: datetime | None
    limit: int

    @property
    def may_be_watched(self) -> bool:
        """Whether to look for rules that only watched: only where somebody asks, since no index helps to find them."""
        if self.action is not None or self.state not in (None, WATCHED):
            return False
        return self.state == WATCHED or self.ids is not None or self.rule is not None

    @property
    def of_decisions(self) -> tuple[Any, ...]:
        """As the query `watched` takes it."""
        return self.mailbox, self.rule, self.ids, self.run, self.since, self.limit


def log(
    message: Annotated[str | None, typer.Argument(help="A Message-ID or event id.", metavar="MESSAGE-ID")] = None,
    mailbox: Annotated[str | None, typer.Option(help="Only this mailbox.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    state: Annotated[
        str | None, typer.Option(help="succeeded, failed, skipped, planned or retry_wait; watched: see below.")
    ] = None,
    action: Annotated[str | None, typer.Option(help="Only this action type, such as tag.")] = None,
    run: Annotated[str | None, typer.Option(help="`live`, or the id of a manual run.")] = None,
    since: Annotated[str | None, typer.Option(help="A time, or an age such as 30m, 12h, 7d.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Rows at most, newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array with every column.")] = False,
) -> None:
    """Show the execution log: one row per action, newest first.

    With MESSAGE-ID, --rule or --state watched, the mails that rules in `mode: shadow` matched are listed among them as
    `watched`; --json has the actions alone.

    Exit codes: 0 ok (also when nothing is found), 2 bad input, 3 the database is down.

    Examples: maildesk log '<id@example.com>'    maildesk log --state failed --since 1d --json
    """
    with exit_codes():
        if state is not None and state not in STATES:
            raise InvalidInputError(f"there is no state {state!r}; known: {', '.join(STATES)}")
        after = parse_since(since) if since else None
        ids = spellings(message) if message else None
        asked = Asked(mailbox, rule, state, action, ids, run, after, limit)
        rows = asyncio.run(_rows(asked, watched=not as_json))
    if as_json:
        print(json.dumps([_whole(row) for row in rows], default=_plain))
    elif rows:
        out.print(_table(rows))
    else:
        out.print("Nothing in the log matches.")


async def _rows(asked: Asked, *, watched: bool) -> list[Mapping[str, Any]]:
    async with open_database() as database:
        await migrate(database, "audit")
        rows = await database.fetch(SQL["log"], *asked)
        if watched and asked.may_be_watched:
            rows = [*rows, *await database.fetch(SQL["watched"], *asked.of_decisions)]
            rows = sorted(rows, key=lambda row: row["finished_at"], reverse=True)
        return rows[: asked.limit]


def _table(rows: list[Mapping[str, Any]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("When", "Mailbox", "Message", "Rule", "Action", "State", "What or why"):
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(
            f"{row['finished_at']:%Y-%m-%d %H:%M:%S}",
            escape(row["mailbox"]),
            escape(row["message_id"] or str(row["event_id"])),
            escape(f"{row['rule_id']} r{row['rule_revision']}"),
            *(_watched(row) if "outcome" in row else _acted(row)),
        )
    return table


def _acted(row: Mapping[str, Any]) -> tuple[str, str, str]:
    action = row["action_type"]
    if row["undoes"] is not None:
        action += " (undo)"
    if is_retry(row["run"]):
        action += " (retry)"
    if row["dry_run"]:
        action += " (dry run)"
    return escape(action), row["state"], escape(row["text"] or row["reason"] or "")


def _watched(row: Mapping[str, Any]) -> tuple[str, str, str]:
    matched = "it matched" if row["outcome"] == "matched" else "it could not be decided"
    return "", WATCHED, f"{matched}; mode: shadow, so nothing was done"


def _whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """Every column; what Postgres keeps as JSON as the value it is."""
    details = row["produced_details"]
    return {**row, "produced_details": json.loads(details) if details is not None else None}


def _plain(value: object) -> object:
    """JSON for what Postgres gives: times in ISO 8601, the rest as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else str(value)
