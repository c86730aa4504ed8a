"""A platform that runs: its pages, its traces, its silence about what mails say, and rules that change under it."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from runtime.postgres import Database
from tests.e2e.conftest import LIVE_RULES, MARKER, Live
from tests.e2e.desk import SERVICES
from tests.e2e.mails import deliver, mail, places
from tests.e2e.receiver import Span

Rows = list[dict[str, Any]]
ROWS = "SELECT * FROM audit.execution_log_v1 WHERE message_id = $1 AND run = 'live'"


def rows(live: Live, *arguments: str) -> Rows:
    """What `maildesk log --json` gives."""
    ran = live.desk.run("log", *arguments, "--json")
    assert ran.code == 0, ran.err
    found: Rows = ran.json
    return found


def wait_for_rows(live: Live, name: str, enough: Callable[[Rows], bool]) -> Rows:
    """The rows of a mail, when they are enough; asked of the database, since the command takes seconds to start."""
    found: Rows = []

    async def ask(database: Database) -> Rows:
        return [dict(row) for row in await database.fetch(ROWS, f"<{name}@tests.example>")]

    def look() -> bool:
        found[:] = live.desk.query(ask)
        return enough(found)

    live.up.wait(look, f"rows of {name}")
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_its_pages(live: Live, service: str) -> None:
    assert live.up.get(service, "/healthz").status == 200
    ready = live.up.get(service, "/readyz")
    assert ready.status == 200
    assert json.loads(ready.text)["ready"] is True
    metrics = live.up.get(service, "/metrics").text
    assert f"maildesk_{service}_" in metrics
    assert "process_resident_memory_bytes" in metrics
    assert MARKER not in metrics + ready.text + live.up.get(service, "/status").text


def test_what_was_done_to_one_mail_is_one_trace(live: Live) -> None:
    steps = wait_for_rows(live, "urgent-1", lambda found: len(found) == 3)
    (trace,) = {row["trace_id"] for row in steps}
    wanted = {"ingest": 1, "evaluate": 1, "action tag": 1, "action star": 1, "action move_folder": 1, "audit": 4}
    spans: list[Span] = []

    def all_there() -> bool:
        spans[:] = live.traces.of(trace)
        return sum(span.name in wanted for span in spans) >= sum(wanted.values())

    live.up.wait(all_there, f"spans {wanted}, but {spans}")
    assert {name: sum(span.name == name for span in spans) for name in wanted} == wanted
    assert {span.service for span in spans} == {f"maildesk-{service}" for service in SERVICES}
    by_id = {span.id: span for span in spans}
    steps_done = [span for span in spans if span.name in wanted and span.name != "audit"]
    parents = {span.name: by_id[span.parent].name for span in steps_done if span.parent}
    assert parents == {
        "evaluate": "ingest",
        "action tag": "evaluate",
        "action star": "action tag",
        "action move_folder": "action star",
    }
    audited = sorted(by_id[span.parent].name for span in spans if span.name == "audit")
    assert audited == ["action move_folder", "action star", "action tag", "evaluate"]
    assert [span.name for span in spans if not span.parent] == ["ingest"]


def test_the_calls_of_odoo_are_in_the_mail_s_trace(live: Live) -> None:
    (lead,) = wait_for_rows(live, "offer-1", lambda found: len(found) == 1)
    names = {"ingest", "evaluate", "action crm_lead", "effect crm_lead", "odoo"}
    spans: list[Span] = []

    def all_there() -> bool:
        spans[:] = live.traces.of(lead["trace_id"])
        return names <= {span.name for span in spans} and sum(span.name == "audit" for span in spans) == 2

    live.up.wait(all_there, f"spans {names}, but {spans}")
    by_id = {span.id: span for span in spans}
    above = {(span.name, by_id[span.parent].name) for span in spans if span.parent}
    assert above - {("odoo", "odoo")} == {
        ("evaluate", "ingest"),
        ("effect crm_lead", "evaluate"),
        ("odoo", "effect crm_lead"),
        ("action crm_lead", "evaluate"),
        ("audit", "evaluate"),
        ("audit", "action crm_lead"),
    }
    calls = {(span.attributes["odoo.model"], span.attributes["odoo.method"]) for span in spans if span.name == "odoo"}
    assert ("crm.lead", "load") in calls


def test_logs_are_json_lines_without_mail_content_or_secrets(live: Live) -> None:
    wait_for_rows(live, "urgent-1", lambda found: len(found) == 3)
    wait_for_rows(live, "lost-1", lambda found: bool(found) and found[0]["state"] == "failed")
    logs = live.desk.logs()
    assert set(logs) >= set(SERVICES)
    for name in SERVICES:
        for line in logs[name].splitlines():
            entry = json.loads(line)
            assert {"time", "level", "service", "logger", "message"} <= set(entry), line
    spread = re.compile(MARKER, re.IGNORECASE)
    assert not [line for text in logs.values() for line in text.splitlines() if spread.search(line)]
    assert not spread.search(live.up.said())
    assert MARKER.encode() not in live.traces.raw
    assert live.traces.spans


def test_the_log_can_be_filtered(live: Live) -> None:
    wait_for_rows(live, "urgent-1", lambda found: len(found) == 3)
    wait_for_rows(live, "offer-1", lambda found: len(found) == 1)
    wait_for_rows(live, "lost-1", lambda found: bool(found) and found[0]["state"] == "failed")

    def ids(*arguments: str) -> set[tuple[str, str]]:
        return {(row["message_id"], row["action_type"]) for row in rows(live, *arguments, "--run", "live")}

    (lost,) = rows(live, "<lost-1@tests.example>", "--run", "live")
    assert ids("--rule", "intake") == {("<offer-1@tests.example>", "crm_lead")}
    assert ids("--state", "failed", "--since", "1d") == {("<lost-1@tests.example>", "move_folder")}
    assert ids("--action", "move_folder", "--mailbox", "support") == {
        ("<lost-1@tests.example>", "move_folder"),
        ("<urgent-1@tests.example>", "move_folder"),
    }
    assert ids("--mailbox", "sales") == set()
    assert len(rows(live, "--since", "2020-01-01", "--limit", "1")) == 1
    (again,) = rows(live, lost["event_id"], "--run", "live")
    assert again["command_id"] == lost["command_id"]
    assert "Nowhere" in lost["text"], "the reason names the folder"
    (lead,) = rows(live, "offer-1@tests.example", "--run", "live")
    made = {"reused": False, "message": 1, "attachments": [1]}
    assert (lead["produced_model"], lead["produced_details"]) == ("crm.lead", made)


def test_the_log_as_a_table(live: Live) -> None:
    wait_for_rows(live, "offer-1", lambda found: len(found) == 1)
    ran = live.desk.run("log", "--rule", "intake", "--run", "live")
    assert ran.code == 0
    assert "offer-1@tests.example" in ran.out
    assert "succeeded" in ran.out
    assert live.desk.run("log", "--rule", "none-such").out.strip() == "Nothing in the log matches."
    bad = live.desk.run("log", "--since", "yesterday")
    assert bad.code == 2
    assert "30m" in bad.err


def test_a_changed_rule_acts_on_the_next_mail_without_a_restart(live: Live) -> None:
    before = {name: live.up.child(f"services.{name}") for name in SERVICES}
    live.rules.write_text(
        LIVE_RULES
        + """
  - id: late
    order: 50
    when: {type: subject, contains: [late]}
    actions:
      - {id: mark, type: tag, add: [Late]}
"""
    )
    applied = live.desk.run("rules", "apply", str(live.rules), "--json")
    assert applied.code == 0, applied.err
    assert applied.json["created"] == ["rule/late"]
    assert applied.json["published"] is True
    deliver(live.maildir, mail("late-1", "a late one"))
    wait_for_rows(live, "late-1", lambda found: len(found) == 1)
    assert "Late" in places(live.maildir)["<late-1@tests.example>"].keywords
    live.rules.write_text(live.rules.read_text().replace("add: [Late]", "add: [Later]"))
    assert live.desk.run("rules", "apply", str(live.rules)).code == 0
    deliver(live.maildir, mail("late-2", "another late one"), 1_800_000_001)
    (row,) = wait_for_rows(live, "late-2", lambda found: len(found) == 1)
    assert row["rule_revision"] == 2
    assert places(live.maildir)["<late-2@tests.example>"].keywords == {"Later"}
    assert {name: live.up.child(f"services.{name}") for name in SERVICES} == before, "no service was restarted"


def test_a_second_up_on_the_same_state_is_refused(live: Live) -> None:
    ran = live.desk.run("up", "--mail", f"support={live.maildir}", "--kafka", "memory", "--exit-when-idle")
    assert ran.code == 2
    assert "another maildesk up runs" in ran.err
    assert all(live.up.get(service, "/readyz").status == 200 for service in SERVICES)
