"""What the doctor sees in an Odoo: the same in a real one, in which it changes nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cli.doctor.checks.odoo_aliases import check_aliases
from cli.doctor.checks.odoo_fetchmail import check_fetchmail
from cli.doctor.checks.odoo_login import check_odoo
from cli.doctor.checks.odoo_modules import check_modules, may
from cli.doctor.checks.odoo_outgoing import check_outgoing_servers, check_queue
from cli.doctor.finding import Finding
from cli.doctor.house import House
from connectors.odoo.port import Odoo
from runtime.secrets import SecretFolder
from schemas.mailbox import ImapSource, Mailbox
from schemas.rule import Rule
from tests.contract.odoo.conftest import Site


def house(site: Site, *actions: dict[str, Any]) -> House:
    """A mailbox whose login carries the test's prefix, and one rule with these actions."""
    user = f"{site.prefix}@company.example"
    source = ImapSource(kind="imap", host="imap.company.example", username=user, password="NONE")
    box = Mailbox(id="support", addresses=(user,), source=source)
    rules = [Rule.model_validate({"id": "r", "mailbox": "support", "actions": list(actions)})] if actions else []
    found = House((box,), tuple(rules), SecretFolder(Path("/nowhere")), 20.0)
    found.odoo, found.account = site.odoo, site.account
    return found


@asynccontextmanager
async def present(odoo: Odoo, model: str, **values: Any) -> AsyncIterator[int]:
    """A record that is deleted at the end."""
    made = await odoo.call(model, "create", [[values]])
    number = int(made[0] if isinstance(made, list) else made)
    try:
        yield number
    finally:
        await odoo.call(model, "unlink", [[number]])


def codes(findings: list[Finding]) -> list[str]:
    return [each.code for each in findings]


async def test_an_odoo_that_answers(site: Site) -> None:
    assert await check_odoo(house(site)) == []


async def test_apps_of_actions(site: Site) -> None:
    lead = {"id": "l", "type": "crm_lead"}
    ticket = {"id": "t", "type": "helpdesk_ticket"}
    channel = {"id": "c", "type": "notify_channel", "channel": "general"}
    attach = {"id": "a", "type": "attach_to_record", "fallback_model": "no.such.model"}
    activity = {"id": "d", "type": "activity", "activity_type": "To-Do"}
    assert await check_modules(house(site, lead, channel, activity)) == []
    found = await check_modules(house(site, lead, ticket, attach))
    assert codes(found) == ["odoo-module-missing", "odoo-module-missing"]
    assert "helpdesk.ticket" in found[0].text
    assert "no.such.model" in found[1].text


async def test_who_may_what(site: Site, reader: Odoo) -> None:
    assert await may(site.odoo, "crm.lead", "create")
    assert await may(reader, "crm.lead", "read")
    assert not await may(reader, "crm.lead", "create")


async def test_odoos_own_fetchmail(site: Site) -> None:
    ours = house(site)
    assert await check_fetchmail(ours) == []
    account = {"server": "IMAP.company.example", "user": f"{site.prefix}@company.example", "server_type": "imap"}
    async with present(site.odoo, "fetchmail.server", name="Ours too", **account):
        (found,) = await check_fetchmail(ours)
    assert (found.code, found.place) == ("odoo-fetchmail", "mailbox support")
    assert "Ours too (imap, " in found.text
    assert found.severity == "warning"
    async with present(site.odoo, "fetchmail.server", name="Archived", active=False, **account):
        assert await check_fetchmail(ours) == []


async def test_outgoing_servers(site: Site) -> None:
    lead = {"id": "l", "type": "crm_lead"}
    async with present(site.odoo, "ir.mail_server", name="Ours", smtp_host="smtp.company.example"):
        assert await check_outgoing_servers(house(site, lead)) == []
    star = {"id": "t", "type": "star"}
    assert await check_outgoing_servers(house(site, star)) == []


async def test_the_queue_and_the_aliases_can_be_read(site: Site) -> None:
    known = {"odoo-mail-failed", "odoo-mail-stuck", "odoo-alias-domain-unset", "odoo-alias-without-domain"}
    assert known.issuperset(codes(await check_queue(house(site))))
    assert known.issuperset(codes(await check_aliases(house(site))))
