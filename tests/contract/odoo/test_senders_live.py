"""A sender's partner is the one that a real Odoo picks itself: its own method is asked by a server action."""

import pytest

from connectors.odoo.port import Odoo
from connectors.odoo.senders import find_partners
from tests.contract.odoo.conftest import Site

CODE = """
found = env['mail.thread']._mail_find_partner_from_emails(env.context['maildesk_emails'])
action = {'type': 'ir.actions.act_window_close', 'out': [one.id for one in found]}
"""
EMAILS = ("twice@{}", "Upper@{}", "archived@{}", "user@{}", "both@{}", "Grün@{}", "first@{}", "second@{}", "none@{}")
PARTNERS: tuple[tuple[str, str, bool], ...] = (
    ("Zeta", "twice@{}", True),
    ("Alpha", "TWICE@{}", True),
    ("alpha", "Twice <twice@{}>", True),
    ("Upper", "uPPer@{}", True),
    ("Gone", "archived@{}", False),
    ("Aaa", "both@{}", True),
    ("Archived before", "both@{}", False),
    ("Umlaut", "Grün@{}", True),
    ("Two", "first@{}, second@{}", True),
    ("Empty", "", True),
)


async def theirs(odoo: Odoo, emails: list[str]) -> dict[str, int]:
    """What Odoo answers; the action is removed again."""
    (model,) = await odoo.call("ir.model", "search", [[["model", "=", "res.partner"]]])
    values = {"name": "maildesk sender contract", "model_id": model, "state": "code", "code": CODE}
    action = await odoo.call("ir.actions.server", "create", [values])
    try:
        context = {"context": {"maildesk_emails": emails}}
        answer = await odoo.call("ir.actions.server", "run", [[action]], context)
    finally:
        await odoo.call("ir.actions.server", "unlink", [[action]])
    return {email: ident for email, ident in zip(emails, answer["out"], strict=True) if ident}


@pytest.mark.usefixtures("reader")
async def test_the_same_partner_as_odoo(site: Site) -> None:
    if site.standin is not None:
        pytest.skip("only a real Odoo has the method")
    domain = f"{site.prefix.replace('_', '-')}.example"
    for number, (name, email, active) in enumerate(PARTNERS):
        ident = await site.record("res.partner", f"p{number}", name=name, email=email.replace("{}", domain))
        if not active:
            await site.odoo.call("res.partner", "write", [[ident], {"active": False}])
    before = await site.record("res.partner", "reader", name="000 before the user", email="reader@company.example")
    emails = [*(email.replace("{}", domain) for email in EMAILS), "reader@company.example", "admin@company.example"]
    asked = await theirs(site.odoo, emails)
    assert await find_partners(site.odoo, emails) == asked
    assert asked["reader@company.example"] != before
    assert len(asked) >= 6
