"""A mail that is not in Odoo, as the `mail.message` that Odoo 17 would make of it: from the event alone, without I/O.

Its own id is 0, which Odoo's comparison takes for empty; the mail it answers and its attachments have negative ids,
which name no record.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from schemas.facts import FieldType, FieldValue, Lineage, Relation, Scalar, Snapshot
from schemas.mail import Address, Attachment, MailArrived, MailSent
from services.evaluator.odoo_domain.scene import RELATIONS
from services.evaluator.odoo_domain.virtual_fields import ATTACHMENT_FIELDS, FIELDS, VirtualField

_PARENT_ID = -1
_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"'})


def virtual_message(
    event: MailArrived | MailSent,
    author: Relation | None = None,
    types: Mapping[str, FieldType] | None = None,
    lineages: Sequence[Lineage] = (),
) -> Snapshot:
    """The snapshot of a mail.

    `author` is what the event knows of the sender's partner: no records where Odoo has none, None where nobody asked,
    which makes `author_id` undecidable. `types` and `lineages` are those of the author's paths (`author_id.…`).
    """
    fields = {name: _plain(field) for name, field in FIELDS.items() if name != "author_id"}
    fields |= {name: _scalar(FIELDS[name], value) for name, value in _known(event).items()}
    fields["parent_id"] = _parent(event)
    fields["attachment_ids"] = Relation(
        type="many2many",
        relation="ir.attachment",
        records=tuple(_attachment(-1 - place, one) for place, one in enumerate(event.attachments)),
        archived=(),
    )
    if author is not None:
        fields["author_id"] = author
    return Snapshot(model="mail.message", id=0, fields=fields, types={**_TYPES, **(types or {})}, lineages=(*lineages,))


def _known(event: MailArrived | MailSent) -> dict[str, str | bool | None]:
    sender = _address(event.sender) if event.sender else None
    recorded = _moment(event.recorded_at)
    return {
        "subject": event.subject or None,
        "body": event.excerpt,
        "date": _moment(event.date or event.received_at),
        "email_from": sender,
        "reply_to": ", ".join(map(_address, event.reply_to)) or sender,
        "message_id": event.message_id,
        "message_type": "email" if event.direction == "incoming" else "email_outgoing",
        "create_date": recorded,
        "write_date": recorded,
        "email_add_signature": True,
    }


def _parent(event: MailArrived | MailSent) -> Relation:
    known = (*event.references[-1:], *event.in_reply_to[:1])
    parents = tuple(
        Snapshot(model="mail.message", id=_PARENT_ID, fields={"message_id": Scalar(type="char", value=message_id)})
        for message_id in known[:1]
    )
    return Relation(type="many2one", relation="mail.message", records=parents)


def _attachment(ident: int, attachment: Attachment) -> Snapshot:
    known = {
        "name": attachment.name or None,
        "mimetype": attachment.content_type,
        "file_size": attachment.size,
        "type": "binary",
    }
    fields = {name: _scalar(field, known.get(name)) for name, field in ATTACHMENT_FIELDS.items()}
    return Snapshot(model="ir.attachment", id=ident, display_name=attachment.name or None, fields=fields)


def _plain(field: VirtualField) -> FieldValue:
    """The field when nothing is known: empty."""
    if field.type not in RELATIONS:
        return _scalar(field, None)
    return Relation.model_validate({"type": field.type, "relation": field.relation, "archived": ()})


def _scalar(field: VirtualField, value: str | int | bool | None) -> FieldValue:
    return Scalar.model_validate({"type": field.type, "value": value})


def _address(address: Address) -> str:
    return f'"{address.name.translate(_ESCAPED)}" <{address.address}>' if address.name else address.address


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


_TYPES: dict[str, FieldType] = {
    **{name: field.type for name, field in FIELDS.items()},
    **{f"attachment_ids.{name}": field.type for name, field in ATTACHMENT_FIELDS.items()},
    "parent_id.message_id": "char",
}
