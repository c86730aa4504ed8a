"""`maildesk undo`: take back what a rule has done."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.connection import bootstrap_servers, open_database
from cli.parts import Given, Parts, start_parts
from cli.patience import patiently
from cli.platform import announcement, run_platform
from cli.reporting import DOWN, err, exit_codes, out
from cli.setup import migrate_all, publish_rules
from cli.since import parse_since
from cli.state_dir import StateDir
from cli.termination import until_terminated
from cli.undo_asking import Asking, Manner, Undo
from cli.undo_finding import Execution, Sought, find_executions
from cli.undo_report import members, numbers, print_undos, question
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError
from runtime.kafka import Producer
from runtime.postgres import Database, connect
from schemas.action import ACTION_TYPES

SERVICES = ("actions", "audit")


def undo(
    rule: Annotated[str, typer.Option(help="The rule, also one that is switched off or deleted.")],
    since: Annotated[str, typer.Option(help="What it did since then: a time, or an age such as 30m, 12h, 7d.")],
    revision: Annotated[int | None, typer.Option(min=1, help="Only what this revision of the rule did.")] = None,
    mailbox: Annotated[str | None, typer.Option(help="Only in this mailbox.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action type, such as tag.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be undone; touch nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Try anew what an earlier undo left as it is.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[float, typer.Option(min=1, max=3600, help="How long to wait for results, in seconds.")] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print every execution as JSON.")] = False,
) -> None:
    """Take back what a rule did, the newest first: tags, stars, read marks, moves, untouched leads and activities.

    What cannot be taken back (replies, notifications, posts, notes), or was changed since, is listed with the reason
    and left as it is. Each undo is an execution of its own in `maildesk log`. What is undone can be done again:
    maildesk run. Saying it twice undoes once. Exit codes: 0 done, 1 an undo failed, 2 bad input, 3 not answered in
    time, or something is down.

    Example: maildesk undo --rule vip --since 2h --dry-run
    """
    with exit_codes():
        sought = Sought(rule, revision, _beginning(since), mailbox, _known_type(action))
        undos = _undone(sought, Manner(dry_run, again, wait), ask=not (yes or dry_run))
    _report(undos, sought, as_json=as_json)


def _report(undos: Sequence[Undo], sought: Sought, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([members(each) for each in undos]))
    elif undos:
        print_undos(undos)
    else:
        out.print(f"Nothing to undo: rule {sought.rule} has done nothing like that.", markup=False)
    if any(each.state == "failed" for each in undos):
        raise typer.Exit(1)
    if any(each.open for each in undos):
        err.print(f"Not all have answered: {numbers(undos)} Say it again to see the rest.", markup=False)
        raise typer.Exit(DOWN)


def _beginning(since: str) -> datetime:
    moment = parse_since(since)
    if moment > datetime.now(UTC):
        raise InvalidInputError(f"--since {since} lies in the future; name when the rule began to do what you undo")
    return moment


def _known_type(action: str | None) -> str | None:
    if action is not None and action not in ACTION_TYPES:
        raise InvalidInputError(f"there is no action type {action}; known: {', '.join(ACTION_TYPES)}")
    return action


def _undone(sought: Sought, manner: Manner, *, ask: bool) -> list[Undo]:
    found = asyncio.run(_found(sought))
    if not found:
        return []
    if ask:
        _confirm(question(found, sought.rule))
    return _anywhere(found, manner)


def _confirm(text: str) -> None:
    if not sys.stdin.isatty():
        raise InvalidInputError(f"{text} Say --yes, or --dry-run to see what would be undone")
    typer.confirm(text, abort=True)


async def _found(sought: Sought) -> list[Execution]:
    async with open_database() as database:
        await migrate_all(database)
        return await find_executions(database, sought)


def _anywhere(found: Sequence[Execution], manner: Manner) -> list[Undo]:
    """On the platform that is there, else on one for the moment."""
    if (bootstrap := bootstrap_servers()) is not None:
        return asyncio.run(_there(found, manner, bootstrap))
    state = StateDir()
    with state.exclusive():
        parts = start_parts(state, Given())
        try:
            return asyncio.run(until_terminated(_for_the_moment(found, manner, state, parts)))
        finally:
            parts.stop()


async def _there(found: Sequence[Execution], manner: Manner, bootstrap: str) -> list[Undo]:
    async with open_database() as database:
        return await _carry_out(database, bootstrap, found, manner)


async def _for_the_moment(found: Sequence[Execution], manner: Manner, state: StateDir, parts: Parts) -> list[Undo]:
    database = await patiently("Postgres", lambda: connect(parts.dsn, name="cli", pool_size=2))
    try:
        version = await publish_rules(database, state, parts.broker)
        async with run_platform(state, parts, SERVICES) as platform:
            state.announce(announcement(parts, platform, os.getpid()))
            await platform.wait_ready(version)
            return await _carry_out(database, parts.broker.bootstrap, found, manner)
    finally:
        await database.close()


async def _carry_out(database: Database, bootstrap: str, found: Sequence[Execution], manner: Manner) -> list[Undo]:
    producer = Producer(bootstrap, "maildesk-cli")
    try:
        await producer.start()
        with err.status("undoing") as status:
            return await Asking(database, producer, SystemClock(), manner).carry_out(found, status.update)
    finally:
        await producer.stop()
