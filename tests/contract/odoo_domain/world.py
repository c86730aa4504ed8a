"""The records on which domains are tried: made for a session, with empties, archived ones and awkward texts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from schemas.facts import Lineage
from tests.contract.odoo_domain.client import RealOdoo


def _tree(*names: str, **inner: Any) -> dict[str, Any]:
    return {**{name: {} for name in names}, **inner}


_CATEGORY = _tree("name", "color", "active", parent_id=_tree("name", "active"))
_COUNTRY = _tree("name", "code", "phone_code", currency_id=_tree("name", "rounding", "active"))
_NEAR = _tree(
    "name", "email", "active", "date", "color", "is_company",
    category_id=_CATEGORY, country_id=_tree("name", "code"), parent_id=_tree("name", "date"),
)  # fmt: skip
TREES: dict[str, dict[str, Any]] = {
    "res.partner": _tree(
        "name", "email", "ref", "phone", "comment", "active", "color", "date", "create_date", "type", "is_company",
        "partner_latitude", "employee", "display_name",
        parent_id=_NEAR, child_ids={**_NEAR, "child_ids": _tree("name", "color", "date")}, category_id=_CATEGORY,
        country_id=_COUNTRY, company_id=_tree("name"), user_id=_tree("login", partner_id=_tree("name", "email")),
    ),
    "mail.message": _tree(
        "subject", "body", "date", "message_type", "email_from", "reply_to", "message_id", "starred", "is_internal",
        "model", "res_id", "record_name", "pinned_at", "needaction",
        author_id=_NEAR, partner_ids=_NEAR, attachment_ids=_tree("name", "mimetype", "file_size", "create_date"),
        parent_id=_tree("subject", "date", author_id=_tree("name", "email")), child_ids=_tree("subject", "starred"),
        starred_partner_ids=_tree("name"), subtype_id=_tree("name", "sequence"),
    ),
    "crm.lead": _tree(
        "name", "type", "priority", "email_from", "description", "active", "color", "probability", "expected_revenue",
        "date_deadline", "date_open", "create_date", "day_open",
        partner_id=_NEAR, tag_ids=_tree("name", "color"), stage_id=_tree("name", "sequence", "is_won"),
        country_id=_COUNTRY, company_id=_tree("name"), user_id=_tree("login"), team_id=_tree("name", "active"),
    ),
    "ir.ui.menu": _tree("name", "action", "sequence", "active", parent_id=_tree("name", "action", "sequence")),
}  # fmt: skip

NAMES = (
    "Acme",
    "ACME Süd_1",
    "acme 100% [x]",
    "",
    "Straße",
    "İstanbul",
    "b*d?",
    "back\\slash",
    "a\nb",
    "Zoë",
    "1",
    "%",
)
_ADMINISTRATOR = 3
"""The account's own partner: of messages without a record it may read its own only."""
MAILS = ("info@acme.example", "Ann@ACME.example", "", None, "x_y@b.example", None)
MOMENTS = ("2024-01-01 00:00:00", "2024-02-29 12:30:45", "2023-12-31 23:59:59", None)
DAYS = ("2024-01-01", "2024-02-29", None, "2023-12-31")


@dataclass
class World:
    """What was made, by model, and where every record stands."""

    ids: dict[str, list[int]] = field(default_factory=dict)
    lineages: list[Lineage] = field(default_factory=list)


@contextmanager
def world(odoo: RealOdoo) -> Iterator[World]:
    """The records, removed at the end."""
    made = World()
    try:
        _categories(odoo, made)
        _partners(odoo, made)
        _messages(odoo, made)
        _leads(odoo, made)
        made.lineages = [*_lineages(odoo)]
        yield made
    finally:
        for model in ("crm.lead", "mail.message", "ir.attachment", "res.partner", "res.partner.category", "crm.tag"):
            if made.ids.get(model):
                odoo.remove(model, made.ids[model][::-1])
    made.ids.clear()


def _create(odoo: RealOdoo, made: World, kind: str, /, **values: Any) -> int:
    given = {name: value for name, value in values.items() if value is not None}
    ident: int = odoo(kind, "create", given, context={"tracking_disable": True, "mail_create_nolog": True})
    made.ids.setdefault(kind, []).append(ident)
    return ident


def _categories(odoo: RealOdoo, made: World) -> None:
    top = _create(odoo, made, "res.partner.category", name="Customers", color=1)
    gold = _create(odoo, made, "res.partner.category", name="Gold", color=3, parent_id=top)
    _create(odoo, made, "res.partner.category", name="gold_plus", parent_id=gold, color=0)
    _create(odoo, made, "res.partner.category", name="Archived", color=5, parent_id=top, active=False)
    _create(odoo, made, "res.partner.category", name="Press 100%")


def _partners(odoo: RealOdoo, made: World) -> None:
    countries = odoo("res.country", "search", [["code", "in", ["DE", "TR", "US"]]])
    tags = made.ids["res.partner.category"]
    for number, name in enumerate(NAMES * 2):
        mine = made.ids.get("res.partner", [])
        _create(
            odoo, made, "res.partner",
            name=name or "-", email=MAILS[number % len(MAILS)],
            ref=name if number % 3 == 0 else None,
            comment="<p>Hello <b>World</b></p>" if number % 4 == 1 else None,
            color=(0, 1, 5, 11)[number % 4], date=DAYS[number % len(DAYS)],
            is_company=number % 5 == 0, partner_latitude=(0.0, 48.5, -3.25)[number % 3],
            employee=number % 2 == 0, active=number % 7 != 6, type=("contact", "invoice", "other")[number % 3],
            parent_id=mine[(number * 5) % len(mine)] if mine and number % 3 else None,
            category_id=[[6, 0, [tag for place, tag in enumerate(tags) if (number >> place) & 1]]],
            country_id=countries[number % 4] if number % 4 < len(countries) else None,
            company_id=1 if number % 4 == 2 and not (mine and number % 3) else None,
            user_id=2 if number % 6 == 1 else None,
        )  # fmt: skip


def _messages(odoo: RealOdoo, made: World) -> None:
    partners = made.ids["res.partner"]
    files = [
        _create(odoo, made, "ir.attachment", name=name, raw="", mimetype=kind)
        for name, kind in (("Invoice_1.pdf", "application/pdf"), ("logo.PNG", "image/png"), ("ü.txt", "text/plain"))
    ]
    for number, subject in enumerate((*NAMES, None, "Re: Acme", "INVOICE 12/2024", None)):
        mine = made.ids.get("mail.message", [])
        _create(
            odoo, made, "mail.message",
            subject=subject, body="<p>Dear Acme_</p>" if number % 3 else "", email_from=MAILS[number % len(MAILS)],
            date=MOMENTS[number % len(MOMENTS)], message_type=("email", "comment", "notification")[number % 3],
            author_id=(partners[number] if number % 4 else False) if number % 2 else _ADMINISTRATOR,
            partner_ids=[[6, 0, partners[number : number + number % 3]]],
            attachment_ids=[[6, 0, files[: number % 4]]],
            parent_id=mine[number // 2] if number % 3 == 2 else None,
            model="res.partner" if number % 2 else None, res_id=partners[0] if number % 2 else None,
            pinned_at=MOMENTS[(number + 1) % 4], is_internal=number % 5 == 0,
            message_id=f"<{number}@acme.example>" if number % 2 else None,
            reply_to="Reply <reply@acme.example>" if number % 3 else None,
            starred_partner_ids=[[6, 0, [3]]] if number % 4 == 1 else None,
        )  # fmt: skip


def _leads(odoo: RealOdoo, made: World) -> None:
    partners = made.ids["res.partner"]
    tags = [_create(odoo, made, "crm.tag", name=f"domain {name}", color=color) for name, color in (("A", 1), ("b_", 0))]
    for number, name in enumerate(NAMES):
        _create(
            odoo, made, "crm.lead",
            name=name or "?", type=("lead", "opportunity")[number % 2], priority=str(number % 4),
            email_from=MAILS[number % len(MAILS)], description="<p>x</p>" if number % 2 else None,
            active=number % 6 != 5, color=(0, 2)[number % 2], probability=(0.0, 50.0, 12.5)[number % 3],
            expected_revenue=(0.0, 1000.0, 0.1)[number % 3], date_deadline=DAYS[number % len(DAYS)],
            partner_id=partners[number] if number % 3 else False, tag_ids=[[6, 0, tags[: number % 3]]],
            user_id=2 if number % 2 else False,
        )  # fmt: skip


def _lineages(odoo: RealOdoo) -> Iterator[Lineage]:
    for model in ("res.partner", "res.partner.category", "mail.message", "res.company"):
        parents = {row["id"]: _ids(row["parent_id"])[:1] for row in odoo.everyone(model, ["parent_id"])}
        for followed in ("", "parent_id"):
            yield Lineage(model=model, field=followed, reach=_closure(parents))
        children: dict[int, list[int]] = {ident: [] for ident in parents}
        for ident, above in parents.items():
            for parent in above:
                children.setdefault(parent, []).append(ident)
        shown = {row["id"]: row["child_ids"] for row in odoo.everyone(model, ["child_ids"])}
        yield Lineage(model=model, field="child_ids", reach=_closure(children), shown=_closure(shown))


def _ids(value: Any) -> list[int]:
    return [part for part in value if isinstance(part, int)] if value else []


def _closure(next_ids: dict[int, list[int]]) -> dict[int, tuple[int, ...]]:
    found = {}
    for ident in next_ids:
        reached, waiting = [ident], [ident]
        while waiting:
            for other in next_ids.get(waiting.pop(), ()):
                if other not in reached:
                    reached.append(other)
                    waiting.append(other)
        found[ident] = tuple(reached[::-1])
    return found
