"""notify_user on the stand-in, and on a real Odoo when one is given."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.odoo.port import Odoo
from connectors.odoo.standin import Trouble
from runtime.errors import PermanentError
from schemas.mail import Address
from schemas.result import Produced
from services.actions.effects.notify_user import NotifyUser
from services.actions.effects.odoo_site import OdooSite
from tests.contract.odoo.conftest import Site, pretend, pretend_json_2, reader, real
from tests.integration.actions.desks import OdooDesk, site
from tests.integration.actions.doing import act, done
from tests.unit.services.actions.fakes import job

__all__ = ["pretend", "pretend_json_2", "reader", "real", "site"]


class Desk(OdooDesk):
    """Notifies the user whose account is used."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.effect = NotifyUser(self.shared)
        self.login = site.account.login
        self.action = {"type": "notify_user", "users": [self.login]}

    async def inbox(self, odoo: Odoo | None = None) -> list[dict[str, Any]]:
        """What the user of the account, or of another, finds in the inbox."""
        domain = [["subject", "like", self.tag]]
        messages = await self.found("mail.message", domain, "subject", "body", "message_type", "model", "partner_ids")
        ids = [message["id"] for message in messages]
        facts = ["mail_message_id", "notification_type", "notification_status", "is_read"]
        found = await (odoo or self.site.odoo).search_read(
            "mail.notification", [["mail_message_id", "in", ids]], facts, limit=50, order="id"
        )
        return [{**line, "message": message} for line, message in zip(found, messages, strict=True)]

    async def messages(self) -> list[int]:
        return [row["id"] for row in await self.found("mail.message", [["subject", "like", self.tag]])]


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    found = Desk(site)
    yield found
    await found.remove_messages(await found.messages())


async def test_a_notification_is_in_the_inbox_once_and_on_no_record(desk: Desk) -> None:
    given = desk.wanted(desk.action | {"text": "Look at {subject}\nof {sender_name}"})
    first = await done(desk.effect, given)
    again = await done(desk.effect, given)
    found = await desk.effect.find(job(given, attempt=2))
    assert found is not None
    assert first.res_id == again.res_id == found.res_id
    assert (first.model, first.text) == ("mail.message", f"notified {desk.login}")
    (line,) = await desk.inbox()
    assert (line["notification_type"], line["notification_status"], line["is_read"]) == ("inbox", "sent", False)
    message = line["message"]
    assert message["body"].replace("<br/>", "<br>") == f"<p>Look at Offer {desk.tag}<br>of Anna</p>"
    assert (message["message_type"], message["model"]) == ("user_notification", False)


async def test_several_users_get_one_each(desk: Desk, reader: Odoo) -> None:
    given = desk.wanted(desk.action | {"users": [desk.login, "reader", desk.login]})
    assert await desk.effect.find(job(given)) is None
    produced = await done(desk.effect, given)
    assert produced.details["users"] == [desk.login, "reader"]
    assert len(set(produced.details["messages"])) == 2
    assert len(await desk.messages()) == 2
    mine = [["mail_message_id", "in", produced.details["messages"]], ["res_partner_id.user_ids.login", "=", "reader"]]
    assert len(await reader.search_read("mail.notification", mine, ["is_read"], limit=5)) == 1


async def test_a_user_without_rights_may_notify_others(desk: Desk, reader: Odoo) -> None:
    if desk.site.standin is not None:
        pytest.skip("whoever is not the administrator of the stand-in may only read")
    effect = NotifyUser(OdooSite(reader, desk.site.account.url, desk.site.account.database))
    await done(effect, desk.wanted(desk.action))
    assert len(await desk.inbox()) == 1


async def test_an_unknown_login_is_named_and_nobody_is_notified(desk: Desk) -> None:
    nobody = f"nobody-{desk.tag}"
    bad = desk.wanted(desk.action | {"users": [desk.login, nobody]}, 1)
    refusal, produced = await act(desk.effect, bad, desk.wanted(desk.action, 2))
    assert isinstance(refusal, PermanentError)
    assert (refusal.code, nobody in refusal.text) == ("user-unknown", True)
    assert isinstance(produced, Produced)
    assert len(await desk.messages()) == 1
    with pytest.raises(PermanentError, match=nobody):
        await desk.effect.plan(job(bad))


async def test_planning_notifies_nobody(desk: Desk) -> None:
    plan = await desk.effect.plan(job(desk.wanted(desk.action)))
    assert plan.text == f"would notify {desk.login}: New mail from Anna: Offer {desk.tag}"
    assert await desk.messages() == []


async def test_hostile_mail_is_text(desk: Desk) -> None:
    subject = f"{desk.tag} <b onclick=x>\r\n\x01\0" + "y" * 100_000
    await done(desk.effect, desk.wanted(desk.action, subject=subject, sender=Address(name="</p><h1>", address="a@x")))
    (line,) = await desk.inbox()
    assert line["message"]["body"].startswith(f"<p>New mail from &lt;/p&gt;&lt;h1&gt;: {desk.tag} &lt;b onclick=x&gt; ")
    assert len(line["message"]["body"]) < 1_000
    assert len(line["message"]["subject"]) <= 200


async def test_two_generations_notify_twice(desk: Desk) -> None:
    given = job(desk.wanted(desk.action))
    await desk.effect.do([given])
    again = job(desk.wanted(desk.action), key=given.row.key._replace(generation=1))
    await desk.effect.do([again])
    assert len(await desk.messages()) == 2


async def test_a_lost_answer_is_found_afterwards(pretend: Site) -> None:
    desk = Desk(pretend)
    assert pretend.standin is not None
    pretend.standin.troubles.fail_next(Trouble.DROP_AFTER, method="load")
    produced = await done(desk.effect, desk.wanted(desk.action))
    assert await desk.messages() == [produced.res_id]
