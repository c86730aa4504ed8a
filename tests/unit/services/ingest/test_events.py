"""Events are made without validation: each is nevertheless what validation would make of its values."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from connectors.mailbox.hosted import File, Hosted
from connectors.mailbox.port import Fetched, Position
from schemas.facts import OdooFacts
from schemas.mail import ContentReference, Original, ReplyState
from services.ingest.conversations import Standing
from services.ingest.events import make_event
from services.ingest.model import Feed, Prepared
from services.ingest.parse.mail import parse_mail
from services.ingest.prepare import prepare
from tests.unit.services.ingest.samples import ALL

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
CONTENT = ContentReference(uri="u", digest="d", header_digest="h", size=1)
ORIGINAL = Original(event_id=UUID(int=9), message_id=None, content=CONTENT)
HOSTED = Hosted(
    "odoo://desk/mail.message/1", 1, "odoo:desk:crm.lead:7", (File("a\0.pdf", "application/pdf", 3),), ("headers",)
)


def standing(original: Original | None) -> Standing:
    return Standing(UUID(int=1), ReplyState(is_reply=True, first_contact=False, answered=True), original, "references")


@pytest.mark.parametrize("raw", ALL)
@pytest.mark.parametrize("source", ["imap", "odoo"])
@pytest.mark.parametrize("original", [None, ORIGINAL])
@pytest.mark.parametrize("odoo", [None, OdooFacts(read_at=NOW, missing=("partner",))])
@pytest.mark.parametrize("direction", ["incoming", "outgoing"])
def test_an_event_is_as_validation_leaves_it(
    raw: bytes, source: str, original: Original | None, odoo: OdooFacts | None, direction: str
) -> None:
    hosted = HOSTED if source == "odoo" else None
    feed = Feed("support", source, "INBOX", direction, frozenset(("support@company.example",)))  # type: ignore[arg-type]
    fetched = Fetched(Position("INBOX", "1", "1"), "u", raw, len(raw), NOW.replace(tzinfo=None), hosted=hosted)
    (ready,) = prepare(feed, [fetched], parse_mail)
    assert isinstance(ready, Prepared)
    event = make_event(feed, replace(ready, odoo=odoo), standing(original), NOW)
    validated = type(event).model_validate(dict(event))
    assert event == validated
    assert event.model_fields_set == validated.model_fields_set == set(type(event).model_fields)
    assert type(event).model_validate_json(event.to_json()) == event
