"""Watching a run: how far it is, until every mail is decided and every command is final."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.backlog_tally import Step, Tally, became
from cli.progress import SQL
from cli.reporting import err
from runtime.clock import Clock
from runtime.errors import InvalidInputError, TargetDownError
from runtime.postgres import Database

PATIENCE_SECONDS = 60.0
"""Without anything new; a run with a rate of its own waits longer for its next mail."""
LOOK_SECONDS = 0.5
SHARE = 10.0
"""A look that took s seconds is followed by a wait of at least 10 s, so that watching costs little."""


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
    moved, last = clock.monotonic(), ""
    with _bar() as bar:
        task = bar.add_task("")
        while True:
            began = clock.monotonic()
            found = await tally_of(database, run)
            bar.update(task, total=found.recorded, completed=found.evaluated)
            if _finished(found):
                return found
            state = repr((found.facts["moved_at"], found.evaluated, found.unfinished, found.steps))
            if state != last:
                moved, last = clock.monotonic(), state
            elif clock.monotonic() - moved > PATIENCE_SECONDS + 1 / (found.facts["rate"] or 1.0):
                raise TargetDownError(_stuck(found, run), code="not-finished")
            await clock.sleep(max(LOOK_SECONDS, SHARE * (clock.monotonic() - began)))


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


def _bar() -> Progress:
    """On standard error where that is a terminal; nothing elsewhere."""
    columns = (TextColumn("mails decided"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
