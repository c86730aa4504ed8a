"""notify_channel on the stand-in, and on a real Odoo when one is given."""

from collections.abc import AsyncIterator

import pytest

from connectors.odoo.client import open_odoo
from connectors.odoo.port import OdooAccount
from connectors.odoo.standin import Trouble
from runtime.errors import PermanentError
from schemas.ids import message_id
from schemas.mail import Address
from schemas.result import Produced
from services.actions.effects.notify_channel import NotifyChannel
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.port import UnansweredError
from tests.contract.odoo.conftest import Site, pretend, pretend_json_2, real
from tests.integration.actions.desks import OdooDesk, site
from tests.integration.actions.doing import act, done, refused
from tests.unit.services.actions.fakes import job

__all__ = ["pretend", "pretend_json_2", "real", "site"]


class Desk(OdooDesk):
    """With a channel of its own."""

    async def open(self) -> None:
        """Create the channel."""
        self.effect = NotifyChannel(self.shared)
        self.name = f"Sales {self.tag}"
        self.channels = [await self.channel(self.name)]
        self.action = {"type": "notify_channel", "channel": self.name}

    async def channel(self, name: str) -> int:
        made: int = await self.site.odoo.call("discuss.channel", "create", [{"name": name, "channel_type": "channel"}])
        return made

    async def messages(self) -> list[dict[str, object]]:
        of_channel = [["model", "=", "discuss.channel"], ["res_id", "=", self.channels[0]]]
        domain = [*of_channel, ["message_type", "=", "comment"]]
        return await self.found("mail.message", domain, "body", "message_id", "author_id", "subtype_id")


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    found = Desk(site)
    await found.open()
    yield found
    await found.remove("discuss.channel", found.channels)


async def test_a_message_is_written_once_by_the_api_user(desk: Desk) -> None:
    given = desk.wanted(desk.action | {"text": "New: {subject}\nfrom {sender_address} {{"})
    first = await done(desk.effect, given)
    again = await done(desk.effect, given)
    found = await desk.effect.find(job(given, attempt=2))
    assert found is not None
    assert first.res_id == again.res_id == found.res_id
    (message,) = await desk.messages()
    (user,) = await desk.found("res.users", [["login", "=", desk.site.account.login]], "partner_id")
    body = str(message["body"]).replace("<br/>", "<br>")
    assert body == f"<p>New: Offer {desk.tag}<br>from anna@example.org {{</p>"
    assert message["author_id"] == user["partner_id"]
    assert message["message_id"] == message_id("notify_channel", str(job(given).row.key))
    assert (first.model, first.details) == ("mail.message", {"channel": desk.name})


async def test_nothing_is_found_before_it_is_written_and_planning_writes_nothing(desk: Desk) -> None:
    given = desk.wanted(desk.action)
    assert await desk.effect.find(job(given)) is None
    plan = await desk.effect.plan(job(given))
    assert plan.text == f"would write into channel {desk.name}: New mail from Anna: Offer {desk.tag}"
    assert await desk.messages() == []


async def test_a_channel_is_found_by_name_hash_id_and_external_id(desk: Desk) -> None:
    named = [desk.name, f"#{desk.name}", str(desk.channels[0])]
    for number, name in enumerate(named, 1):
        await done(desk.effect, desk.wanted(desk.action | {"channel": name}, number))
    assert len(await desk.messages()) == len(named)
    plan = await desk.effect.plan(job(desk.wanted(desk.action | {"channel": "mail.channel_all_employees"})))
    assert "channel general:" in plan.text


async def test_a_channel_that_is_missing_or_ambiguous_is_named_and_none_is_made(desk: Desk) -> None:
    error = await refused(desk.effect, desk.wanted(desk.action | {"channel": f"No such {desk.tag}"}))
    assert isinstance(error, PermanentError)
    assert (error.code, f"'No such {desk.tag}'" in error.text) == ("channel-missing", True)
    desk.channels.append(await desk.channel(desk.name))
    by_id = desk.action | {"channel": str(desk.channels[0])}
    ambiguous, written = await act(desk.effect, desk.wanted(desk.action), desk.wanted(by_id))
    assert isinstance(ambiguous, PermanentError)
    assert ambiguous.code == "channel-ambiguous"
    assert all(str(each) in ambiguous.text for each in desk.channels)
    assert isinstance(written, Produced)
    assert await desk.found("discuss.channel", [["name", "like", f"No such {desk.tag}"]]) == []


async def test_hostile_mail_is_text(desk: Desk) -> None:
    hostile = "<script>alert(1)</script>\r\n\x01\x1b[31m{subject}" + "x" * 1_000_000
    sender = Address(name="<img src=x onerror=y>", address="a@x.example")
    await done(desk.effect, desk.wanted(desk.action, subject=hostile[:20_000], sender=sender))
    (message,) = await desk.messages()
    body = str(message["body"])
    assert body.startswith("<p>New mail from &lt;img src=x onerror=y&gt;: &lt;script&gt;alert(1)&lt;/script&gt; ")
    assert "{subject}" in body
    assert len(body) < 1_000
    assert not set("\x01\x1b\r\n") & set(body)


async def test_an_answer_that_was_lost_is_looked_for_later(pretend: Site) -> None:
    desk = Desk(pretend)
    await desk.open()
    assert pretend.standin is not None
    pretend.standin.troubles.fail_next(Trouble.DROP_AFTER, method="message_post")
    given = desk.wanted(desk.action)
    assert isinstance(await refused(desk.effect, given), UnansweredError)
    found = await desk.effect.find(job(given, attempt=2))
    assert found is not None
    assert [message["id"] for message in await desk.messages()] == [found.res_id]


async def test_once_odoo_is_down_the_rest_is_not_tried(pretend: Site) -> None:
    desk = Desk(pretend)
    await desk.open()
    assert pretend.standin is not None
    pretend.standin.troubles.fail_next(Trouble.HTTP_503, method="message_post", times=9)
    answers = await act(desk.effect, *(desk.wanted(desk.action, number) for number in (1, 2, 3)))
    assert {getattr(answer, "code", "") for answer in answers} == {"odoo-down"}
    assert pretend.standin.calls.count("message_post") == 1


async def test_a_user_who_may_not_write_there_fails_with_odoos_words(pretend: Site) -> None:
    desk = Desk(pretend)
    await desk.open()
    odoo = open_odoo(OdooAccount(pretend.account.url, "maildesk", "reader", "reader"))
    error = await refused(NotifyChannel(OdooSite(odoo, "http://x", "maildesk")), desk.wanted(desk.action))
    assert (error.code, "not allowed" in error.text) == ("odoo-access", True)
    await odoo.close()
