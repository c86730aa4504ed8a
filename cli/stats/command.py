"""The command `maildesk stats`."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from cli.connection import bootstrap_servers, open_database
from cli.reporting import err, exit_codes, out
from cli.since import parse_since
from cli.stats.live import SHOWN, live_rows
from runtime.kafka_scan import TopicScan
from runtime.migrations import migrate
from runtime.queries import load_queries
from schemas.topics import AUDIT_LIVE_CHANGELOG

LIVE = "live"
SQL = load_queries("cli.stats")
Row = Mapping[str, Any]


def stats(
    mailbox: Annotated[str | None, typer.Option(help="Only this mailbox.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only this rule.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action type, such as tag.")] = None,
    since: Annotated[str, typer.Option(help="A time, an age such as 1h, 1d, 30d; or `live`.")] = "1h",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array with every column.")] = False,
) -> None:
    """Count what was done since then, by mailbox, rule and action: results, failures, and how long they took.

    The figures are exact: each command counts once, by its latest result. What an action takes is measured from the
    beginning of its last attempt, what a mail waits (arrival) from its recording, for live mail.

    `--since live` shows the last five minutes as the audit services have counted them: at once, but a result that was
    delivered twice may count twice. Where the broker keeps no windows, the log is asked, which is exact.

    Exit codes: 0 ok (also when nothing is found), 2 bad input, 3 something that is needed is down.

    Examples: maildesk stats    maildesk stats --since 30d --mailbox sales --json    maildesk stats --since live
    """
    with exit_codes():
        only = (mailbox, rule, action)
        rows = asyncio.run(_live(*only) if since == LIVE else _rows(parse_since(since), *only))
    if as_json:
        print(json.dumps([dict(row) for row in rows], default=_plain))
    elif rows:
        out.print(table(rows))
    else:
        out.print("Nothing in the log matches.")


async def _live(*only: str | None) -> Sequence[Row]:
    now = datetime.now(UTC)
    if (bootstrap := bootstrap_servers()) is not None:
        scan = TopicScan(bootstrap, (AUDIT_LIVE_CHANGELOG.name,), "stats")
        try:
            found = await live_rows(scan, now)
        finally:
            await scan.stop()
        if found is not None:
            return [row for row in found if _asked_for(row, only)]
    err.print("No windows are kept in Kafka; these are the last five minutes of the log.", markup=False)
    return await _rows(now - SHOWN, *only)


def _asked_for(row: Row, only: Sequence[str | None]) -> bool:
    names = (row["mailbox"], row["rule_id"], row["action_type"])
    return all(wanted in (None, name) for wanted, name in zip(only, names, strict=True))


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
        ended = row["last_finished_at"]
        last = f"{ended:%Y-%m-%d %H:%M:%S}" if ended else ""
        made.add_row(*names, *map(str, counts), *map(_seconds, times), last)
    return made


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3g} s"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
