"""`maildesk explain` on every kind of run, as the log has them; `log` and `rules list` on rules that only watch."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli import rules
from cli.explain import explain
from cli.log import log
from schemas.evaluation import EvaluationRequested
from schemas.facts import OdooFacts
from schemas.ids import BACKLOG, FACTS
from schemas.mail import MailArrived
from tests.integration.console.deciding import answered, decided
from tests.integration.console.recording import START, mail
from tests.integration.console.test_commands import BOXES, apply_rules, home
from tests.integration.console.test_rule_diff import rules_diff
from tests.integration.console.test_rule_files import query
from tests.unit.services.evaluator.making import NOON
from tests.unit.services.evaluator.test_domain_condition import partner

__all__ = ["home"]
GERMAN = "{type: odoo_domain, on: partner, domain: [[country_id.code, '=', DE]]}"
STAR = "actions: [{id: s, type: star}]"
RULES = f"""
rules:
  - {{id: before, order: 1, mailbox: support, {STAR}}}
  - {{id: waits, order: 2, mailbox: support, when: {GERMAN}, {STAR}}}
  - {{id: watched, order: 3, mailbox: support, mode: shadow, {STAR}}}
  - {{id: asleep, order: 4, mailbox: support, enabled: false, {STAR}}}
"""
APP = typer.Typer()
APP.command()(explain)
APP.command()(log)


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(APP, list(arguments))


def with_odoo(event: MailArrived, **odoo: Any) -> MailArrived:
    return event.model_copy(update={"odoo": OdooFacts(read_at=NOON, **odoo)})


LACKING = with_odoo(mail(1, "Invoice"), missing=("partner",))
FILLED = with_odoo(mail(1, "Invoice"), partner=partner("DE"))
ANSWERED = START + timedelta(hours=1)
LATER = ANSWERED + timedelta(hours=1)


def request(run: str, event: MailArrived = FILLED, **fields: Any) -> EvaluationRequested:
    return EvaluationRequested.model_validate({"run": run, "event": event, "requested_at": LATER} | fields)


LATE = request(f"{FACTS}{LACKING.event_id}", deferred=("partner",), requested_at=ANSWERED)


def explained(run: str | None = None) -> dict[str, dict[str, Any]]:
    """By run: the whole document, its verdicts as the outcome of each rule."""
    done = ran("explain", str(LACKING.event_id), "--json", *(["--run", run] if run else []))
    assert done.exit_code == 0, done.output
    return {
        each["run"]: {**each, "verdicts": {said["rule"]["id"]: said["outcome"] for said in each["verdicts"]}}
        for each in json.loads(done.stdout)
    }


def test_a_mail_whose_facts_came_late_is_explained_as_it_was_decided_both_times(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + RULES)
    answered_late(database_dsn)
    found = explained()
    assert [each["agrees"] for each in found.values()] == [True, True]
    assert found["live"]["verdicts"] == {
        "before": "matched",
        "waits": "deferred",
        "watched": "deferred",
        "asleep": "not_tried",
    }
    assert found[LATE.run]["verdicts"] == {
        "before": "not_tried",
        "waits": "matched",
        "watched": "matched",
        "asleep": "not_tried",
    }
    assert not {"value", "request", "answered_at"} & found["live"].keys()
    assert "it was decided when the mail arrived" in ran("explain", str(LACKING.event_id), "--run", LATE.run).stdout


def answered_late(dsn: str, *requests: EvaluationRequested) -> None:
    decided(dsn, LACKING, LATE, *requests)
    answered(dsn, LATE)


@pytest.mark.parametrize("was", ["deferred", "undecidable"])
def test_a_log_that_says_otherwise_of_a_rule_that_waited_is_noticed(home: Path, database_dsn: str, was: str) -> None:
    apply_rules(home, BOXES + RULES)
    if was == "deferred":
        decided(database_dsn, LACKING)
    else:
        decided(database_dsn, with_odoo(mail(1, "Invoice")))
    query(
        database_dsn,
        "UPDATE audit.decision SET verdicts = replace(verdicts::text, "  # noqa: S608
        f"'\"{was}\"', '\"not_matched\"')::jsonb",
    )
    done = ran("explain", str(LACKING.event_id))
    assert (done.exit_code, "This differs from the log" in done.stdout) == (1, True)


def test_runs_of_one_rule_are_explained_with_what_odoo_had_answered_by_then(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + RULES)
    early = request("manual-early", LACKING, rule="waits", requested_at=START + timedelta(minutes=5))
    late = request("manual-late", rule="waits")
    backlog = request(f"{BACKLOG}waits-1", rule="waits", backlog=True)
    answered_late(database_dsn, early, late, backlog, request("replay-1"))
    found = explained()
    assert {run: each["agrees"] for run, each in found.items() if not each["agrees"]} == {}
    assert {run: each["verdicts"]["waits"] for run, each in found.items()} == {
        "live": "deferred",
        LATE.run: "matched",
        early.run: "deferred",
        late.run: "matched",
        backlog.run: "matched",
        "replay-1": "matched",
    }
    assert found[backlog.run]["verdicts"]["before"] == "not_tried"
    assert (
        "Rule before (revision 1): not tried: only rule waits was asked for"
        in ran("explain", str(LACKING.event_id), "--run", backlog.run).stdout
    )


def test_a_backlog_that_published_a_mail_after_odoo_answered_is_explained_with_the_answer(
    home: Path, database_dsn: str
) -> None:
    apply_rules(home, BOXES + RULES)
    backlog = request(f"{BACKLOG}waits-1", rule="waits", backlog=True, requested_at=START)
    answered_late(database_dsn, backlog)
    assert explained(backlog.run)[backlog.run]["verdicts"]["waits"] == "matched"


def test_a_run_whose_rule_does_not_exist_claims_nothing_of_others(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + RULES)
    decided(database_dsn, LACKING, request("manual-1", LACKING, rule="nothing"))
    done = ran("explain", str(LACKING.event_id), "--run", "manual-1")
    assert done.exit_code == 0, done.output
    said = "only one rule was asked for, which did not exist"
    assert f"Rule before (revision 1): not tried: {said}" in done.stdout.splitlines()


def test_of_runs_before_a_rule_was_there_it_says_so(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + RULES)
    decided(database_dsn, LACKING)
    apply_rules(home, BOXES + RULES + f"  - {{id: late, mailbox: support, {STAR}}}\n")
    decided(database_dsn, mail(2, "Hello"), request("manual-2", LACKING, rule="late"))
    done = ran("explain", str(LACKING.event_id), "--rule", "late")
    assert done.exit_code == 0, done.output
    assert "there was no rule late in version 1 of the rules, which decided." in done.stdout.splitlines()
    assert "Rule late (revision 1): matched" in done.stdout.splitlines()


def test_a_backlog_whose_rule_is_off_says_so(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + RULES)
    decided(database_dsn, LACKING, request(f"{BACKLOG}asleep-12", LACKING, rule="asleep", backlog=True))
    done = ran("explain", str(LACKING.event_id), "--run", f"{BACKLOG}asleep-12")
    assert done.exit_code == 0, done.output
    assert {
        "Rule before (revision 1): not tried: only rule asleep was asked for",
        "Rule asleep (revision 1): not tried: the rule was disabled",
    } < set(done.stdout.splitlines())


def test_a_rule_that_only_watched_is_in_the_log_where_it_is_asked_for(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + RULES)
    decided(database_dsn, mail(2, "Hello"))
    watched = "it matched; mode: shadow, so nothing was done"
    for asked in (["<2@tests.example>"], ["--rule", "watched"], ["--state", "watched"]):
        done = ran("log", *asked)
        (line,) = [each for each in done.stdout.splitlines() if watched in each]
        assert line.split()[2:6] == ["support", "<2@tests.example>", "watched", "r1"]
    for asked in ([], ["--rule", "before"], ["--state", "failed"], ["--rule", "watched", "--since", "2100-01-01"]):
        assert ran("log", *asked).stdout == "Nothing in the log matches.\n"
    assert json.loads(ran("log", "--rule", "watched", "--json").stdout) == []
    assert "Rule watched (revision 1): matched (watched only)" in ran("explain", "2@tests.example").stdout
    decided(database_dsn, mail(3, "Hello"), request("dry-1", mail(3, "Hello"), rule="watched", dry_run=True))
    assert ran("log", "<3@tests.example>").stdout.count(watched) == 1


def test_the_list_says_which_rules_only_watch(home: Path) -> None:
    apply_rules(home, BOXES + RULES)
    listed = CliRunner().invoke(rules.app, ["list"]).stdout.splitlines()
    assert {line.split("│")[3].strip(): line.split("│")[6].strip() for line in listed if line.startswith("│")} == {
        "before": "live",
        "waits": "live",
        "watched": "shadow",
        "asleep": "live",
    }


def test_a_comparison_takes_what_odoo_answered_late(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES)
    answered_late(database_dsn)
    found = json.loads(rules_diff(home, RULES, "--json").stdout)
    assert {each["rule"]: (each["gained"], each["undecidable"]) for each in found["rules"]} == {
        "before": (1, 0),
        "waits": (1, 0),
        "watched": (1, 0),
    }
    query(database_dsn, "DELETE FROM ingest.deferred")
    found = json.loads(rules_diff(home, RULES, "--json").stdout)
    assert {each["rule"]: (each["gained"], each["undecidable"]) for each in found["rules"]} == {
        "before": (1, 0),
        "waits": (0, 1),
        "watched": (1, 0),
    }
