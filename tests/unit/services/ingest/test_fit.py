from datetime import UTC, datetime
from uuid import UUID

from schemas.mail import MAX_EVENT_BYTES, Address, ContentReference, MailArrived, Origin, ReplyState
from services.ingest.fit import fit

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def event(**more: object) -> MailArrived:
    base = MailArrived(
        event_id=UUID(int=1),
        mailbox="info",
        conversation=UUID(int=2),
        message_id=None,
        sender=None,
        received_at=NOW,
        recorded_at=NOW,
        reply_state=ReplyState(is_reply=False, first_contact=True, answered=False),
        content=ContentReference(uri="u", digest="d", header_digest="h", size=1),
        origin=Origin(kind="eml", folder="INBOX", uid="1"),
    )
    return base.model_copy(update=more)


def test_what_fits_is_not_touched() -> None:
    mail = event(subject="x" * 2_000)
    assert fit(mail) is mail


def test_the_largest_event_fits() -> None:
    wide = "\U0001f600"
    mail = event(
        subject=wide * 2_000,
        excerpt=wide * 4_000,
        headers=tuple((wide * 100, wide * 2_000) for _ in range(200)),
        to=tuple(Address(name=wide * 200, address=wide * 320) for _ in range(200)),
        references=tuple(wide * 998 for _ in range(100)),
        in_reply_to=tuple(wide * 998 for _ in range(100)),
    )
    cut = fit(mail)
    value = cut.to_json()
    assert len(value) <= MAX_EVENT_BYTES
    assert cut.subject == mail.subject
    assert "event-cut: headers" in cut.defects
    assert MailArrived.model_validate_json(value) == cut
