"""`maildesk up`: everything in one command."""

import asyncio
import json
import os
import signal
import time
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.observing import observe as run_prometheus
from cli.parts import Given, Parts, start_parts
from cli.patience import patiently
from cli.platform import Platform, announcement, run_platform
from cli.progress import MAILBOX_PATIENCE_SECONDS, Remaining, Watched, mailbox_problem, remaining
from cli.refused import RefusedRecords
from cli.reporting import err, exit_codes, out
from cli.setup import prepare, publish_rules
from cli.state_dir import StateDir
from cli.summary import Summary, summarise
from cli.wanted import Wanted, check_inputs
from runtime.errors import MaildeskError, TargetDownError
from runtime.kafka_scan import TopicScan
from runtime.postgres import connect
from sandbox.prometheus import find_prometheus

LOOK_SECONDS = 0.3
FAILED = 1


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the platform."""

    state: StateDir
    parts: Parts
    mail: tuple[str, ...]
    rules: Path | None
    exit_when_idle: bool
    observe: bool = False


def up(
    mail: Annotated[
        list[str] | None,
        typer.Option(
            help="An mbox, a Maildir, an .eml file, a folder of them, or imaps://USER@HOST or pops://USER@HOST; "
            "NAME=… names the mailbox. May be given several times. Only these are read.",
            metavar="PATH|URL",
        ),
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="A YAML file of rules; it replaces those of the last `up --rules`.")
    ] = None,
    odoo: Annotated[
        str | None,
        typer.Option(help="Your Odoo's URL; ODOO_DB, ODOO_LOGIN and ODOO_PASSWORD come from the environment."),
    ] = None,
    kafka: Annotated[
        str | None, typer.Option(help="Your Kafka; `memory`: librdkafka's broker in memory.", metavar="HOST:PORT")
    ] = None,
    postgres: Annotated[str | None, typer.Option(help="Your Postgres.", metavar="DSN")] = None,
    exit_when_idle: Annotated[
        bool, typer.Option("--exit-when-idle", help="End when every mail is decided and every command is final.")
    ] = False,
    observe: Annotated[
        bool, typer.Option("--observe", help="Run a Prometheus too, which scrapes the services and knows the alerts.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON on standard output.")] = False,
) -> None:
    """Run everything: ingest, evaluator, actions and audit, on your servers or on embedded ones.

    With nothing given: embedded parts, and the sample mail and rules (in later runs, the mailboxes that are stored).
    Data stays in .maildesk (MAILDESK_STATE_DIR), so a second run goes on where the first stopped. On a Maildir or IMAP
    account tags, stars and moves are real.

    Ends by Ctrl-C, or by itself with --exit-when-idle. Exit codes: 0 ok; 1 a command failed unexpectedly, or a service
    kept dying; 2 bad input, nothing was changed; 3 something that is needed is down.

    Example: maildesk up --mail ~/Mail --rules rules.yaml --exit-when-idle
    """
    with exit_codes():
        check_inputs(mail or (), rules)
        if observe:
            find_prometheus()
        state = StateDir()
        with state.exclusive():
            parts = start_parts(state, Given(kafka, postgres, odoo))
            try:
                for line in parts.lines:
                    err.print(line, markup=False)
                summary = asyncio.run(_run(Run(state, parts, tuple(mail or ()), rules, exit_when_idle, observe)))
            finally:
                parts.stop()
    _print(summary, as_json=as_json)
    if exit_when_idle and summary.unexpected_failures:
        raise typer.Exit(FAILED)


async def _run(run: Run) -> Summary:
    began = time.monotonic()
    database = await patiently("Postgres", lambda: connect(run.parts.dsn, name="up", pool_size=3))
    try:
        wanted = await prepare(database, run.state, run.mail, run.rules)
        since = await database.fetchval("SELECT now()")
        version = await publish_rules(database, run.state, run.parts.broker)
        env = {"MAILDESK_INGEST_MAILBOXES": ",".join(wanted.reads)}
        async with run_platform(run.state, run.parts, env=env) as platform:
            run.state.announce(announcement(run.parts, platform, os.getpid()))
            await platform.wait_ready(version)
            _say_ready(wanted, platform)
            refused = RefusedRecords(lambda topics: TopicScan(run.parts.broker.bootstrap, topics, "up"), platform.clock)
            async with _observing(run, platform):
                await _until_done(run, Watched(database, platform, wanted.reads, refused))
        return await summarise(database, since, time.monotonic() - began)
    finally:
        await database.close()


def _observing(run: Run, platform: Platform) -> AbstractAsyncContextManager[None]:
    def say(line: str) -> None:
        err.print(line, markup=False)

    return run_prometheus(run.state.path / "prometheus", platform.ports, say) if run.observe else nullcontext()


async def _until_done(run: Run, watched: Watched) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    watch = asyncio.create_task(_watch_until_idle(watched) if run.exit_when_idle else _for_ever(watched.platform))
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({watch, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not watch.done():
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        return
    watch.result()


async def _for_ever(platform: Platform) -> None:
    while True:
        await platform.pause(1.0)


async def _watch_until_idle(watched: Watched) -> None:
    """Twice idle in a row is idle: what was between two tables at the first look is seen at the second."""
    quiet = 0
    trouble_since: float | None = None
    with err.status("starting") as status:
        while quiet < 2:
            left, problem = await _look(watched)
            quiet = quiet + 1 if left is not None and left.idle else 0
            status.update(f"{left.line if left is not None else ''} {problem or ''}".strip())
            if problem is not None and trouble_since is None:
                err.print(problem, markup=False)
            trouble_since = _still_in_trouble(problem, trouble_since)
            await watched.platform.pause(LOOK_SECONDS)


async def _look(watched: Watched) -> tuple[Remaining | None, str | None]:
    """What is left, None when that cannot be seen; and what is in the way, if anything."""
    try:
        left = await remaining(watched)
    except Exception as error:  # a connection that breaks in mid-statement shows in more ways than the driver lists
        return None, error.text if isinstance(error, MaildeskError) else f"Postgres: {type(error).__name__}"
    return left, await mailbox_problem(watched.platform, watched.reads) if left.unread else None


def _still_in_trouble(problem: str | None, since: float | None) -> float | None:
    if problem is None:
        return None
    now = time.monotonic()
    if since is not None and now - since > MAILBOX_PATIENCE_SECONDS:
        raise TargetDownError(f"{problem} (for {MAILBOX_PATIENCE_SECONDS:.0f} s)", code="mailbox-down")
    return since if since is not None else now


def _say_ready(wanted: Wanted, platform: Platform) -> None:
    sources = {mailbox.id: getattr(mailbox.source, "path", "") for mailbox in wanted.mailboxes}
    for name in wanted.reads:
        err.print(f"Mailbox {name}: {sources.get(name) or 'as stored'}", markup=False)
    pages = ", ".join(f"{name} http://127.0.0.1:{port}/metrics" for name, port in platform.ports.items())
    err.print(f"Running: {pages}", markup=False)


def _print(summary: Summary, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(summary.as_dict()))
    else:
        for line in summary.lines():
            out.print(line, markup=False)
