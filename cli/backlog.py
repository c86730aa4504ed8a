"""`maildesk backlog`: apply one rule, on purpose, to mail that was received in a span of time."""

import asyncio
import json
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from typer.core import TyperGroup

from cli.backlog_asking import Question, ask
from cli.backlog_following import follow, tally_of
from cli.backlog_report import as_json, print_run, sentences
from cli.backlog_trial import attempt
from cli.connection import bootstrap_servers, open_database
from cli.progress import SQL
from cli.reporting import err, exit_codes, out
from cli.setup import migrate_all
from cli.since import parse_since
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError, TargetDownError
from runtime.migrations import migrate
from services.ingest.backlog.asked import cancel as cancel_run


class MailboxFirst(TyperGroup):
    """`backlog MAILBOX …` is short for `backlog start MAILBOX …`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is no other subcommand, and no request for help, is a mailbox or one of its options."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["start", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=MailboxFirst,
    no_args_is_help=True,
    help="Apply one rule to mail that is there already: `maildesk backlog MAILBOX --since DATE --rule RULE`.",
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RunId = Annotated[str, typer.Argument(help="The id of the run, as `maildesk backlog list` shows it.", metavar="RUN")]


@app.command()
def start(
    mailbox: Annotated[str, typer.Argument(help="The mailbox's id.")],
    rule: Annotated[str, typer.Option(help="The rule; it must be on, and belong to MAILBOX.")],
    since: Annotated[str, typer.Option(help="Mail received then or later: a time, or an age such as 30d.")],
    until: Annotated[str | None, typer.Option(help="Mail received before then; left out: until now.")] = None,
    rate: Annotated[
        float | None, typer.Option(min=0.01, max=10_000, help="Mails per second, at most; left out: as ingest may.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would match and act; touch nothing.")] = False,
    json_wanted: Json = False,
) -> None:
    """Begin a run: RULE is applied to the recorded mail of MAILBOX, also to mail that its archive only records.

    What the rule has done for a mail is not done again; no automatic reply is sent; live mail never waits behind it.
    The run belongs to the platform: Ctrl-C ends only the watching, a restart goes on where it was. Exit codes: 0
    finished (or nothing to do), 1 an action failed, 2 no such mailbox or rule, 3 nothing moves, or something is down.

    Example: maildesk backlog sales --since 2026-01-01 --rule new-enquiry --dry-run
    """
    with exit_codes():
        now = SystemClock().now()
        begin, end = parse_since(since), parse_since(until) if until else None
        if begin > now or (end is not None and end <= begin):
            raise InvalidInputError("no mail was received in that span: --since must lie in the past, before --until")
        question = Question(mailbox, rule, begin, end, rate)
        found = asyncio.run(_tried(question) if dry_run else _begun(question))
    print_run(found, sentences(found), json_wanted=json_wanted)


@app.command("list")
def list_runs(json_wanted: Json = False) -> None:
    """List the runs, those of rules that were switched on with a backlog too, the latest first.

    Exit codes: 0 ok, 3 the database is down.

    Example: maildesk backlog list
    """
    with exit_codes():
        rows = asyncio.run(_runs())
    if json_wanted:
        print(json.dumps(rows, default=str))
    elif rows:
        columns = ("run", "kind", "mailbox", "rule", "state", "published", "total", "started_at")
        table = Table("Run", "Kind", "Mailbox", "Rule", "State", "Handed on", "Of", "Started")
        for row in rows:
            table.add_row(*(escape(str(row[name])) for name in columns))
        out.print(table)
    else:
        out.print("There was no run yet. Begin one: maildesk backlog MAILBOX --since DATE --rule RULE")


@app.command()
def show(
    run: RunId,
    follow_it: Annotated[bool, typer.Option("--follow", help="Watch it to its end.")] = False,
    json_wanted: Json = False,
) -> None:
    """Say how far a run is and what came of it. Exit codes: as of `backlog`, 2 also for an unknown run.

    Example: maildesk backlog show backlog-new-enquiry-r0f3a5b7c9d1e --follow
    """
    with exit_codes():
        found = asyncio.run(_shown(run, to_the_end=follow_it))
    print_run(found, sentences(found), json_wanted=json_wanted)


@app.command()
def cancel(run: RunId) -> None:
    """End a run. What was handed on by then is decided all the same; nothing is taken back.

    A rule's own backlog ends when the rule is switched off. Exit codes: 0 cancelled, 2 no such run, or not running.

    Example: maildesk backlog cancel backlog-new-enquiry-r0f3a5b7c9d1e
    """
    with exit_codes():
        asyncio.run(_cancelled(run))
    out.print(f"cancelled: {run}", markup=False)


async def _tried(question: Question) -> dict[str, Any]:
    async with open_database() as database:
        await migrate_all(database)
        return as_json(await attempt(database, question))


async def _begun(question: Question) -> dict[str, Any]:
    if bootstrap_servers() is None:
        raise TargetDownError("nothing runs here that could do it: start `maildesk up`, or use --dry-run")
    async with open_database() as database:
        await migrate_all(database)
        run = await ask(database, question, SystemClock().now())
        err.print(f"{run} has begun; `maildesk backlog cancel {run}` ends it", markup=False)
        return as_json(await follow(database, run, SystemClock()))


async def _runs() -> list[dict[str, Any]]:
    async with open_database() as database:
        await migrate(database, "ingest")
        return [dict(row) for row in await database.fetch(SQL["runs"])]


async def _shown(run: str, *, to_the_end: bool) -> dict[str, Any]:
    async with open_database() as database:
        await migrate_all(database)
        return as_json(await (follow(database, run, SystemClock()) if to_the_end else tally_of(database, run)))


async def _cancelled(run: str) -> None:
    async with open_database() as database:
        await migrate(database, "ingest")
        if await cancel_run(database, run, SystemClock().now()):
            return
        row = await database.fetchrow(SQL["run_state"], run)
        if row is None:
            raise InvalidInputError(f"there is no run {run}; see `maildesk backlog list`")
        why = "it ends when its rule is switched off" if row["state"] == "running" else f"it is {row['state']}"
        raise InvalidInputError(f"{run} cannot be cancelled: {why}")
