"""From when on rules act on a mailbox that is applied, by what was stored of it before."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.mailbox import Mailbox
from services.console.cutoff import settled

THEN = datetime(2026, 1, 2, tzinfo=UTC)
NOW = datetime(2026, 3, 4, tzinfo=UTC)
DAY = datetime(2026, 2, 1, tzinfo=UTC)
IMAP = {"kind": "imap", "host": "imap.example", "username": "anna", "password": "ANNA"}
ODOO = {"kind": "odoo"}
FILES = {"kind": "maildir", "path": "/mail"}


def box(source: dict[str, Any], since: Any = None) -> Mailbox:
    return Mailbox.model_validate({"id": "support", "source": source, "actions_since": since})


def applied(given: Mailbox, before: Mailbox | str | None = None) -> object:
    document = before.model_dump_json() if isinstance(before, Mailbox) else before
    rows: dict[str, Any] = {"support": {"document": document, "connected_at": THEN}} if document else {}
    (found,) = settled([given], rows, NOW)
    assert found.model_copy(update={"actions_since": None}) == given.model_copy(update={"actions_since": None})
    return found.actions_since


@pytest.mark.parametrize(
    ("source", "since", "expected"),
    [
        (IMAP, None, NOW),
        (ODOO, None, NOW),
        (FILES, None, None),
        (IMAP, "connected", NOW),
        (FILES, "connected", NOW),
        (IMAP, "beginning", "beginning"),
        (IMAP, DAY, DAY),
    ],
)
def test_a_new_account_acts_on_what_comes_from_now_on(source: dict[str, Any], since: Any, expected: object) -> None:
    assert applied(box(source, since)) == expected


@pytest.mark.parametrize(
    ("source", "since", "before", "expected"),
    [
        (IMAP, None, None, None),  # stored before there was a cut-off: as it was
        (IMAP, None, DAY, DAY),
        (IMAP, None, "beginning", "beginning"),
        (IMAP, "connected", None, THEN),
        (IMAP, "connected", DAY, THEN),
        (IMAP, "beginning", DAY, "beginning"),
        (IMAP, NOW, DAY, NOW),
    ],
)
def test_one_that_is_known_stays_as_it_was_unless_it_says_otherwise(
    source: dict[str, Any], since: Any, before: Any, expected: object
) -> None:
    assert applied(box(source, since), box(source, before)) == expected


def test_files_that_become_an_account_are_a_new_account() -> None:
    assert applied(box(IMAP), box(FILES)) == NOW
    assert applied(box(FILES), box(IMAP, DAY)) == DAY


def test_a_stored_document_that_cannot_be_read_says_nothing() -> None:
    assert applied(box(IMAP), '{"id": "support", "source": {"kind": "pigeon"}}') is None
