"""`maildesk up --exit-when-idle` on each kind of mail: every mail has one outcome, and a second run repeats nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.kafka_jars import missing_tools
from tests.e2e.conftest import MakeDesk
from tests.e2e.desk import Desk, rules_file
from tests.e2e.mails import Mail, Place, listing, mail, make_folder, make_maildir, make_mbox
from tests.e2e.outcome import STATE, Outcome, outcome_of

RULES = """
mailbox: support
mailboxes:
  - {id: support, addresses: [support@company.example], source: {kind: eml, path: /replaced/by/--mail}}
  - {id: silent, automation: false, source: {kind: eml, path: /replaced/by/--mail}}
rules:
  - id: triage
    order: 10
    when: {type: subject, contains: [urgent]}
    actions:
      - {id: mark, type: tag, add: [Urgent, "Büro 1"]}
      - {id: star, type: star}
      - {id: file, type: move_folder, folder: Done}
  - id: intake
    order: 20
    when:
      all:
        - {type: subject, contains: [offer]}
        - none: [{type: sender_domain, equals: [spam.example]}]
    actions:
      - {id: lead, type: crm_lead, kind: opportunity}
  - {id: retired, enabled: false, actions: [{id: star, type: star}]}
  - {id: quiet, mailbox: silent, actions: [{id: star, type: star}]}
"""
GOOD = [
    mail("urgent-1", "Urgent: printer burns"),
    mail("urgent-2", "this is URGENT too", attachment=("burning.png", b"\x89PNG" * 50)),
    mail("offer-1", "An offer, please", sender="Otto <otto@buyer.example>"),
    mail("offer-2", "Re: An offer, please", sender="Otto <otto@buyer.example>", references=["<offer-1@tests.example>"]),
    mail("both-1", "urgent offer", sender="Beate <beate@buyer.example>"),
    mail("spam-1", "special offer", sender="x@spam.example"),
    *(mail(f"news-{number}", f"News {number}") for number in range(20)),
]
BROKEN = [
    Mail(
        "broken-multipart", b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n"
    ),
    Mail(
        "broken-bytes",
        b"From: \xe4\xf6 <a@b\nSubject: \xff\xfe urg\x00ent\nContent-Type: text/plain; charset=klingon\n\n\xff",
    ),
    Mail("broken-words", b"no header at all, only words\nand more of them\n"),
    Mail("broken-date", b"From: a@b.example\nSubject: when\nDate: the day after\nMessage-ID: not an id\n\nx\n"),
]
EMPTY = Mail("empty", b"")
AGAIN = [GOOD[0], GOOD[2]]
SILENT = [mail("silent-1", "urgent"), mail("silent-2", "offer")]
MAILS = [*GOOD, *BROKEN, EMPTY, *AGAIN]
MARKED = frozenset({"Urgent", "B=C3=BCro=201"})


@dataclass(frozen=True, slots=True)
class Finished:
    """A desk after its first run, the mails that were there, and the run's summary."""

    desk: Desk
    arguments: tuple[str, ...]
    mails: int
    summary: dict[str, Any]
    outcome: Outcome
    maildir: Path | None


def _arrange(kind: str, folder: Path) -> tuple[Path, Path, int]:
    if kind == "maildir":
        path, silent = make_maildir(folder / "mail", MAILS), make_maildir(folder / "silent", SILENT)
        (path / "new" / "1.nowhere.tests").symlink_to(folder / "nowhere")
    elif kind == "mbox":
        return make_mbox(folder / "mail.mbox", MAILS), make_mbox(folder / "silent.mbox", SILENT), len(MAILS)
    else:
        path, silent = make_folder(folder / "mails", MAILS), make_folder(folder / "silent", SILENT)
        (path / "nowhere.eml").symlink_to(folder / "nowhere")  # no mail: links out of the folder are not followed
        return path, silent, len(MAILS)
    return path, silent, len(MAILS) + 1


@pytest.fixture(scope="module")
def finished(make_desk: MakeDesk) -> Callable[[str, str | None], Finished]:
    """The first run on a kind of mail and a broker, made once."""
    made: dict[tuple[str, str | None], Finished] = {}

    def run(kind: str, kafka: str | None) -> Finished:
        if kafka is None and (missing := missing_tools()):
            pytest.skip(f"real Kafka needs {' and '.join(missing)}")
        if (kind, kafka) not in made:
            desk = make_desk(kafka)
            folder = desk.home.parent
            path, silent, mails = _arrange(kind, folder)
            rules = rules_file(folder / "rules.yaml", RULES)
            arguments = ("--mail", f"support={path}", "--mail", f"silent={silent}", "--rules", rules)
            summary = desk.up(*arguments)
            maildir = path if kind == "maildir" else None
            made[kind, kafka] = Finished(desk, arguments, mails + len(SILENT), summary, outcome_of(desk), maildir)
        return made[kind, kafka]

    return run


KINDS = pytest.mark.parametrize(
    ("kind", "kafka"), [("maildir", None), ("maildir", "memory"), ("mbox", None), ("eml", None)]
)
Finish = Callable[[str, str | None], Finished]


ACTED = {"intake": 3, "triage": 9}
STATES = {"maildir": "succeeded", "mbox": "skipped", "eml": "skipped"}
"""Files of the last two kinds are never changed."""


@KINDS
def test_every_mail_has_one_outcome(finished: Finish, kind: str, kafka: str | None) -> None:
    run = finished(kind, kafka)
    summary = run.summary
    unreadable = {"maildir": 2, "mbox": 0, "eml": 1}[kind]  # in an mbox even nothing has an envelope
    assert summary["dead_letters"] == unreadable
    assert summary["duplicates"] == len(AGAIN)
    assert summary["mails"] == run.mails
    assert summary["decisions"] == summary["events"] == run.mails - len(AGAIN) - unreadable
    assert summary["unexpected_failures"] == 0
    outcomes = Counter(row[2] for row in run.outcome.decisions)
    assert outcomes == {"commands": 5, "mailbox_off": len(SILENT), "no_match": summary["decisions"] - 5 - len(SILENT)}


@KINDS
def test_every_action_has_one_row(finished: Finish, kind: str, kafka: str | None) -> None:
    run = finished(kind, kafka)
    assert len({(*row[:2], *row[2:5]) for row in run.outcome.log}) == len(run.outcome.log) == run.summary["log_rows"]
    assert Counter(row[2] for row in run.outcome.log) == ACTED
    states = {(row[2], row[STATE]) for row in run.outcome.log}
    assert states == {("intake", "succeeded"), ("triage", STATES[kind])}
    assert [lead[:2] for lead in run.outcome.leads] == [
        ("An offer, please", "opportunity"),
        ("urgent offer", "opportunity"),
    ], "a conversation has one lead, and spam none"


@pytest.mark.parametrize("kafka", [None, "memory"])
def test_a_maildir_is_changed_for_real(finished: Finish, kafka: str | None) -> None:
    run = finished("maildir", kafka)
    filed = Place("Done", "F", MARKED)
    assert run.maildir is not None
    found = listing(run.maildir)
    urgent = {(each.message_id, filed) for each in (GOOD[0], GOOD[1], GOOD[4])}
    assert {each for each in found if each[1].folder != "INBOX"} == urgent
    untouched = [place for _, place in found if place.folder == "INBOX"]
    assert len(untouched) == len(MAILS) - len(urgent)
    assert set(untouched) == {Place("INBOX", "", frozenset())}


def test_the_broker_makes_no_difference(finished: Finish) -> None:
    real, memory = finished("maildir", None), finished("maildir", "memory")
    assert real.outcome.differences(memory.outcome) == {}


@pytest.mark.parametrize("kind", ["maildir", "mbox", "eml"])
def test_a_second_run_does_nothing(finished: Finish, kind: str) -> None:
    run = finished(kind, None)
    again = run.desk.up(*run.arguments)
    assert (again["events"], again["decisions"], again["log_rows"], again["commands"]) == (0, 0, 0, {})
    assert again["mails"] == again["duplicates"] + again["dead_letters"]
    assert again["totals"] == run.summary["totals"]
    assert outcome_of(run.desk).differences(run.outcome) == {}
