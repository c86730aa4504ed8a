"""What came of a replay, and waiting until nothing of it is left."""

from typing import Any

from cli.backlog_tally import Step, Tally, became
from cli.progress import SQL
from cli.reporting import err
from cli.run_watching import PATIENCE_SECONDS, watch
from runtime.clock import Clock
from runtime.errors import InvalidInputError
from runtime.postgres import Database
from services.console import replays
from services.console.replays import Replay


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
    with err.status(f"waiting for what is left of {run}"):
        return await watch(
            lambda: tally_of(database, run),
            lambda found: found.evaluated >= found.recorded and not found.unfinished,
            lambda found: _stuck(found, run),
            clock,
        )


def _stuck(found: Tally, run: str) -> str:
    if found.evaluated < found.recorded:
        what = "not all of it is in the log; are evaluator and audit running? See also `maildesk dlq list`"
    else:
        what = f"{found.unfinished} commands are not final; see `maildesk log --run {run}`"
    return f"nothing moved for {PATIENCE_SECONDS:.0f} s: {what}. Look again: maildesk replay show {run}"
