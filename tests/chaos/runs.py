"""The mails and rules that every run of these tests has."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.desk import Desk, rules_file
from tests.e2e.mails import Mail, mail, make_maildir
from tests.e2e.outcome import Outcome, outcome_of

MAILS = 2_000
RULES = """
mailbox: chaos
rules:
  - id: triage
    when: {type: subject, contains: [urgent]}
    actions:
      - {id: mark, type: tag, add: [Urgent]}
      - {id: star, type: star}
      - {id: file, type: move_folder, folder: Done}
  - id: intake
    when: {type: subject, contains: [offer]}
    actions:
      - {id: lead, type: crm_lead}
      - {id: mark, type: tag, add: [Lead]}
  - id: nobody
    when: {type: sender, equals: [nobody@nowhere.example]}
    actions:
      - {id: star, type: star}
"""
SUBJECTS = {0: "urgent offer", 1: "urgent offer", 2: "offer", 3: "urgent"}
"""By the last digit of a mail's number: 4 of 10 match a rule, 2 of 10 match two."""


def mails(count: int = MAILS) -> list[Mail]:
    """Conversations of three, ten mails apart, so that each is spread over several batches."""
    found = []
    for number in range(count):
        root = number - number // 10 % 3 * 10
        references = [f"<m{root}@tests.example>"] if root != number else []
        subject = f"{SUBJECTS.get(number % 10, 'news')} {number}"
        found.append(mail(f"m{number}", subject, references=references, minute=number))
    return found


@dataclass(frozen=True, slots=True)
class Scene:
    """A mailbox of its own with the same mails, and a desk that works on it."""

    desk: Desk
    maildir: Path

    @property
    def arguments(self) -> tuple[str, ...]:
        """For `up`."""
        rules = rules_file(self.maildir.with_name("rules.yaml"), RULES)
        return ("--mail", f"chaos={self.maildir}", "--rules", rules)

    def outcome(self) -> Outcome:
        """What is there now."""
        return outcome_of(self.desk, self.maildir)


def make_scene(folder: Path, desk: Desk) -> Scene:
    """Below a folder of its own."""
    return Scene(desk, make_maildir(folder / "mail", mails()))


def write_figures(path: Path, figures: Mapping[str, object]) -> str:
    """Keep them beside the test's files; the line for people."""
    text = json.dumps(figures)
    path.write_text(text + "\n")
    return text
