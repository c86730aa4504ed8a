"""A rule that is switched on with a backlog acts once on the mail that is there, while new mail does not wait."""

from pathlib import Path
from typing import Any

from runtime.postgres import Database
from tests.e2e.conftest import MakeDesk
from tests.e2e.desk import Up, rules_file
from tests.e2e.mails import deliver, mail, make_maildir, places

RULES = """
mailbox: support
rules:
  - id: plain
    order: 10
    enabled: {enabled}
    backlog: {{since: 2000-01-01}}
    actions:
      - {{id: mark, type: tag, add: [Seen-by-rule]}}
  - id: live
    order: 20
    when: {{type: subject, contains: [new]}}
    actions:
      - {{id: star, type: star}}
"""
TAGGED = "SELECT state, reason, run FROM audit.execution_log_v1 WHERE rule_id = 'plain'"
UNFINISHED = "SELECT count(*) FROM audit.unfinished_v1"
STATE = "SELECT state, published FROM ingest.backlog_v1"


def rows(up: Up, query: str) -> list[tuple[Any, ...]]:
    async def ask(database: Database) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await database.fetch(query)]

    return up.desk.query(ask)


def tagged(maildir: Path) -> int:
    return sum("Seen-by-rule" in place.keywords for place in places(maildir).values())


def test_ten_old_mails_are_tagged_once_and_live_mail_passes_them(make_desk: MakeDesk) -> None:
    desk = make_desk("memory")
    desk.env |= {"MAILDESK_INGEST_BACKLOG_RATE": "0.5"}
    folder = desk.home.parent
    maildir = make_maildir(folder / "mail", [mail(f"old-{number}", f"Hello {number}") for number in range(10)])
    rules = Path(rules_file(folder / "rules.yaml", RULES.format(enabled="false")))
    with desk.started("--mail", f"support={maildir}", "--rules", str(rules)) as up:
        up.wait_ready()
        up.wait(lambda: rows(up, "SELECT count(*) FROM audit.decision") == [(10,)], "decided")
        assert tagged(maildir) == 0
        rules.write_text(RULES.format(enabled="true"))
        applied = desk.run("rules", "apply", str(rules), "--json")
        assert applied.json["published"] is True, applied.err
        up.wait(lambda: tagged(maildir) >= 1, "begun")
        deliver(maildir, mail("new-1", "a new one"))
        up.wait(lambda: "F" in places(maildir)["<new-1@tests.example>"].flags, "the new mail is starred")
        assert tagged(maildir) < 11, "it did not wait for the backlog"
        up.wait(lambda: tagged(maildir) == 11, "all tagged")
        up.wait(lambda: rows(up, STATE)[0][0] == "done", "done")
        up.wait(lambda: rows(up, UNFINISHED) == [(0,)], "logged")
        found = [(state, reason) for state, reason, run in rows(up, TAGGED) if run == "backlog-plain-2"]
        assert found.count(("succeeded", "")) >= 10
        assert set(found) <= {("succeeded", ""), ("skipped", "duplicate")}
        listed = desk.run("rules", "backlogs", "--json")
        assert listed.code == 0, listed.err
        (shown,) = listed.json
        assert (shown["run"], shown["state"], shown["rule"]) == ("backlog-plain-2", "done", "plain")
        assert shown["published"] == shown["total"] >= 10
        again = desk.run("backlog", "support", "--since", "2000-01-01", "--rule", "plain", "--rate", "1000", "--json")
        assert again.code == 0, again.err
        counted = {name: again.json[name] for name in ("recorded", "evaluated", "matched", "done", "already_done")}
        assert counted == {"recorded": 11, "evaluated": 11, "matched": 11, "done": 0, "already_done": 11}
        assert (again.json["state"], again.json["published"], again.json["failed"]) == ("done", 11, 0)
        trial = desk.run("backlog", "support", "--since", "2000-01-01", "--rule", "live", "--dry-run", "--json").json
        assert (trial["recorded"], trial["matched"], trial["already_done"], trial["would_act"]) == (11, 1, 1, 0)
        replayed = desk.run("replay", "--from", "1h", "--rate", "1000", "--json")
        assert replayed.code == 0, replayed.err
        counted = {
            name: replayed.json[name] for name in ("state", "published", "evaluated", "matched", "done", "failed")
        }
        assert counted == {"state": "finished", "published": 11, "evaluated": 11, "matched": 11, "done": 0, "failed": 0}
        assert replayed.json["already_done"] == 12, "11 tags and a star"
        shown = desk.run("replay", "show", replayed.json["run"], "--json")
        assert (shown.code, shown.json) == (0, replayed.json)
