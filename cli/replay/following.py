"""What came of a replay, and waiting until nothing of it is left."""

from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.backlog_tally import Step, Tally, became
from cli.progress import SQL
from cli.reporting import err
from runtime.clock import Clock
from runtime.errors import InvalidInputError, TargetDownError
from runtime.postgres import Database
from services.console import replays
from services.console.replays import Replay

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.5
SHARE = 10.0
"""A look that took s seconds is followed by a wait of at least 10 s, so that watching costs little."""


async def found_replay(database: Database, run: str) -> Replay:
    """Raises InvalidInputError when there is none of that id."""
    replay = await replays.find(database, run)
    if replay is None:
        raise InvalidInputError(f"there is no replay {run}; see `maildesk replay list`")
    return replay


async def tally_of(database: Database, run: str) -> Tally:
    """What came of it until now. Raises InvalidInputError when there is none of that id."""
    replay = await found_replay(database, run)
    key = (replay.requested_at, run)
    decided = await database.fetchrow(SQL["replay_evaluated"], *key)
    assert decided is not None, "counting gives a row"
    found = Tally(
        facts=facts_of(replay),
        recorded=replay.published,
        evaluated=int(decided["evaluated"]),
        matched=int(decided["matched"]),
        undecidable=int(decided["undecidable"]),
        unfinished=int(await database.fetchval(SQL["run_unfinished"], run)),
    )
    for each in await database.fetch(SQL["replay_outcomes"], *key):
        step = Step(each["action"], each["action_type"])
        found.count(step, became(each["state"], each["reason"]), int(each["commands"]))
    return found


def facts_of(replay: Replay) -> dict[str, Any]:
    """What is known of the replay itself, flat."""
    wanted = replay.wanted
    return {
        "run": replay.run,
        "state": "interrupted" if replay.state == "running" and not replay.held else replay.state,
        "from": wanted.begins_at.isoformat(),
        "to": wanted.ends_at.isoformat(),
        "mailboxes": list(wanted.mailboxes),
        "rule": wanted.rule,
        "dry_run": wanted.dry_run,
        "rate": wanted.rate,
        "requested_by": replay.requested_by,
        "requested_at": replay.requested_at.isoformat(),
        "read": replay.read,
        "of": replay.total,
        "refused": replay.refused,
        "published": replay.published,
    }


async def settle(database: Database, run: str, clock: Clock) -> Tally:
    """Once all that was published is decided and done. Raises TargetDownError when nothing moves for a minute."""
    moved, last = clock.monotonic(), ""
    with err.status(f"waiting for what is left of {run}"):
        while True:
            began = clock.monotonic()
            found = await tally_of(database, run)
            if found.evaluated >= found.recorded and not found.unfinished:
                return found
            state = repr((found.evaluated, found.unfinished, found.steps))
            if state != last:
                moved, last = clock.monotonic(), state
            elif clock.monotonic() - moved > PATIENCE_SECONDS:
                raise TargetDownError(_stuck(found, run), code="not-finished")
            await clock.sleep(max(LOOK_SECONDS, SHARE * (clock.monotonic() - began)))


def _stuck(found: Tally, run: str) -> str:
    if found.evaluated < found.recorded:
        what = "not all of it is in the log; are evaluator and audit running? See also `maildesk dlq list`"
    else:
        what = f"{found.unfinished} commands are not final; see `maildesk log --run {run}`"
    return f"nothing moved for {PATIENCE_SECONDS:.0f} s: {what}. Look again: maildesk replay show {run}"


def bar() -> Progress:
    """On standard error where that is a terminal; nothing elsewhere."""
    columns = (TextColumn("records read"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
