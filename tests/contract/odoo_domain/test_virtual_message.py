"""The mail that is not in Odoo: only fields that Odoo's own `mail.message` has, with its types, and documented."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.domain import parse
from schemas.facts import Relation, Scalar, Snapshot
from schemas.mail import Address, Attachment
from services.evaluator.odoo_domain.evaluate import compile_domain
from services.evaluator.odoo_domain.undecidable import Undecidable
from services.evaluator.odoo_domain.virtual_fields import ATTACHMENT_FIELDS, FIELDS, VirtualField, rows
from services.evaluator.odoo_domain.virtual_message import virtual_message
from tests.contract.odoo_domain.frozen import shapes
from tests.unit.services.evaluator.making import event, sent

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "virtual-message.md"
MAIL = event(subject="Offer 50%").model_copy(
    update={
        "sender": Address(name='Ann "A" Lee', address="ann@acme.example"),
        "date": datetime.fromisoformat("2026-03-01T13:30:15.5+02:00"),
        "excerpt": "Dear team",
        "references": ("<a@x>", "<b@x>"),
        "attachments": (Attachment(name="Offer.pdf", content_type="application/pdf", size=900),),
    }
)


@pytest.mark.parametrize(("model", "fields"), [("mail.message", FIELDS), ("ir.attachment", ATTACHMENT_FIELDS)])
def test_every_field_is_one_of_odoo(model: str, fields: dict[str, VirtualField]) -> None:
    real = shapes()[model]
    assert {name: [field.type, field.relation] for name, field in fields.items()} == {
        name: real[name] for name in fields
    }


def test_the_page_holds_the_tables_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert rows(FIELDS) in page
    assert rows(ATTACHMENT_FIELDS) in page


def test_every_documented_field_is_in_the_snapshot_and_no_other() -> None:
    author = Relation(type="many2one", relation="res.partner")
    snapshot = virtual_message(MAIL, author)
    assert set(snapshot.fields) == set(FIELDS)
    (attachment,) = _records(snapshot, "attachment_ids")
    assert set(attachment.fields) == set(ATTACHMENT_FIELDS)


@pytest.mark.parametrize(
    ("domain", "held"),
    [
        ([["subject", "ilike", "offer 50"]], True),
        ([["email_from", "=", '"Ann \\"A\\" Lee" <ann@acme.example>']], True),
        ([["reply_to", "ilike", "ann@acme"]], True),
        ([["date", "=", "2026-03-01 11:30:15"]], True),
        ([["create_date", ">=", "2026-03-01"]], True),
        ([["body", "like", "Dear"], ["message_type", "=", "email"]], True),
        ([["id", "=", False], ["model", "=", False], ["res_id", "=", 0], ["starred", "=", False]], True),
        ([["parent_id", "!=", False], ["parent_id.message_id", "=", "<b@x>"]], True),
        ([["attachment_ids.mimetype", "=", "application/pdf"], ["attachment_ids.file_size", ">", 800]], True),
        ([["attachment_ids", "ilike", "offer"], ["attachment_ids", "!=", False]], True),
        ([["subtype_id", "!=", False]], False),
    ],
)
def test_a_domain_reads_it(domain: Any, held: bool) -> None:
    assert compile_domain(parse(domain))(virtual_message(MAIL)) is held


def test_the_author_is_undecidable_until_the_event_carries_it() -> None:
    asks = compile_domain(parse([["author_id.name", "=", "Ann"]]))
    assert isinstance(asks(virtual_message(MAIL)), Undecidable)
    partner = Snapshot(model="res.partner", id=7, fields={"name": Scalar(type="char", value="Ann")})
    assert asks(virtual_message(MAIL, Relation(type="many2one", relation="res.partner", records=(partner,)))) is True
    nobody = Relation(type="many2one", relation="res.partner")
    assert asks(virtual_message(MAIL, nobody, {"author_id.name": "char"})) is False


def test_mail_without_anything() -> None:
    bare = event(sender=None, subject="").model_copy(update={"message_id": None})
    domain = [["subject", "=", False], ["email_from", "=", False], ["reply_to", "=", False], ["message_id", "=", False]]
    domain += [["parent_id", "=", False], ["attachment_ids", "=", False], ["date", "=", "2026-03-01 12:00:00"]]
    assert compile_domain(parse(domain))(virtual_message(bare)) is True


def test_sent_mail_is_outgoing_and_dates_are_in_utc() -> None:
    snapshot = virtual_message(sent(recorded_at=datetime(2026, 3, 1, 12, 0, 0, 999, tzinfo=UTC)))
    assert snapshot.fields["message_type"] == Scalar(type="selection", value="email_outgoing")
    assert snapshot.fields["create_date"] == Scalar(type="datetime", value="2026-03-01 12:00:00")


def _records(snapshot: Snapshot, name: str) -> tuple[Snapshot, ...]:
    field = snapshot.fields[name]
    assert isinstance(field, Relation)
    return field.records
