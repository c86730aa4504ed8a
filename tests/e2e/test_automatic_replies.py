"""A mail arrives, a rule answers it over real SMTP, and what comes back of it sets nothing off."""

from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from runtime.postgres import Database
from tests.e2e.conftest import MakeDesk
from tests.e2e.desk import Desk, Up, rules_file
from tests.e2e.mails import Mail, deliver, mail, make_maildir
from tests.servers.smtp import running_smtp

RULES = """
mailbox: support
mailboxes:
  - id: support
    addresses: [support@company.example]
    source: {{kind: maildir, path: {maildir}}}
    outgoing: {{host: 127.0.0.1, port: {port}, security: none, address: support@company.example, name: Company}}
rules:
  - id: receipt
    actions:
      - {{id: thanks, type: auto_reply, scope: thread, text: "Thank you, {{sender_name}}.", html: "<p>{{subject}}</p>"}}
  - id: sent
    trigger: after_send
    actions: [{{id: star, type: star}}]
  - id: sent-automatic
    trigger: after_send
    when: {{type: reply_state, equals: automatic}}
    actions: [{{id: tag, type: tag, add: [Automatic]}}]
"""
LOG = "SELECT rule_id, state, reason, message_id FROM audit.execution_log_v1 WHERE run = 'live' ORDER BY finished_at"
Rows = list[dict[str, Any]]


def settled(desk: Desk, running: Up, holds: Callable[[Rows], bool], what: str) -> Rows:
    """The log, when it holds."""
    found: Rows = []

    async def ask(database: Database) -> Rows:
        return [dict(row) for row in await database.fetch(LOG)]

    def look() -> bool:
        found[:] = desk.query(ask)
        return holds(found)

    running.wait(look, what)
    return found


def of(rows: Rows, message_id: str, rule: str) -> list[tuple[str, str]]:
    """What became of a mail by a rule."""
    return [(r["state"], r["reason"]) for r in rows if (r["message_id"], r["rule_id"]) == (message_id, rule)]


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def test_one_reply_in_the_thread_and_no_loop(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk("memory")
    maildir = make_maildir(tmp_path / "mail")
    with running_smtp() as smtp:
        rules = rules_file(tmp_path / "rules.yaml", RULES.format(maildir=maildir, port=smtp.port))
        with desk.started("--rules", rules) as running:
            running.wait_ready()
            first = mail("q1", "Question")
            deliver(maildir, first)
            rows = settled(desk, running, lambda r: len(r) >= 2, "the reply, and the rule on its copy")
            assert of(rows, first.message_id, "receipt") == [("succeeded", "")]
            (taken,) = smtp.taken
            reply = read(taken.message)
            assert (taken.sender, taken.recipient) == ("support@company.example", "carla@customer.example")
            assert (reply["Subject"], reply["In-Reply-To"]) == ("Re: Question", first.message_id)
            assert (reply["Auto-Submitted"], reply["Precedence"]) == ("auto-replied", "bulk")
            (copy,) = (maildir / ".Sent" / "cur").iterdir()
            assert copy.read_bytes() == taken.message

            ours = str(reply["Message-ID"])
            again = mail("q2", "Re: Question", references=[first.message_id, ours])
            looped = Mail("loop", taken.message.replace(b"To: carla@customer.example", b"To: support@company.example"))
            vacation = mail("v1", "Away", sender="Dora <dora@customer.example>")
            away = Mail("v1", b"Auto-Submitted: auto-replied\r\n" + vacation.raw)
            for number, each in enumerate((again, looped, away)):
                deliver(maildir, each, 1_800_000_000 + number)
            rows = settled(desk, running, lambda r: sum(x["rule_id"] == "receipt" for x in r) >= 4, "three more mails")
            assert of(rows, again.message_id, "receipt") == [("skipped", "duplicate")]
            assert of(rows, vacation.message_id, "receipt") == [("skipped", "auto-submitted")]
            assert [state for state, _ in of(rows, ours, "receipt")] == ["skipped"]
            # Of the rules on sent mail only the one that asks for automatic mail acted.
            assert of(rows, ours, "sent-automatic") == [("succeeded", "")]
            assert of(rows, ours, "sent") == []
            assert len(smtp.taken) == 1
