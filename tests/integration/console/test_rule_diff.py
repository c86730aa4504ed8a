"""`maildesk rules diff` on a real ledger: what it prints, what it leaves alone, and how much of it is held at once."""

import json
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import rules
from cli.rule_diff_report import MAX_WHY
from cli.rule_diff_run import compare
from cli.rule_diff_sets import Sets
from runtime.errors import TargetDownError
from runtime.postgres import Database, connect
from runtime.queries import load_queries
from sandbox.ports import free_ports
from services.ingest.recorded import PAGE
from services.ingest.recorded import recorded as pages
from tests.integration.console.recording import START, mail, record, recorded
from tests.integration.console.test_commands import BOXES, apply_rules, home
from tests.integration.console.test_rule_files import everything, query
from tests.unit.services.evaluator.making import rule, ruleset, sent

__all__ = ["home"]
STAR = "[{id: s, type: star}]"
FIRST = f"""
rules:
  - {{id: vip, order: 1, mailbox: support, when: {{type: subject, contains: [offer]}}, actions: {STAR}}}
  - {{id: rest, order: 2, mailbox: support, actions: {STAR}}}
  - {{id: gone, order: 3, mailbox: support, when: {{type: subject, contains: [hello]}}, actions: {STAR}}}
  - {{id: hand, order: 4, mailbox: support, trigger: manual, actions: {STAR}}}
"""
CHANGED = f"""
rules:
  - id: vip
    order: 1
    mailbox: support
    when: {{any: [{{type: subject, contains: [offer]}}, {{type: subject, contains: [invoice]}}]}}
    stop_processing: true
    actions: {STAR}
  - {{id: rest, order: 2, mailbox: support, actions: {STAR}}}
  - {{id: hand, order: 4, mailbox: support, trigger: manual, actions: [{{id: t, type: star}}]}}
"""
MAILS = (mail(1, "An offer"), mail(2, "Invoice 7"), mail(3, "Hello"), mail(4, "Else"))
SALES = "  - {id: sales, source: {kind: eml, path: /s}}\n"


def rules_diff(home: Path, text: str, *options: str, name: str = "rules.yaml") -> Result:
    (home / name).write_text(text)
    return CliRunner().invoke(rules.app, ["diff", str(home / name), *options])


def test_each_rule_says_which_mails_it_would_treat_differently(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + FIRST)
    recorded(database_dsn, *MAILS)
    before = everything(database_dsn)
    done = rules_diff(home, CHANGED)
    assert done.exit_code == 0, done.output
    at = [f"{each.received_at:%Y-%m-%d %H:%M}" for each in MAILS]
    assert done.stdout.splitlines()[:-1] == [
        "Mailbox  Rule  Change     Before  After  Gained  Lost  Changed  Undecidable",
        "support  vip   updated         1      2       1     0        0            0",
        "support  rest  unchanged       4      2       0     2        0            0",
        "support  gone  deleted         1      0       0     1        0            0",
        "",
        "vip: 1 gained:",
        f"  {at[1]}  <2@tests.example>  Invoice 7",
        "    before: subject: does not hold; expected contains “offer”, saw 'Invoice 7'",
        "",
        "rest: 2 lost:",
        f"  {at[1]}  <2@tests.example>  Invoice 7",
        "    now: stopped by rule vip",
        f"  {at[0]}  <1@tests.example>  An offer",
        "    now: stopped by rule vip",
        "",
        "gone: 1 lost:",
        f"  {at[2]}  <3@tests.example>  Hello",
        "    now: there is no such rule in the mailbox",
        "",
        "rule hand is not compared: it is run by hand",
    ]
    last = done.stdout.splitlines()[-1]
    assert last.startswith("3 of 4 mails received since ")
    assert last.endswith("in support would be treated differently; compared with version 1, nothing changed.")
    assert everything(database_dsn) == before
    assert query(database_dsn, "SELECT count(*) FROM ingest.event WHERE published_at IS NOT NULL") == ["{'count': 0}"]


def test_the_document_for_machines(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + FIRST)
    recorded(database_dsn, *MAILS)
    found = json.loads(rules_diff(home, CHANGED, "--json", "--examples", "1").stdout)
    assert list(found) == [
        "since",
        "version",
        "mailboxes",
        "events",
        "different",
        "undecidable",
        "unreadable",
        "unreadable_examples",
        "rules",
        "not_compared",
        "notes",
    ]
    assert (found["version"], found["mailboxes"], found["events"], found["different"]) == (1, ["support"], 4, 3)
    assert found["not_compared"] == [{"rule": "hand", "reason": "it is run by hand"}]
    rest = found["rules"][1]
    assert rest | {"examples": None} == {
        "rule": "rest",
        "mailbox": "support",
        "change": "unchanged",
        "before": 4,
        "after": 2,
        "gained": 0,
        "lost": 2,
        "changed": 0,
        "undecidable": 0,
        "examples": None,
    }
    assert rest["examples"] == {
        "gained": [],
        "lost": [
            {
                "event_id": str(MAILS[1].event_id),
                "message_id": "<2@tests.example>",
                "mailbox": "support",
                "received_at": MAILS[1].received_at.isoformat(),
                "subject": "Invoice 7",
                "why": "now: stopped by rule vip",
            }
        ],
        "changed": [],
        "undecidable": [],
    }


def test_a_file_that_says_what_is_in_force_changes_nothing(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + FIRST)
    recorded(database_dsn, *MAILS)
    assert rules_diff(home, FIRST).stdout == "Nothing would change: the file says what is in force.\n"
    found = json.loads(rules_diff(home, FIRST, "--json").stdout)
    assert (found["events"], found["rules"], found["mailboxes"]) == (0, [], [])


def test_only_the_mails_asked_for_are_compared(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + SALES)
    recorded(database_dsn, *MAILS, mail(1, "Sales", mailbox="sales"), mail(2, "Later", mailbox="sales", days=5))
    both = FIRST.replace("id: gone, order: 3, mailbox: support", "id: gone, order: 3, mailbox: sales")

    def events(*options: str) -> int:
        return int(json.loads(rules_diff(home, both, "--json", *options).stdout)["events"])

    assert events() == 6
    assert events("--since", "6d") == 1
    assert events("--since", f"{START + timedelta(minutes=4):%Y-%m-%dT%H:%M:%S}Z") == 2
    assert (events("--mailbox", "sales"), events("--mailbox", "sales", "--mailbox", "support")) == (2, 6)


def test_mail_of_mailboxes_without_a_change_is_not_read(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + SALES + FIRST)
    recorded(database_dsn, *MAILS, mail(1, "Sales", mailbox="sales"))
    found = json.loads(rules_diff(home, CHANGED, "--json").stdout)
    assert (found["mailboxes"], found["events"]) == (["support"], 4)


def test_a_mail_that_cannot_be_read_is_named_and_the_others_compared(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + FIRST)
    recorded(database_dsn, *MAILS)
    broken = MAILS[1].event_id
    query(database_dsn, f"UPDATE ingest.event SET value = '{{}}' WHERE event_id = '{broken}'")  # noqa: S608
    done = rules_diff(home, CHANGED)
    assert (done.exit_code, f"1 mails cannot be read by this version and are not compared, such as {broken}") == (
        0,
        next(line for line in done.stdout.splitlines() if "cannot be read" in line),
    )
    found = json.loads(rules_diff(home, CHANGED, "--json").stdout)
    assert (found["events"], found["unreadable"], found["unreadable_examples"][0]["event_id"]) == (3, 1, str(broken))


def test_switches_are_compared_and_said(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + FIRST)
    recorded(database_dsn, *MAILS)
    done = rules_diff(home, BOXES.replace("source", "automation: false, source") + FIRST)
    assert "mailbox support has automation switched off: no rule acts on that mail" in done.stdout.splitlines()
    assert done.stdout.splitlines()[1].split() == ["support", "vip", "unchanged", "1", "0", "0", "1", "0", "0"]
    off = BOXES.replace("source", "incoming: false, source")
    apply_rules(home, off + FIRST)
    done = rules_diff(home, CHANGED)
    assert "0 of 4 mails" in done.stdout
    assert "mailbox support has incoming switched off" in done.stdout


def test_a_rule_that_is_disabled_before_and_after_is_not_compared(home: Path, database_dsn: str) -> None:
    asleep = FIRST.replace("order: 3,", "order: 3, enabled: false,")
    apply_rules(home, BOXES + asleep)
    recorded(database_dsn, *MAILS)
    done = rules_diff(home, asleep.replace("hello", "else"))
    assert "rule gone is not compared: it is disabled" in done.stdout.splitlines()
    assert "0 of 0 mails" in done.stdout
    on = json.loads(rules_diff(home, FIRST, "--json").stdout)
    assert [(each["rule"], each["gained"]) for each in on["rules"]] == [("gone", 1)]


def test_owners_and_refusals_are_those_of_apply(home: Path) -> None:
    apply_rules(home, BOXES + FIRST)
    refused = rules_diff(home, CHANGED, name="other.yaml")
    assert (refused.exit_code, f"rule vip belongs to {home}/rules.yaml" in refused.stderr) == (2, True)
    assert rules_diff(home, CHANGED, "--owner", f"{home}/rules.yaml", name="other.yaml").exit_code == 0
    for text, options, said in (
        (FIRST.replace("support", "nope"), (), "not known; known: support"),
        (FIRST.replace("star}", "stars}"), (), 'unknown action "stars"'),
        (CHANGED, ("--since", "soon"), "is no time"),
        (CHANGED, ("--mailbox", "nope"), "there is no mailbox nope; known: support"),
    ):
        done = rules_diff(home, text, *options)
        assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


def test_a_database_that_is_down_ends_with_3(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILDESK_POSTGRES_DSN", f"postgresql://127.0.0.1:{free_ports(1)[0]}/none")
    assert rules_diff(home, CHANGED).exit_code == 3


def test_a_stored_rule_that_this_version_cannot_read_counts_as_not_there(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + FIRST)
    recorded(database_dsn, *MAILS)
    query(database_dsn, "UPDATE console.rule SET document = document || '{\"newer\": 1}' WHERE id = 'gone'")
    done = rules_diff(home, FIRST)
    assert "rule gone in force cannot be read by this version; it counts as not there" in done.stdout.splitlines()
    assert "gone: 1 gained:" in done.stdout


def test_content_of_a_mail_cannot_write_to_the_terminal(home: Path, database_dsn: str) -> None:
    apply_rules(home, BOXES + FIRST)
    recorded(database_dsn, mail(1, "Invoice \x1b[31mred\r\n[red]bold[/red]\u202e" + "x" * 500))
    shown = rules_diff(home, CHANGED).stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "Invoice \ufffd[31mred\ufffd\ufffd[red]bold[/red]\ufffdxxx" in shown
    assert max(map(len, shown.splitlines())) <= len("    ") + MAX_WHY + len("…")


async def test_every_mail_is_read_once_the_newest_first(database: Database) -> None:
    many = [mail(number, "Invoice") for number in range(PAGE * 3 + 7)]
    same_moment = [each.model_copy(update={"received_at": START}) for each in many[: PAGE + 1]]
    await record(database, [*same_moment, *many[len(same_moment) :], sent(mailbox="other")])
    seen = [each async for page in pages(database, ["support"], START) for each in page]
    assert sorted(each.event_id for each in seen) == sorted(each.event_id for each in many)
    assert [each.received_at for each in seen] == sorted((each.received_at for each in seen), reverse=True)


async def test_a_server_that_goes_away_between_two_pages_is_named(database_dsn: str) -> None:
    database = await connect(database_dsn, name="tests", pool_size=1)
    await record(database, [mail(number, "Invoice") for number in range(3)])
    reading = pages(database, ["support"], START, page=2)
    assert len(await anext(reading)) == 2
    await database.close()
    with pytest.raises(TargetDownError, match="Postgres cannot be used"):
        await anext(reading)


async def test_a_page_reads_no_more_than_itself_also_before_the_table_is_analyzed(database: Database) -> None:
    await record(database, [mail(number, "Invoice") for number in range(PAGE * 10)])
    queries = load_queries("services.ingest")
    async with database.transaction() as session:
        await session.execute(queries["along_the_index"])
        sql = "EXPLAIN (ANALYZE, TIMING OFF) " + queries["recorded_before"]
        plan = [str(row["QUERY PLAN"]) for row in await session.fetch(sql, "support", START, None, None, PAGE)]
    (scan,) = [line for line in plan if "Index Scan Backward using event_by_time" in line]
    assert f"rows={PAGE}" in scan.partition("actual ")[2]
    assert not any("Sort" in line for line in plan)


async def test_few_of_many_mails_are_held_at_once(database: Database) -> None:
    many = [mail(number, "Invoice").model_copy(update={"excerpt": "x" * 4_000}) for number in range(PAGE * 20)]
    await record(database, many)
    size = sum(len(each.to_json()) for each in many)
    del many
    sets = Sets(ruleset([]), ruleset([rule("r")]), {"r": "created"}, ("support",), {}, ())
    tracemalloc.start()
    found = await compare(database, sets, START, 5)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.comparison.rules["r"].counts["gained"] == PAGE * 20
    assert held < size / 4
