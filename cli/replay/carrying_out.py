"""Carrying a replay out, by this process, until it ends or is ended."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from cli.connection import open_producer
from cli.dlq_open import open_scan
from cli.progress import SQL
from cli.replay.asking import BOTH
from cli.replay.following import found_replay
from cli.replay.pump import Around, Events, pump
from cli.replay.window import LogOf, Window
from cli.reporting import err
from cli.run_watching import bar
from cli.termination import until_terminated
from runtime.clock import Clock
from runtime.errors import InvalidInputError, MaildeskError, TransientError
from runtime.postgres import Database
from schemas.evaluation import EvaluationRequested
from schemas.mail import MailArrived, MailSent
from services.console.replays import Hold, Replay

LEAVE_SECONDS = 5.0


async def carry_out(database: Database, run: str, holder: UUID, clock: Clock) -> None:
    """From where it is to its end. Raises InvalidInputError, ReplayLostError, TransientError: resume it then."""
    hold = Hold(database, run, holder)
    replay = await hold.take()
    if replay is None:
        raise InvalidInputError(_why_not(await found_replay(database, run)))
    try:
        await until_terminated(_pump(database, replay, hold, clock))
    except (asyncio.CancelledError, TransientError):
        err.print(f"{run} is interrupted; it goes on where it was: maildesk replay resume {run}", markup=False)
        raise
    finally:
        with suppress(MaildeskError, TimeoutError):  # it is free again once its hold has run out
            async with asyncio.timeout(LEAVE_SECONDS):
                await hold.leave()


async def _pump(database: Database, replay: Replay, hold: Hold, clock: Clock) -> None:
    window = Window(LogOf(database, replay.run), clock, replay.wanted.rate)
    topics = sorted({lane[0] for lane in replay.spans}) or BOTH
    async with open_scan(topics) as scan, open_producer(required=True) as producer:
        assert producer is not None, "it is required"
        await scan.start()
        with bar("records read") as shown:
            task = shown.add_task("", total=replay.total, completed=replay.read)

            async def completed(events: Events) -> Events:
                return await with_late_facts(database, events)

            around = Around(scan, producer, hold, window, completed, lambda read: shown.advance(task, read))
            await pump(replay, around, clock)


async def with_late_facts(database: Database, events: Events) -> Sequence[MailArrived | MailSent]:
    """The events, with what Odoo answered after they had been published; without those that were erased meanwhile."""
    erased = {row["event_id"] for row in await database.fetch(SQL["erased"], [event.event_id for event in events])}
    rows = await database.fetch(SQL["late_facts"], [event.event_id for event in events])
    late = {row["event_id"]: EvaluationRequested.model_validate_json(row["request"]).event for row in rows}
    return [late.get(event.event_id, event) for event in events if event.event_id not in erased]


def _why_not(replay: Replay) -> str:
    if replay.state != "running":
        return f"{replay.run} is {replay.state}; begin another one"
    return f"another process is at {replay.run}; if it died, try again in a minute and a half"
