"""helpdesk_ticket on a stand-in with each of the two helpdesks, and apps that are not installed on every Odoo."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestServer

from connectors.odoo.port import OdooAccount
from connectors.odoo.standin import StandIn, Trouble, create_app
from connectors.odoo.standin.apps import App
from runtime.clock import FakeClock
from runtime.errors import MaildeskError, PermanentError
from schemas.result import Produced
from services.actions.effects.crm_lead import CrmLead
from services.actions.effects.helpdesk_ticket import HelpdeskTicket
from services.actions.effects.odoo_site import ASK_AGAIN_SECONDS, OdooSite
from services.actions.effects.port import DeclinedError
from services.actions.states import State
from tests.contract.odoo.conftest import Site, connect, pretend, pretend_json_2, real
from tests.integration.actions.desks import OdooDesk, after, site
from tests.integration.actions.doing import act, done, refused
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.rig import Rig

__all__ = ["pretend", "pretend_json_2", "real", "site"]
TICKET: dict[str, Any] = {"type": "helpdesk_ticket"}


@asynccontextmanager
async def odoo_with(*apps: App) -> AsyncIterator[Site]:
    """A stand-in with these apps."""
    standin = StandIn(apps=apps)
    async with TestServer(create_app(standin)) as server:
        account = OdooAccount(str(server.make_url("")), "maildesk", "admin", "admin")
        odoo = connect(account)
        yield Site(account, odoo, "test", standin)
        await odoo.close()


class Desk(OdooDesk):
    """Makes tickets; `closed` is the stage that closes."""

    closed = 3

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.effect = HelpdeskTicket(self.shared)

    async def tickets(self) -> list[dict[str, Any]]:
        facts = ["name", "description", "partner_email", "partner_name", "team_id", "user_id", "stage_id"]
        return await self.found("helpdesk.ticket", [["name", "like", self.tag]], *facts)

    async def close(self, ticket: int) -> None:
        await self.site.odoo.call("helpdesk.ticket", "write", [[ticket], {"stage_id": self.closed}])


@pytest.fixture(params=["helpdesk", "helpdesk_mgmt"])
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    async with odoo_with("crm", request.param) as made:
        yield Desk(made)


async def test_a_ticket_holds_what_the_mail_says_once(desk: Desk) -> None:
    given = desk.wanted(
        TICKET | {"name": "{sender_name}: {subject}", "team_id": 1, "user_id": 2}, excerpt="<i>Help</i>"
    )
    first, again = await done(desk.effect, given), await done(desk.effect, given)
    found = await desk.effect.find(job(given, attempt=2))
    assert found is not None
    assert first.res_id == again.res_id == found.res_id
    (ticket,) = await desk.tickets()
    assert (first.model, first.res_id) == ("helpdesk.ticket", ticket["id"])
    assert ticket["name"] == f"Anna: Offer {desk.tag}"
    assert ticket["description"] == "<p>&lt;i&gt;Help&lt;/i&gt;</p>"
    assert (ticket["partner_email"], ticket["partner_name"]) == ("anna@example.org", "Anna")
    assert (ticket["team_id"][0], ticket["user_id"][0]) == (1, 2)


async def test_what_the_action_leaves_open_gets_odoos_default(desk: Desk) -> None:
    with_user = desk.wanted(TICKET | {"user_id": 2}, 1, excerpt="")
    bare = desk.wanted(TICKET, 2, excerpt="", sender=None)
    answers = await act(desk.effect, with_user, bare)
    assert all(isinstance(answer, Produced) for answer in answers)
    assigned, left = await desk.tickets()
    default = 1 if desk.site.standin and "helpdesk.team" in desk.site.standin.store.models else False
    assert [(ticket["team_id"] or [False])[0] for ticket in (assigned, left)] == [default, default]
    assert (assigned["user_id"][0], left["user_id"]) == (2, False)
    assert left["description"] == f"<p>Offer {desk.tag}</p>"


async def test_an_open_ticket_takes_a_note_and_a_closed_one_does_not(desk: Desk) -> None:
    first = await done(desk.effect, desk.wanted(TICKET))
    reply = desk.wanted(TICKET, 2, 1)
    (noted,) = await desk.effect.do([after(reply, first)])
    assert isinstance(noted, Produced)
    assert (noted.res_id, noted.details["reused"]) == (first.res_id, True)
    await desk.close(first.res_id)
    # the note is found although its ticket is closed now
    found = await desk.effect.find(after(reply, first))
    assert found is not None
    assert found.res_id == first.res_id
    (fresh,) = await desk.effect.do([after(desk.wanted(TICKET, 3, 1), first)])
    assert isinstance(fresh, Produced)
    assert fresh.details["reused"] is False
    (again,) = await desk.effect.do([after(desk.wanted(TICKET | {"reuse": "any"}, 4, 1), first)])
    assert isinstance(again, Produced)
    assert again.res_id == first.res_id
    assert len(await desk.tickets()) == 2


async def test_a_refused_ticket_fails_with_odoos_words(desk: Desk) -> None:
    error = await refused(desk.effect, desk.wanted(TICKET | {"team_id": 999_999}))
    assert isinstance(error, PermanentError)
    assert (error.code, "999999" in error.text) == ("odoo-refused", True)


async def test_a_lost_answer_is_found_afterwards(desk: Desk) -> None:
    assert desk.site.standin is not None
    desk.site.standin.troubles.fail_next(Trouble.DROP_AFTER, method="load")
    produced = await done(desk.effect, desk.wanted(TICKET))
    assert [ticket["id"] for ticket in await desk.tickets()] == [produced.res_id]


async def test_two_workers_on_two_mails_of_one_conversation_make_one_ticket(desk: Desk) -> None:
    effect = cast("Any", HelpdeskTicket(desk.shared))
    one = Rig(effect)
    two = Rig(effect, beside=one)
    mails = [desk.wanted(TICKET, number, 9) for number in range(1, 7)]
    await asyncio.gather(*((one, two)[number % 2].handle(each) for number, each in enumerate(mails)))
    for _ in range(len(mails)):
        await asyncio.gather(one.sweep(5.0), two.sweep())
    assert set(one.states(mails)) == {State.SUCCEEDED}
    results = [one.last(each).produced for each in mails]
    (ticket,) = await desk.tickets()
    assert {produced.res_id for produced in results} == {ticket["id"]}
    assert sorted(produced.details["reused"] for produced in results) == [False] + [True] * 5
    shown = [["model", "=", "helpdesk.ticket"], ["res_id", "=", ticket["id"]]]
    assert len(await desk.found("mail.message", shown)) == len(mails)


async def test_planning_touches_nothing(desk: Desk) -> None:
    plan = await desk.effect.plan(job(desk.wanted(TICKET)))
    assert plan.text == f"would create a ticket: Offer {desk.tag}"
    assert await desk.tickets() == []


async def test_an_odoo_without_helpdesk_skips_tickets_and_makes_leads(site: Site) -> None:
    desk = OdooDesk(site)
    with pytest.raises(DeclinedError, match="Helpdesk is not installed"):
        await HelpdeskTicket(desk.shared).do([job(desk.wanted(TICKET))])
    with pytest.raises(DeclinedError, match="Helpdesk is not installed"):
        await HelpdeskTicket(desk.shared).plan(job(desk.wanted(TICKET)))
    lead = await done(CrmLead(desk.shared), desk.wanted({"type": "crm_lead"}))
    await desk.remove("crm.lead", [lead.res_id])


async def test_an_odoo_without_crm_is_asked_once_and_again_after_a_while() -> None:
    async with odoo_with("helpdesk") as site:
        desk, clock = OdooDesk(site), FakeClock()
        leads = CrmLead(OdooSite(site.odoo, "http://x", "maildesk", clock))
        assert site.standin is not None

        async def answer() -> MaildeskError:
            with pytest.raises(DeclinedError) as caught:
                await leads.do([job(desk.wanted({"type": "crm_lead"}))])
            return caught.value

        calls = site.standin.calls
        for _ in range(3):
            error = await answer()
        assert (error.code, error.text, calls.count("fields_get")) == ("not-installed", "CRM is not installed", 1)
        clock.advance(ASK_AGAIN_SECONDS + 1)
        await answer()
        assert calls.count("fields_get") == 2
        assert (await done(HelpdeskTicket(desk.shared), desk.wanted(TICKET))).model == "helpdesk.ticket"
