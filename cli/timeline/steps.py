"""From what the ledger, the log and actions say to steps in time. Pure; nothing of a mail's content is in them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from schemas.ids import LIVE, is_retry

Row = Mapping[str, Any]


class Step(NamedTuple):
    """One thing that happened. `order`: which of several at one moment came first. `links`: by what they lead to."""

    at: datetime
    order: int
    kind: str
    mailbox: str
    event: UUID
    run: str
    text: str
    links: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Rows:
    """What is known of some mails; each is a row of the query of its name."""

    ledger: Sequence[Row]
    late_facts: Sequence[Row]
    decisions: Sequence[Row]
    results: Sequence[Row]
    commands: Sequence[Row]
    letters: Sequence[Step] = field(default=())


def steps_of(rows: Rows) -> list[Step]:
    """All of them, the oldest first."""
    mailboxes = {row["event_id"]: row["mailbox"] for row in (*rows.ledger, *rows.decisions, *rows.results)}
    logged = {row["command_id"]: row for row in rows.results}
    found = [
        *(step for row in rows.ledger for step in _recorded(row)),
        *(step for row in rows.late_facts for step in _facts(row)),
        *map(_decided, rows.decisions),
        *(step for row in rows.results for step in _done(row)),
        *(step for row in rows.commands for step in _taken_up(row, logged, mailboxes)),
        *rows.letters,
    ]
    return sorted(found, key=lambda step: (step.at, step.order))


def _recorded(row: Row) -> Iterator[Step]:
    place = "/".join(part for part in (row["folder"], row["uidvalidity"], row["uid"]) if part)
    key = (row["mailbox"], row["event_id"], LIVE)
    if row["outcome"] == "duplicate":
        yield Step(row["first_seen_at"], 1, "seen again", *key, f"at {place}; it is the same mail")
        return
    received = "was received" if row["direction"] == "incoming" else "was sent"
    yield Step(
        row["received_at"], 0, "received" if row["direction"] == "incoming" else "sent", *key, f"the mail {received}"
    )
    yield Step(row["recorded_at"], 1, "recorded", *key, f"read from {place}")
    if row["published_at"] is not None:
        yield Step(row["published_at"], 2, "published", *key, "handed to the evaluator")


def _facts(row: Row) -> Iterator[Step]:
    key = (row["mailbox"], row["event_id"], row["run"])
    missing = f"Odoo did not say in time: {row['subjects']}"
    yield Step(row["recorded_at"], 1, "facts missing", row["mailbox"], row["event_id"], LIVE, missing)
    if row["answered_at"] is not None:
        yield Step(row["answered_at"], 2, "facts came", *key, "Odoo answered")
    if row["published_at"] is not None:
        yield Step(row["published_at"], 2, "published", *key, "the rest of the evaluation was asked for")


def _decided(row: Row) -> Step:
    named = [f"{each['rule']['id']} {each['outcome']}" for each in json.loads(row["verdicts"])]
    commands = [f"{each['type']} ({each['rule']})" for each in json.loads(row["commands"])]
    text = f"{row['outcome'].replace('_', ' ')}, with version {row['ruleset_version']} of the rules"
    text += f": {', '.join(named)}" if named else ""
    text += f"; first commands: {', '.join(commands)}" if commands else ""
    return Step(
        row["logged_at"], 3, "decided", row["mailbox"], row["event_id"], row["run"],
        f"dry run: {text}" if row["dry_run"] else text, _links(mail=row["mail_url"], trace=row["trace_url"]),
    )  # fmt: skip


def _done(row: Row) -> Iterator[Step]:
    key = (row["mailbox"], row["event_id"], row["run"])
    named = _named(row)
    if row["started_at"] is not None:
        yield Step(row["started_at"], 5, "begun", *key, f"{named}, attempt {row['attempt']}")
    kind = "undone" if row["undoes"] is not None else row["state"].replace("_", " ")
    text = f"{named}{_why(row)}"
    yield Step(
        row["finished_at"], 6, kind, *key, text, _links(record=row["produced_url"], moved_to=row["produced_uri"])
    )


def _named(row: Row) -> str:
    marks = [f"undo of {row['undoes']}"] if row["undoes"] is not None else []
    marks += ["retry"] if is_retry(row["run"]) else []
    marks += ["dry run"] if row["dry_run"] else []
    marks += [f"generation {row['generation']}"] if row["generation"] else []
    more = f" [{', '.join(marks)}]" if marks else ""
    return f"{row['action_type']} (rule {row['rule_id']} r{row['rule_revision']}, action {row['action_id']}){more}"


def _why(row: Row) -> str:
    said = row["text"] or row["reason"]
    state = f" {row['state']}" if row["undoes"] is not None else ""
    return f"{state}: {said}" if said else state


def _taken_up(row: Row, logged: Mapping[UUID, Row], mailboxes: Mapping[UUID, str]) -> Iterator[Step]:
    """When actions took a command up; and what it waits for, where the log has no end of it."""
    result = logged.get(row["command_id"])
    run = result["run"] if result is not None else ""
    key = (mailboxes.get(row["event_id"], ""), row["event_id"], run)
    named = f"{row['type']} (rule {row['rule_id']}, action {row['action_id']})"
    yield Step(row["accepted_at"], 4, "taken up", *key, named)
    if row["state"] in ("pending", "retry_wait"):
        why = f": {row['wait_reason']}" if row["wait_reason"] else ""
        yield Step(row["next_try_at"], 7, "due", *key, f"{named}, {row['state']} after {row['attempt']} attempts{why}")


def _links(**links: str | None) -> dict[str, str]:
    return {name: link for name, link in links.items() if link}
