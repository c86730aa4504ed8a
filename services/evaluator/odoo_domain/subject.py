"""What a domain is asked about: the mail, its sender's partner or its record, as the event carries it."""

from typing import NamedTuple

from schemas.condition import OdooDomainIs
from schemas.facts import FactSubject, OdooFacts, Relation, Snapshot
from schemas.mail import MailArrived, MailSent
from services.evaluator.odoo_domain.virtual_message import virtual_message


class Nobody(NamedTuple):
    """There is no such record, so it is in no domain."""

    text: str


class Unknown(NamedTuple):
    """The event does not say. `missing`: since Odoo did not answer in time."""

    text: str
    missing: bool = False


Subject = Snapshot | Nobody | Unknown
_NOBODY: dict[FactSubject, str] = {
    "message": "the mail is not in Odoo",
    "partner": "the sender is no partner in Odoo",
    "record": "the mail belongs to no record in Odoo",
}


def message_of(event: MailArrived | MailSent) -> Snapshot:
    """The mail as a `mail.message`: Odoo's own, else the virtual one, whose author is the partner that Odoo knew."""
    odoo = event.odoo
    if odoo is not None and odoo.message is not None:
        return odoo.message
    if odoo is None or odoo.partner is None:
        return virtual_message(event)
    partner = odoo.partner
    author = Relation(type="many2one", relation="res.partner", records=(partner,) if partner.id else (), archived=())
    types = {f"author_id.{path}": found for path, found in partner.types.items()}
    message = virtual_message(event, author, types, partner.lineages)
    if not partner.unknown:
        return message
    return message.model_copy(update={"unknown": tuple(f"author_id.{path}" for path in partner.unknown)})


def subject_of(odoo: OdooFacts | None, condition: OdooDomainIs) -> Subject:
    """What a domain is about, as Odoo had it: of the mail itself only where it lies there."""
    if odoo is None:
        return Unknown("the event carries no facts of Odoo; it was recorded when no rule needed any")
    if condition.on in odoo.missing:
        return Unknown("Odoo did not answer in time", missing=True)
    found: Snapshot | None = getattr(odoo, condition.on)
    if found is None:
        return Unknown(f"the event carries no facts of the {condition.on}; it was recorded when no rule needed them")
    if not found.id:
        return Nobody(_NOBODY[condition.on])
    if found.model != condition.model:
        return Nobody(f"the mail belongs to {found.model} {found.id}")
    return found
