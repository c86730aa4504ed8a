"""Keep an event within its bound: cut what matters least first, and say so."""

from collections.abc import Callable
from typing import Any, TypeVar

from schemas.facts import FactSubject, OdooFacts
from schemas.mail import MAX_EVENT_BYTES, MailFacts

ITEM_BYTES = 6 * 1_200
"""What one address, Message-ID, attachment or defect has at most; a few more stand for the fields of fixed length."""
FactsType = TypeVar("FactsType", bound=MailFacts)
Cut = tuple[str, Callable[[MailFacts], dict[str, Any]]]

_SUBJECTS: tuple[FactSubject, ...] = ("message", "record", "partner")

_CUTS: tuple[Cut, ...] = (
    ("header-values", lambda m: {"headers": tuple((name, value[:500]) for name, value in m.headers)}),
    ("headers", lambda m: {"headers": m.headers[:50]}),
    ("attachments", lambda m: {"attachments": m.attachments[:20]}),
    ("recipients", lambda m: {"to": m.to[:20], "cc": m.cc[:20], "reply_to": m.reply_to[:5]}),
    ("references", lambda m: {"references": m.references[:1] + m.references[-9:], "in_reply_to": m.in_reply_to[:2]}),
    ("excerpt", lambda m: {"excerpt": m.excerpt[:1_000]}),
    ("odoo", lambda m: {"odoo": m.odoo and _without(m.odoo, _SUBJECTS)}),
    ("everything", lambda _: {"headers": (), "attachments": (), "to": (), "cc": (), "reply_to": (), "references": ()}),
)


def fit(event: FactsType, limit: int = MAX_EVENT_BYTES) -> FactsType:
    """The event, cut until its JSON has at most `limit` bytes. Each cut that was needed is a defect `event-cut: …`.

    Facts of Odoo have half of it; what is dropped of them is not missing, since asking again would not make it fit.
    """
    if _surely_fits(event, limit):
        return event
    event = _with_fitting_facts(event, limit // 2)
    for name, cut in _CUTS:
        if len(event.to_json()) <= limit:
            break
        event = event.model_copy(update={**cut(event), "defects": (*event.defects, f"event-cut: {name}")})
    return event


def _surely_fits(event: MailFacts, limit: int) -> bool:
    """By counting characters, which costs a sixth of writing the event; a character is at most 6 bytes of JSON."""
    if event.odoo is not None or getattr(event, "original", None) is not None:
        return False
    items = sum(map(len, (event.to, event.cc, event.reply_to, event.references, event.in_reply_to, event.attachments)))
    chars = len(event.content.uri) + len(event.origin.folder) + len(event.origin.uid) + len(event.mailbox)
    chars += len(event.subject) + len(event.excerpt) + sum([len(name) + len(value) for name, value in event.headers])
    return 6 * chars + 16 * len(event.headers) + ITEM_BYTES * (items + 4 + len(event.defects)) <= limit


def _with_fitting_facts(event: FactsType, limit: int) -> FactsType:
    """The facts about one thing after the other are dropped, the largest first."""
    while (odoo := event.odoo) is not None and len(odoo.model_dump_json().encode()) > limit:
        sizes = {
            each: len(found.model_dump_json().encode())
            for each in _SUBJECTS
            if (found := getattr(odoo, each)) is not None
        }
        largest = max(sizes, key=lambda each: sizes[each])
        defects = (*event.defects, f"event-cut: odoo {largest}")
        event = event.model_copy(update={"odoo": _without(odoo, (largest,)), "defects": defects})
    return event


def _without(odoo: OdooFacts, subjects: tuple[FactSubject, ...]) -> OdooFacts:
    return odoo.model_copy(update=dict.fromkeys(subjects))
