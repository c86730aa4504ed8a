"""A gap: where a mail's way ends without a reason, and what to do. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID

from schemas.ids import FACTS, LIVE

Kind = Literal["unreadable", "not-recorded", "not-published", "undecided", "not-taken-up", "overdue", "not-logged"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FINAL = frozenset({"succeeded", "failed", "skipped", "planned"})


class Gap(NamedTuple):
    """One place at which something is missing. `event`, `command`: which one, where there is one."""

    kind: Kind
    mailbox: str
    place: str
    text: str
    remedy: str
    event: UUID | None = None
    command: UUID | None = None
    run: str = ""


class Note(NamedTuple):
    """Something to know that is no gap."""

    mailbox: str
    text: str


def of_command(row: Mapping[str, Any], mailbox: str, late: datetime) -> Gap | None:
    """What is missing of a command that was announced before `late`; None: it is on its way.

    `row`: of the query `open_commands`.
    """
    ids = (row["event_id"], row["command_id"], row["run"])
    place = f"command {row['command_id']} of event {row['event_id']}"
    state = row["state"]
    if state is None:
        text = f"announced at {row['expected_at']:%Y-%m-%d %H:%M:%S}, and actions has never taken it up"
        return Gap("not-taken-up", mailbox, place, text, _again(row["run"]), *ids)
    named = f"{row['type']} {place}"
    if state in FINAL:
        if row["updated_at"] >= late:
            return None
        text = f"it is {state}, and the log does not say so"
        return Gap(
            "not-logged", mailbox, named, text, "is audit running? Else: --mend publishes its result again", *ids
        )
    due = row["lease_until"] if state in ("running", "sending") else row["next_try_at"]
    if due is None or due >= late:
        return None
    text = f"it is {state} and was due at {due:%Y-%m-%d %H:%M:%S}"
    return Gap("overdue", mailbox, named, text, f"is a worker of actions running for {row['type']}?", *ids)


def undecided(mailbox: str, event: UUID, uri: str, since: datetime, run: str = LIVE) -> Gap:
    """An event that was published and has no decision. `since`: when it was published."""
    what = "published" if run == LIVE else "asked for again with what Odoo answered"
    text = f"{what} at {since:%Y-%m-%d %H:%M:%S}, and there is no decision"
    return Gap("undecided", mailbox, uri, text, _again(run), event, None, run)


def _again(run: str) -> str:
    if run == LIVE or run.startswith(FACTS):
        return "are evaluator, actions and audit running? Else: --mend publishes the event again; nothing is done twice"
    return f"are evaluator, actions and audit running? Else begin anew what was run {run}; nothing is done twice"


def kept_from(now: datetime, months: int) -> datetime:
    """Of what was recorded since then the log surely keeps the decisions. `months`: that audit keeps; 0: for ever."""
    return now - timedelta(days=28 * months) if months else EPOCH
