from datetime import UTC, datetime
from uuid import UUID

from schemas.facts import OdooFacts, Scalar, Snapshot
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


def partner(size: int) -> Snapshot:
    return Snapshot(model="res.partner", id=7, fields={"comment": Scalar(type="html", value="x" * size)})


def test_facts_that_fit_are_kept_when_other_things_are_cut() -> None:
    odoo = OdooFacts(read_at=NOW, partner=partner(100_000))
    headers = tuple(("X-Long", "y" * 2_000) for _ in range(200))
    found = fit(event(headers=headers, odoo=odoo))
    assert len(found.to_json()) <= MAX_EVENT_BYTES
    assert found.odoo == odoo
    assert found.defects[0] == "event-cut: header-values"


def test_facts_that_do_not_fit_are_dropped_the_largest_first_and_not_missing() -> None:
    odoo = OdooFacts(read_at=NOW, missing=("message",), partner=partner(100_000), record=partner(120_000))
    found = fit(event(odoo=odoo))
    assert found.odoo == OdooFacts(read_at=NOW, missing=("message",), partner=partner(100_000))
    assert found.defects == ("event-cut: odoo record",)
