"""`maildesk replay`: evaluate mail once more, as it lies in Kafka."""

import asyncio
import json
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.markup import escape
from rich.table import Table

from cli.applying import default_author
from cli.backlog_report import print_run
from cli.connection import open_database
from cli.dlq_open import open_scan
from cli.replay.asking import ask, check
from cli.replay.carrying_out import carry_out
from cli.replay.following import facts_of, found_replay, settle, tally_of
from cli.replay.report import as_json, sentences
from cli.reporting import err, exit_codes, out
from cli.setup import migrate_all
from cli.since import parse_since
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError
from services.console import replays
from services.console.replays import Wanted

app = typer.Typer(help="Evaluate mail once more, as it lies in Kafka. What was done is not done again.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RunId = Annotated[str, typer.Argument(help="The id of the replay, as `maildesk replay list` shows it.", metavar="RUN")]


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    begins: Annotated[
        str | None, typer.Option("--from", help="Mail that ingest published then or later: a time, or an age like 6h.")
    ] = None,
    ends: Annotated[str | None, typer.Option("--to", help="Mail published before then; left out: until now.")] = None,
    mailbox: Annotated[list[str] | None, typer.Option(help="Only this mailbox; may be given several times.")] = None,
    rule: Annotated[
        str | None, typer.Option(help="Only this rule, which must be on; left out: all active ones.")
    ] = None,
    rate: Annotated[float, typer.Option(min=0.1, max=10_000, help="Mails per second, at most.")] = 50.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Log what would be done; touch nothing.")] = False,
    json_wanted: Json = False,
) -> None:
    """Hand the mail of a span of time to the rules of now, as a run with an id of its own.

    What a rule has done for a mail is not done again; no automatic reply is sent; live mail goes first. Ctrl-C
    interrupts it: `maildesk replay resume RUN` goes on where it was. Exit codes: 0 finished, 1 an action failed, 2 bad
    input, 3 nothing moves, something is down, or ended by SIGTERM.

    Example: maildesk replay --from 2026-05-01T08:00Z --to 2026-05-01T10:00Z --mailbox support --dry-run
    """
    if context.invoked_subcommand is not None:
        return
    with exit_codes():
        if begins is None:
            raise InvalidInputError("say from when on: maildesk replay --from 2026-05-01T08:00Z, or --from 6h")
        now = SystemClock().now()
        until = parse_since(ends) if ends else now
        wanted = Wanted(parse_since(begins), min(until, now), tuple(mailbox or ()), rule, dry_run, rate)
        found = asyncio.run(_replayed(wanted))
    print_run(found, sentences(found), json_wanted=json_wanted)


@app.command()
def resume(run: RunId, json_wanted: Json = False) -> None:
    """Go on with a replay that was interrupted, where it was. Exit codes: as of `replay`.

    Example: maildesk replay resume replay-0f3a5b7c9d1e
    """
    with exit_codes():
        found = asyncio.run(_resumed(run))
    print_run(found, sentences(found), json_wanted=json_wanted)


@app.command("list")
def list_replays(json_wanted: Json = False) -> None:
    """List the replays, the latest first. Exit codes: 0 ok, 3 the database is down.

    Example: maildesk replay list
    """
    with exit_codes():
        rows = asyncio.run(_listed())
    if json_wanted:
        print(json.dumps(rows))
    elif rows:
        table = Table("Run", "State", "From", "To", "Rule", "Read", "Of", "Handed on")
        for row in rows:
            names = ("run", "state", "from", "to", "rule", "read", "of", "published")
            table.add_row(*(escape(str(row[name] if row[name] is not None else "all")) for name in names))
        out.print(table)
    else:
        out.print("There was no replay yet. Begin one: maildesk replay --from 6h --dry-run")


@app.command()
def show(run: RunId, json_wanted: Json = False) -> None:
    """Say how far a replay is and what came of it. Exit codes: 0 ok, 1 an action failed, 2 there is none of that id.

    Example: maildesk replay show replay-0f3a5b7c9d1e
    """
    with exit_codes():
        found = asyncio.run(_shown(run))
    print_run(found, sentences(found), json_wanted=json_wanted)


@app.command()
def cancel(run: RunId) -> None:
    """End a replay. What was handed on by then is decided all the same; nothing is taken back.

    Exit codes: 0 cancelled, 2 there is none of that id, or it does not run.

    Example: maildesk replay cancel replay-0f3a5b7c9d1e
    """
    with exit_codes():
        asyncio.run(_cancelled(run))
    out.print(f"cancelled: {run}", markup=False)


async def _replayed(wanted: Wanted) -> dict[str, Any]:
    async with open_database() as database:
        await migrate_all(database)
        now = SystemClock().now()
        wanted, topics = await check(database, wanted, now)
        async with open_scan(topics) as scan:
            run = await ask(database, scan, wanted, default_author(), now, uuid4())
        err.print(f"{run} has begun; Ctrl-C interrupts it, `maildesk replay cancel {run}` ends it", markup=False)
        await carry_out(database, run, uuid4(), SystemClock())
        return as_json(await settle(database, run, SystemClock()))


async def _resumed(run: str) -> dict[str, Any]:
    async with open_database() as database:
        await migrate_all(database)
        await carry_out(database, run, uuid4(), SystemClock())
        return as_json(await settle(database, run, SystemClock()))


async def _listed() -> list[dict[str, Any]]:
    async with open_database() as database:
        await migrate_all(database)
        return [facts_of(each) for each in await replays.recent(database)]


async def _shown(run: str) -> dict[str, Any]:
    async with open_database() as database:
        await migrate_all(database)
        return as_json(await tally_of(database, run))


async def _cancelled(run: str) -> None:
    async with open_database() as database:
        await migrate_all(database)
        if not await replays.cancel(database, run):
            raise InvalidInputError(f"{run} does not run any more: it is {(await found_replay(database, run)).state}")
