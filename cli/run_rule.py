"""`maildesk run`: run one rule by hand on one mail of the ledger."""

import asyncio
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

import typer
from pydantic import TypeAdapter

from cli.applying import default_author
from cli.connection import bootstrap_servers, open_database
from cli.message_ids import spellings
from cli.parts import Given, Parts, start_parts
from cli.patience import patiently
from cli.platform import SERVICES, announcement, run_platform
from cli.progress import SQL
from cli.reporting import err, exit_codes, out
from cli.setup import migrate_all, publish_rules
from cli.state_dir import StateDir
from cli.termination import until_terminated
from cli.verdict_lines import verdict_lines
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError, TargetDownError
from runtime.kafka import Outgoing, Producer
from runtime.postgres import Database, connect
from schemas.envelope import encode
from schemas.evaluation import EvaluationRequested
from schemas.mail import MailEvent
from schemas.topics import EVALUATION_REQUESTED
from services.console.reading import get_rule, list_rules

SOURCE = "/maildesk/cli"
PATIENCE_SECONDS = 60.0
_EVENT: TypeAdapter[Any] = TypeAdapter(MailEvent)
WITHOUT_INGEST = tuple(name for name in SERVICES if name != "ingest")
GOOD = frozenset({"succeeded", "planned", "skipped"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asked for."""

    message: str
    rule: str
    mailbox: str | None
    dry_run: bool
    force: bool


def run(
    message: Annotated[str, typer.Argument(help="The mail's Message-ID, or its event id.", metavar="MESSAGE-ID")],
    rule: Annotated[str, typer.Option(help="The rule to run; a disabled one, or one of another trigger, too.")],
    mailbox: Annotated[str | None, typer.Option(help="Which mailbox's copy; default: the rule's mailbox.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; touch nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Act again on what this rule has handled already.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print decision and results as JSON.")] = False,
) -> None:
    """Run one rule on one mail that ingest has seen. Its conditions count; what it did before is not done again.

    Uses the platform that runs here (or your brokers, when MAILDESK_KAFKA_BOOTSTRAP is set); where none runs, one is
    started for the moment. Exit codes: 0 done (or nothing to do), 1 an action failed, 2 no such mail or rule, 3 not
    finished in a minute, or something is down.

    Example: maildesk run enquiry-1@acme.example --rule new-enquiry --dry-run
    """
    with exit_codes():
        if dry_run and force:
            raise InvalidInputError("give --dry-run or --force, not both")
        found = _anywhere(Asked(message, rule, mailbox, dry_run, force))
    if as_json:
        print(json.dumps(found, default=str))
    else:
        for line in _sentences(found):
            out.print(line, markup=False, soft_wrap=True)
    if not all(result["state"] in GOOD for result in found["results"]):
        raise typer.Exit(1)


def _anywhere(asked: Asked) -> dict[str, Any]:
    """On the platform that is there, else on one for the moment."""
    if (bootstrap := bootstrap_servers()) is not None:
        return asyncio.run(_there(asked, bootstrap))
    state = StateDir()
    with state.exclusive():
        parts = start_parts(state, Given())
        try:
            return asyncio.run(until_terminated(_for_the_moment(asked, state, parts)))
        finally:
            parts.stop()


async def _for_the_moment(asked: Asked, state: StateDir, parts: Parts) -> dict[str, Any]:
    database = await patiently("Postgres", lambda: connect(parts.dsn, name="cli", pool_size=2))
    try:
        await migrate_all(database)
        request, follows = await _request(database, asked)
        version = await publish_rules(database, state, parts.broker)
        async with run_platform(state, parts, WITHOUT_INGEST) as platform:
            state.announce(announcement(parts, platform, os.getpid()))
            await platform.wait_ready(version)
            return await _carry_out(database, request, follows, parts.broker.bootstrap)
    finally:
        await database.close()


async def _there(asked: Asked, bootstrap: str) -> dict[str, Any]:
    async with open_database() as database:
        return await _carry_out(database, *await _request(database, asked), bootstrap)


async def _request(database: Database, asked: Asked) -> tuple[EvaluationRequested, str]:
    """With the trace of the mail."""
    stored = await get_rule(database, asked.rule)
    if stored is None:
        known = ", ".join(each.rule.id for each in await list_rules(database)) or "none yet"
        raise InvalidInputError(f"there is no rule {asked.rule}; known: {known}")
    mailbox = asked.mailbox or stored.rule.mailbox
    rows = await database.fetch(SQL["find_events"], spellings(asked.message), asked.message, mailbox)
    if not rows:
        raise InvalidInputError(f"ingest has seen no mail {asked.message} in mailbox {mailbox}")
    request = EvaluationRequested(
        run=f"manual-{uuid4()}",
        event=_EVENT.validate_json(rows[0]["value"]),
        rule=asked.rule,
        dry_run=asked.dry_run,
        force=asked.force,
        requested_at=SystemClock().now(),
        requested_by=default_author(),
    )
    return request, rows[0]["traceparent"] or ""


async def _carry_out(database: Database, request: EvaluationRequested, follows: str, bootstrap: str) -> dict[str, Any]:
    producer = Producer(bootstrap, "maildesk-cli")
    try:
        await producer.start()
        key, value, headers = encode(request, SOURCE, follows=follows)
        await producer.send_all([Outgoing(EVALUATION_REQUESTED.name, key, value, headers)])
    finally:
        await producer.stop()
    deadline = time.monotonic() + PATIENCE_SECONDS
    with err.status(f"waiting for {request.run}"):
        while time.monotonic() < deadline:
            decision = await database.fetchrow(SQL["run_decision"], request.run)
            if decision is not None and not await database.fetchval(SQL["run_unfinished"], request.run):
                results = await database.fetch(SQL["run_results"], request.run)
                return _found(request, decision, results)
            await asyncio.sleep(0.2)
    raise TargetDownError(
        f"not finished after {PATIENCE_SECONDS:.0f} s; see `maildesk log --run {request.run}`", code="not-finished"
    )


def _found(
    request: EvaluationRequested, decision: Mapping[str, Any], results: list[Mapping[str, Any]]
) -> dict[str, Any]:
    return {
        "run": request.run,
        "event_id": str(request.event.event_id),
        "outcome": decision["outcome"],
        "verdicts": json.loads(decision["verdicts"]),
        "results": [dict(row) for row in results],
    }


def _sentences(found: Mapping[str, Any]) -> list[str]:
    lines = [f"Run {found['run']}: {found['outcome'].replace('_', ' ')}."]
    for verdict in found["verdicts"]:
        lines += verdict_lines(verdict)
    for result in found["results"]:
        lines.append(f"{result['action_type']} ({result['action_id']}): {result['state']}: {result['text']}")
    return lines
