"""Watching a run: how far it is, until every mail is decided and every command is final."""

from cli.backlog_tally import Step, Tally, became
from cli.progress import SQL
from cli.run_watching import PATIENCE_SECONDS, bar, watch
from runtime.clock import Clock
from runtime.errors import InvalidInputError
from runtime.postgres import Database


async def tally_of(database: Database, run: str) -> Tally:
    """What came of the run until now. Raises InvalidInputError when there is none of that id."""
    row = await database.fetchrow(SQL["run_state"], run)
    if row is None:
        raise InvalidInputError(f"there is no run {run}; see `maildesk backlog list`")
    key = (row["mailbox"], row["started_at"], run)
    decided = await database.fetchrow(SQL["run_evaluated"], *key)
    assert decided is not None, "counting gives a row"
    found = Tally(
        facts=dict(row),
        recorded=int(row["total"]),
        evaluated=int(decided["evaluated"]),
        matched=int(decided["matched"]),
        undecidable=int(decided["undecidable"]),
        unfinished=int(await database.fetchval(SQL["run_unfinished"], run)),
    )
    for each in await database.fetch(SQL["run_outcomes"], *key):
        step = Step(each["action_id"], each["action_type"])
        found.count(step, became(each["state"], each["reason"]), int(each["commands"]))
    return found


async def follow(database: Database, run: str, clock: Clock) -> Tally:
    """Until the run is finished. Raises TargetDownError when nothing moves for a minute; the run itself goes on."""
    with bar("mails decided") as shown:
        task = shown.add_task("")

        async def look() -> Tally:
            found = await tally_of(database, run)
            shown.update(task, total=found.recorded, completed=found.evaluated)
            return found

        return await watch(look, _finished, lambda found: _stuck(found, run), clock, _patience)


def _patience(found: Tally) -> float:
    return float(PATIENCE_SECONDS + 1 / (found.facts["rate"] or 1.0))


def _finished(found: Tally) -> bool:
    ended = found.facts["state"] != "running"
    return ended and found.evaluated >= found.facts["published"] and not found.unfinished


def _stuck(found: Tally, run: str) -> str:
    facts = found.facts
    if facts["state"] == "running":
        what = f"no process of ingest goes on with it; is one running, and is mailbox {facts['mailbox']} switched on?"
    elif found.evaluated < facts["published"]:
        what = "not all of it is in the log; are evaluator and audit running? See also `maildesk dlq list`"
    else:
        what = f"{found.unfinished} commands are not final; see `maildesk log --run {run}`"
    return f"nothing moved for {PATIENCE_SECONDS:.0f} s: {what}. Go on watching: maildesk backlog show {run} --follow"
