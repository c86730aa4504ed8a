"""Desks: each has a state folder and an empty database of its own."""

import asyncio
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.desk import Desk, Up, new_database, rules_file
from tests.e2e.mails import Mail, mail, make_maildir
from tests.e2e.receiver import Receiver, receiving

# A shell that starts the tests in the background has them ignore Ctrl-C, and what they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
_numbers = itertools.count()
MakeDesk = Callable[[str | None], Desk]


@pytest.fixture(scope="session")
def make_desk(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> MakeDesk:
    """Makes desks on a broker: `memory`, an address, or None for the Kafka that `up` starts."""

    def make(kafka: str | None) -> Desk:
        name = f"maildesk_e2e_{os.getpid()}_{next(_numbers)}"
        folder: Path = tmp_path_factory.mktemp("desk")
        return Desk(folder / "state", asyncio.run(new_database(postgres_server, name)), kafka)

    return make


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """On the broker in memory, which starts at once."""
    return make_desk("memory")


MARKER = "Zwiebelkuchen"
"""Stands in every part of a mail that must not leave the mail, and in a password."""
LIVE_RULES = """
mailbox: support
rules:
  - id: triage
    order: 10
    when: {type: subject, contains: [urgent]}
    actions:
      - {id: mark, type: tag, add: [Urgent]}
      - {id: star, type: star}
      - {id: file, type: move_folder, folder: Done}
  - id: intake
    order: 20
    when: {type: subject, contains: [offer]}
    actions:
      - {id: lead, type: crm_lead}
  - id: lost
    order: 30
    when: {type: subject, contains: [lost]}
    actions:
      - {id: file, type: move_folder, folder: Nowhere}
  - id: retired
    order: 40
    enabled: false
    actions:
      - {id: star, type: star}
"""


def _secret_mail(name: str, subject: str) -> Mail:
    return mail(
        name,
        f"{subject} {MARKER}",
        sender=f'"{MARKER} Customer" <customer@buyer.example>',
        body=f"My recipe for {MARKER}.\n",
        attachment=(f"{MARKER}.txt", f"{MARKER}, to be sliced\n".encode()),
    )


def _broken_mails() -> list[Mail]:
    words = MARKER.encode()
    return [
        Mail(
            "bad-1", b"From: %b <a@b\nSubject: \xff%b\nContent-Type: multipart/x; boundary=%b" % (words, words, words)
        ),
        Mail("bad-2", b"Subject: =?utf-8?b?%b?=\nContent-Type: text/plain; charset=%b\n\n%b" % (words, words, words)),
        Mail("bad-3", b""),
    ]


@dataclass(frozen=True, slots=True)
class Live:
    """A platform that runs, its mailbox, its rules file, and the receiver of its traces."""

    desk: Desk
    up: Up
    maildir: Path
    rules: Path
    traces: Receiver


@pytest.fixture(scope="package")
def live(make_desk: MakeDesk) -> Iterator[Live]:
    """One for all tests that only look at it, or use mails and rules of their own."""
    desk = make_desk("memory")
    folder = desk.home.parent
    first = [_secret_mail("urgent-1", "urgent"), _secret_mail("offer-1", "offer"), _secret_mail("lost-1", "lost")]
    plain = [mail(f"plain-{number}", f"Hello {number}") for number in range(5)]
    maildir = make_maildir(folder / "mail", [*first, *plain, *_broken_mails()])
    rules = Path(rules_file(folder / "rules.yaml", LIVE_RULES))
    with receiving() as traces:
        desk.env |= {"MAILDESK_OTLP_ENDPOINT": traces.url, "MAILDESK_SECRET_MAIL_PASSWORD": MARKER}
        with desk.started("--mail", f"support={maildir}", "--rules", str(rules)) as running:
            running.wait_ready()
            yield Live(desk, running, maildir, rules, traces)
