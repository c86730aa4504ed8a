"""`maildesk run`: a rule by hand, on a platform that runs and without one."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import LIVE_RULES, Live, MakeDesk
from tests.e2e.desk import Desk, Ran, rules_file
from tests.e2e.mails import deliver, mail, make_maildir, places
from tests.e2e.receiver import Span

ID = "by-hand@tests.example"


def results(ran: Ran, code: int = 0) -> list[tuple[Any, ...]]:
    """State, reason and generation of each action."""
    assert ran.code == code, ran.err
    return [(row["state"], row["reason"], row["generation"]) for row in ran.json["results"]]


def by_hand(desk: Desk, rule: str, *arguments: str) -> Ran:
    """On the mail of these tests."""
    return desk.run("run", ID, "--rule", rule, *arguments, "--json")


@pytest.fixture(scope="module")
def seen(live: Live) -> Desk:
    """The live desk, when ingest has seen the mail (which no rule matches by itself)."""
    deliver(live.maildir, mail("by-hand", "nothing special"))
    live.up.wait(lambda: by_hand(live.desk, "retired", "--dry-run").code == 0, "seen by ingest")
    return live.desk


def test_dry_run_then_real_then_again_then_forced(seen: Desk, live: Live) -> None:
    dry = by_hand(seen, "retired", "--dry-run")
    assert results(dry) == [("planned", "", 0)]
    assert "F" not in places(live.maildir)[f"<{ID}>"].flags, "a dry run touches nothing"
    assert results(by_hand(seen, "retired")) == [("succeeded", "", 0)], "a disabled rule runs by hand"
    assert "F" in places(live.maildir)[f"<{ID}>"].flags
    assert results(by_hand(seen, "retired")) == [("skipped", "duplicate", 0)]
    assert results(by_hand(seen, "retired", "--force")) == [("succeeded", "", 1)]


def test_a_run_by_hand_is_a_trace_that_links_to_the_mail_s(seen: Desk, live: Live) -> None:
    spans: list[Span] = []

    def both_there() -> bool:
        spans[:] = [span for span in live.traces.spans if span.name == "evaluate" and span.links]
        return bool(spans)

    assert by_hand(seen, "retired", "--dry-run").code == 0
    live.up.wait(both_there, "a span with a link")
    for span in spans:
        assert span.parent == ""
        assert span.trace not in span.links
        (linked,) = span.links
        assert {"ingest", "evaluate"} <= {each.name for each in live.traces.of(linked)}


def test_conditions_count(seen: Desk) -> None:
    ran = by_hand(seen, "triage")
    assert results(ran) == []
    assert ran.json["outcome"] == "no_match"
    (verdict,) = ran.json["verdicts"]
    assert (verdict["rule"]["id"], verdict["outcome"]) == ("triage", "not_matched")
    assert verdict["because"], "it says which condition did not hold"


def test_people_read_sentences(seen: Desk) -> None:
    ran = seen.run("run", f"<{ID}>", "--rule", "triage")
    assert ran.code == 0
    assert "does not hold" in ran.out


def test_a_failed_action_ends_with_1(live: Live) -> None:
    ran = live.desk.run("run", "lost-1@tests.example", "--rule", "lost", "--json")
    assert [row[0] for row in results(ran, 1)] == ["failed"]


@pytest.mark.parametrize(
    ("message", "rule", "more", "said"),
    [
        ("nobody@nowhere", "retired", (), "has seen no mail"),
        (ID, "none-such", (), "there is no rule none-such; known: "),
        (ID, "retired", ("--mailbox", "sales"), "in mailbox sales"),
        (ID, "retired", ("--dry-run", "--force"), "not both"),
    ],
)
def test_what_is_unknown_is_refused(seen: Desk, message: str, rule: str, more: tuple[str, ...], said: str) -> None:
    ran = seen.run("run", message, "--rule", rule, *more)
    assert ran.code == 2
    assert said in ran.err


@pytest.mark.timeout(300)
def test_without_a_platform_one_is_started_for_the_moment(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk(None)
    maildir = make_maildir(tmp_path / "mail", [mail("by-hand", "nothing special")])
    desk.up("--mail", f"support={maildir}", "--rules", rules_file(tmp_path / "rules.yaml", LIVE_RULES))
    assert results(by_hand(desk, "retired")) == [("succeeded", "", 0)]
    assert "F" in places(maildir)[f"<{ID}>"].flags
    assert not (desk.home / "up.json").exists()
