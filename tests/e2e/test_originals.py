"""After-send rules on the mail that the sent one answers, from two files in a Maildir to the log."""

from pathlib import Path
from typing import Any

from tests.e2e.desk import Desk, rules_file
from tests.e2e.mails import deliver, mail, make_maildir, places

RULES = """
mailbox: support
rules:
  - id: answered
    trigger: after_send
    actions:
      - {id: mark, type: tag, add: [Answered], target: original}
      - {id: file, type: move_folder, folder: Done, target: original}
      - {id: star, type: star}
"""
ASKED = "<ask-1@tests.example>"


def test_answers_file_the_mail_that_they_answer_once(desk: Desk) -> None:
    folder = desk.home.parent
    maildir = make_maildir(folder / "mail", [mail("ask-1", "A question"), mail("ask-2", "Another question")])
    rules = Path(rules_file(folder / "rules.yaml", RULES))
    arguments = "--mail", f"support={maildir}", "--rules", str(rules)
    desk.up(*arguments)
    for name, references in (("first", [ASKED]), ("second", [ASKED]), ("new", [])):
        deliver(maildir / ".Sent", mail(name, name, sender="support@company.example", references=references))
    desk.up(*arguments)
    found = places(maildir)
    assert (found[ASKED].folder, found[ASKED].keywords, found[ASKED].flags) == ("Done", frozenset({"Answered"}), "")
    assert (found["<ask-2@tests.example>"].folder, found["<ask-2@tests.example>"].keywords) == ("INBOX", frozenset())
    answers = [found[f"<{name}@tests.example>"] for name in ("first", "second", "new")]
    assert [(place.folder, place.keywords, place.flags) for place in answers] == [("Sent", frozenset(), "F")] * 3
    ran = desk.run("log", "--rule", "answered", "--json")
    rows: list[dict[str, Any]] = ran.json
    said = {(row["message_id"], row["action_id"]): (row["state"], row["reason"]) for row in rows}
    acted = {said[(f"<{name}@tests.example>", "file")] for name in ("first", "second")}
    assert acted == {("succeeded", ""), ("skipped", "duplicate")}
    assert said[("<new@tests.example>", "mark")] == ("skipped", "no-original")
    assert said[("<new@tests.example>", "star")] == ("succeeded", "")
    texts = [row["text"] for row in rows if row["action_id"] == "file" and row["state"] == "succeeded"]
    assert texts == ["moved to Done (the original that it answers)"]
