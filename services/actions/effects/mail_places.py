"""The record of Odoo that a mail belongs to: its own, else the conversation's lead or ticket, else the contact."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from connectors.odoo.errors import usable_without
from connectors.odoo.routing import Routed, Thread, find_records
from connectors.odoo.senders import find_partners
from runtime.errors import PermanentError
from schemas.mail import MailFacts
from schemas.result import Produced
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.record_claims import record_subjects

OURS = ("crm.lead", "helpdesk.ticket")
Records = Callable[[Sequence[str]], Awaitable[dict[str, Produced]]]
"""What our own actions made, by the subject of the record's claim."""


@dataclass(frozen=True, slots=True)
class Place:
    """A record that takes activities, and the user who is responsible for it, if anybody is."""

    model: str
    id: int
    user: int | None


async def find_places(site: OdooSite, records: Records, events: Sequence[MailFacts]) -> list[Place | None]:
    """One for each event: the first that exists, that the API user may read, and that takes activities."""
    ours = await records([subject for event in events for subject in _subjects(site, event)])
    filed = await find_records(site.odoo, [Thread((event.message_id,) if event.message_id else ()) for event in events])
    answered = await find_records(site.odoo, [_thread(event) for event in events])
    partners = await find_partners(site.odoo, {event.sender.address for event in events if event.sender})
    wanted: list[list[Routed]] = []
    for event, own, route in zip(events, filed, answered, strict=True):
        made = [ours[subject] for subject in _subjects(site, event) if subject in ours]
        partner = partners.get(event.sender.address) if event.sender else None
        candidates = [own, route, *((each.model, each.res_id) for each in made)]
        candidates.append(("res.partner", partner) if partner is not None else None)
        wanted.append([each for each in candidates if each is not None])
    places = await _existing(site, (each for candidates in wanted for each in candidates))
    return [next((places[each] for each in candidates if each in places), None) for candidates in wanted]


def _subjects(site: OdooSite, event: MailFacts) -> list[str]:
    return [subject for model in OURS for subject in record_subjects(site.database, model, event)]


def _thread(event: MailFacts) -> Thread:
    return Thread(event.references, event.in_reply_to, [address.address for address in event.to])


async def _existing(site: OdooSite, wanted: Iterable[Routed]) -> dict[Routed, Place]:
    by_model: dict[str, set[int]] = defaultdict(set)
    for model, record in wanted:
        by_model[model].add(record)
    found: dict[Routed, Place] = {}
    for model, ids in by_model.items():
        try:
            found |= await _read(site, model, ids)
        except PermanentError as error:
            # a record that the API user may not read is none
            usable_without(error)
    return found


async def _read(site: OdooSite, model: str, ids: set[int]) -> dict[Routed, Place]:
    fields = await site.fields_if_any(model)
    if fields is None or "activity_ids" not in fields:
        return {}
    domain: list[object] = [["id", "in", sorted(ids)]]
    if "active" in fields:
        domain.append(["active", "in", [True, False]])
    asked = ["user_id"] if fields.get("user_id", {}).get("relation") == "res.users" else []
    rows = await site.odoo.search_read(model, domain, asked, limit=len(ids))
    return {(model, int(row["id"])): Place(model, int(row["id"]), _first(row.get("user_id"))) for row in rows}


def _first(value: object) -> int | None:
    return int(value[0]) if isinstance(value, list) and value else None
