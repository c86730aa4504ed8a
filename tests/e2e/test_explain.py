"""`maildesk explain`: every rule says why it did or did not act, with the facts and the rules of then."""

from pathlib import Path

import pytest

from runtime.postgres import Database
from tests.e2e.conftest import MakeDesk
from tests.e2e.desk import Desk, rules_file
from tests.e2e.mails import mail, make_maildir

ID = "why-1@tests.example"
RULES = """
mailbox: support
rules:
  - {id: vip, order: 1, when: {type: sender_domain, equals: [big.example]}, actions: [{id: star, type: star}]}
  - id: offers
    order: 2
    stop_processing: true
    when: {all: [{type: subject, contains: [offer]}, {type: reply_state, equals: new}]}
    actions: [{id: tag, type: tag, add: [Offer]}]
  - {id: rest, order: 3, actions: [{id: tag, type: tag, add: [Rest]}]}
  - {id: asleep, order: 4, enabled: false, actions: [{id: star, type: star}]}
"""
CHANGED = RULES.replace("[offer]", "[quote]").replace("id: vip,", "id: most-important,")


@pytest.fixture(scope="module")
def decided(make_desk: MakeDesk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A mail was decided; after it the rules were changed, one was deleted and one came."""
    desk, folder = make_desk("memory"), tmp_path_factory.mktemp("explain")
    maildir = make_maildir(folder / "mail", [mail("why-1", "An offer for you")])
    rules = rules_file(folder / "rules.yaml", RULES)
    ran = desk.run("up", "--mail", f"support={maildir}", "--rules", rules, "--exit-when-idle", "--json")
    assert ran.code == 0, ran.err
    Path(rules).write_text(CHANGED)
    applied = desk.run("rules", "apply", rules)
    assert applied.code == 0, applied.err
    return desk


def test_every_rule_of_then_has_its_verdict(decided: Desk) -> None:
    ran = decided.run("explain", ID, "--json")
    assert ran.code == 0, ran.err
    (found,) = ran.json
    assert (found["outcome"], found["run"], found["agrees"]) == ("commands", "live", True)
    assert (found["conversation_by"], found["language"]) == ("new", "")
    verdicts = {each["rule"]["id"]: each for each in found["verdicts"]}
    assert {name: (each["outcome"], each["reason"]) for name, each in verdicts.items()} == {
        "vip": ("not_matched", ""),
        "offers": ("matched", ""),
        "rest": ("not_tried", "stopped by rule offers"),
        "asleep": ("not_tried", "the rule was disabled"),
    }
    (vip,) = verdicts["vip"]["because"]
    assert (vip["path"], vip["held"], vip["seen"]) == ("sender_domain", False, "customer.example")
    assert verdicts["offers"]["rule"]["revision"] == 1
    assert [each["expected"] for each in verdicts["offers"]["because"]] == ["contains “offer”", "is new"]


def test_people_read_why_a_rule_did_not_act(decided: Desk) -> None:
    ran = decided.run("explain", f"<{ID}>", "--rule", "vip")
    assert ran.code == 0
    _, facts, *rest = ran.out.splitlines()
    assert facts.startswith("It belongs to conversation ")
    assert ", which it began; its language " in facts
    assert rest == [
        "Rule vip (revision 1): not matched",
        "  sender_domain: does not hold; expected is “big.example”, saw 'customer.example'",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody@tests.example"], "there is no decision on a mail nobody@tests.example"),
        ([ID, "--rule", "most-important"], "there was no rule most-important in version 1 of the rules"),
        ([ID, "--run", "manual-1"], "there is no decision on a mail"),
    ],
)
def test_what_is_not_there_is_named(decided: Desk, arguments: list[str], said: str) -> None:
    ran = decided.run("explain", *arguments)
    assert ran.code == 2
    assert said in ran.err


def test_a_file_is_compared_on_the_mail_that_was_decided(decided: Desk, tmp_path: Path) -> None:
    (owner,) = {each["owner"] for each in decided.run("rules", "list", "--json").json}
    file = rules_file(tmp_path / "rules.yaml", RULES)
    ran = decided.run("rules", "diff", file, "--owner", owner, "--since", "2000-01-01", "--json")
    assert ran.code == 0, ran.err
    assert (ran.json["events"], ran.json["different"]) == (1, 1)
    assert {each["rule"]: (each["change"], each["gained"], each["lost"]) for each in ran.json["rules"]} == {
        "most-important": ("deleted", 0, 0),
        "vip": ("created", 0, 0),
        "offers": ("updated", 1, 0),
        "rest": ("unchanged", 0, 1),
    }


def test_a_log_that_says_otherwise_is_shown_beside_it(decided: Desk) -> None:
    async def tamper(database: Database) -> None:
        await database.execute("UPDATE audit.decision SET verdicts = '[]'")

    async def mend(database: Database) -> None:
        await database.execute("UPDATE audit.decision SET verdicts = kept.verdicts FROM kept")
        await database.execute("DROP TABLE kept")

    async def keep(database: Database) -> None:
        await database.execute("CREATE TABLE kept AS SELECT verdicts FROM audit.decision")

    decided.query(keep)
    decided.query(tamper)
    ran = decided.run("explain", ID)
    decided.query(mend)
    assert ran.code == 1
    assert "This differs from the log" in ran.out
    assert decided.run("explain", ID).code == 0
