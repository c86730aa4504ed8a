"""`maildesk undo` on a platform that runs: what a rule did is taken back, logged, and can be done again."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.conftest import Live
from tests.e2e.desk import Desk, Ran
from tests.e2e.mails import deliver, mail, places
from tests.e2e.test_live import wait_for_rows

Rows = list[dict[str, Any]]


def undos(ran: Ran, code: int = 0) -> list[tuple[Any, ...]]:
    """Action type, state and reason of each undo."""
    assert ran.code == code, ran.err
    return [(row["action_type"], row["undo"]["state"], row["undo"]["reason"]) for row in ran.json]


def arrives(live: Live, name: str, subject: str, actions: int) -> str:
    """A mail, when a rule has acted on it; since when. The mails that came first are done by then."""
    for first, steps in (("urgent-1", 3), ("offer-1", 1)):
        wait_for_rows(live, first, lambda rows, steps=steps: len(rows) == steps)  # type: ignore[misc]
    since = datetime.now(UTC).isoformat()
    deliver(live.maildir, mail(name, subject))
    wait_for_rows(live, name, lambda rows: len(rows) == actions)
    return since


def log(desk: Desk, name: str) -> Rows:
    """What the log has of a mail, the oldest first."""
    rows: Rows = desk.run("log", f"<{name}@tests.example>", "--json").json
    return rows[::-1]


@pytest.mark.timeout(300)
def test_what_a_rule_did_is_listed_taken_back_and_done_again(live: Live) -> None:
    desk, ident = live.desk, "<undo-1@tests.example>"
    since = arrives(live, "undo-1", "urgent undo", 3)
    filed = places(live.maildir)[ident]
    assert (filed.folder, filed.flags, filed.keywords) == ("Done", "F", frozenset({"Urgent"}))
    command = ("undo", "--rule", "triage", "--since", since)

    dry = undos(desk.run(*command, "--dry-run", "--json"))
    assert dry == [(kind, "planned", "") for kind in ("move_folder", "star", "tag")]
    assert places(live.maildir)[ident] == filed, "a dry run touches nothing"
    asked = desk.run(*command)
    assert asked.code == 2, "nobody is there to answer"
    assert "Undo 3 actions of rule triage (1 move_folder, 1 star, 1 tag)? Say --yes" in asked.err

    done = undos(desk.run(*command, "--yes", "--json"))
    assert done == [(kind, "succeeded", "") for kind in ("move_folder", "star", "tag")]
    back = places(live.maildir)[ident]
    assert (back.folder, back.flags, back.keywords) == ("INBOX", "", frozenset())
    again = undos(desk.run(*command, "--yes", "--json"))
    assert again == [(kind, "succeeded", "undone-before") for kind in ("move_folder", "star", "tag")]

    logged = log(desk, "undo-1")
    first = {row["action_type"]: row["command_id"] for row in logged if row["run"] == "live"}
    rows = [row for row in logged if row["undoes"] and not row["dry_run"]]
    assert {row["action_type"]: row["undoes"] for row in rows} == first
    assert {row["run"] for row in rows} == {f"undo-{identity}" for identity in first.values()}
    said = desk.run("explain", ident, "--rule", "triage")
    assert "Undo of tag (rule triage, action mark) on" in said.out

    ran = desk.run("run", ident, "--rule", "triage", "--json").json
    assert [(row["state"], row["generation"]) for row in ran["results"]] == [("succeeded", 1)] * 3
    assert places(live.maildir)[ident] == filed


@pytest.mark.timeout(300)
def test_one_action_of_one_revision_and_what_is_no_rule(live: Live) -> None:
    desk = live.desk
    since = arrives(live, "undo-2", "an offer to undo", 1)
    before = len(desk.leads())
    command = ("undo", "--rule", "intake", "--since", since, "--yes")
    assert undos(desk.run(*command, "--action", "tag", "--json")) == []
    done = desk.run(*command, "--action", "crm_lead")
    assert done.code == 0, done.err
    assert "1 undone." in done.out
    assert [lead["active"] for lead in desk.leads()][-1] is False
    (result,) = desk.run("run", "<undo-2@tests.example>", "--rule", "intake", "--json").json["results"]
    assert (result["state"], result["generation"]) == ("succeeded", 1)
    assert [lead["active"] for lead in desk.leads()][before - 1 :] == [False, True], "another lead, not the old one"
    for rule, more, expected in (
        ("none-such", (), "there is no rule none-such; known: "),
        ("intake", ("--revision", "99"), "rule intake has no revision 99; it has: 1"),
        ("intake", ("--mailbox", "none-such"), "there is no mailbox none-such; there are: "),
    ):
        ran = desk.run("undo", "--rule", rule, "--since", "1h", *more)
        assert (ran.code, expected in ran.err) == (2, True), ran.err
