"""activity on the stand-in, and on a real Odoo when one is given."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from connectors.odoo.standin import Trouble
from runtime.errors import PermanentError
from schemas.mail import Address
from schemas.result import Produced
from services.actions.effects.activity import Activity
from services.actions.effects.port import DeclinedError
from services.actions.effects.record_claims import record_subjects
from tests.contract.odoo.conftest import Site, pretend, pretend_json_2, reader, real
from tests.integration.actions.desks import OdooDesk, site
from tests.integration.actions.doing import act, done, refused
from tests.unit.services.actions.fakes import job

__all__ = ["pretend", "pretend_json_2", "reader", "real", "site"]


class Desk(OdooDesk):
    """With a contact who writes, and what our own actions made."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.ours: dict[str, Produced] = {}
        self.effect = Activity(self.shared, self.records)
        self.action = {"type": "activity", "due_in_days": 3}
        self.sender = Address(name="Anna", address=f"anna.{self.tag}@example.org")

    async def records(self, subjects: Sequence[str]) -> dict[str, Produced]:
        return {subject: self.ours[subject] for subject in subjects if subject in self.ours}

    async def contact(self) -> int:
        return await self.site.record("res.partner", "anna", name="Anna", email=self.sender.address)

    async def activities(self) -> list[dict[str, Any]]:
        facts = ["res_model", "res_id", "summary", "note", "date_deadline", "user_id", "activity_type_id"]
        return await self.found("mail.activity", [["summary", "like", self.tag]], *facts)


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    found = Desk(site)
    yield found
    await found.remove("mail.activity", [row["id"] for row in await found.activities()])


async def test_an_activity_on_the_senders_contact_is_made_once(desk: Desk) -> None:
    partner = await desk.contact()
    given = desk.wanted(desk.action | {"summary": "Call {sender_name}: {subject}", "note": "<b>{subject}</b>"})
    given = given.model_copy(update={"event": given.event.model_copy(update={"sender": desk.sender})})
    first, again = await done(desk.effect, given), await done(desk.effect, given)
    found = await desk.effect.find(job(given, attempt=2))
    assert found is not None
    assert first.res_id == again.res_id == found.res_id
    (activity,) = await desk.activities()
    assert (activity["res_model"], activity["res_id"]) == ("res.partner", partner)
    assert activity["summary"] == f"Call Anna: Offer {desk.tag}"
    assert activity["note"] == f"<p>&lt;b&gt;Offer {desk.tag}&lt;/b&gt;</p>"
    assert activity["date_deadline"] == "2026-03-04"
    (user,) = await desk.found("res.users", [["login", "=", desk.site.account.login]], "partner_id")
    assert activity["user_id"][0] == user["id"]
    assert first.details == found.details == {"on": {"model": "res.partner", "res_id": partner}}


async def test_the_conversations_lead_comes_before_the_contact_and_gives_the_user(desk: Desk, reader: object) -> None:
    del reader
    await desk.contact()
    (user,) = await desk.found("res.users", [["login", "=", "reader"]], "partner_id")
    lead = await desk.site.lead("lead", user_id__id=user["id"])
    given = desk.wanted(desk.action, sender=desk.sender)
    subject = record_subjects(desk.site.account.database, "crm.lead", given.event)[0]
    desk.ours[subject] = Produced(kind="record", model="crm.lead", res_id=lead)
    produced = await done(desk.effect, given)
    assert produced.details["on"] == {"model": "crm.lead", "res_id": lead}
    (activity,) = await desk.activities()
    assert activity["user_id"][0] == user["id"]
    # once the lead is deleted, the contact is what is left
    await desk.remove("crm.lead", [lead])
    produced = await done(desk.effect, desk.wanted(desk.action, 2, sender=desk.sender))
    assert produced.details["on"]["model"] == "res.partner"


async def test_a_record_that_a_referenced_message_is_on_comes_first(desk: Desk) -> None:
    await desk.contact()
    lead = await desk.site.lead("filed")
    values = {"model": "crm.lead", "res_id": lead, "message_type": "email"}
    for number in (1, 5):
        await desk.site.odoo.call("mail.message", "create", [values | {"message_id": desk.ident(number)}])
    reply = await done(desk.effect, desk.wanted(desk.action, 2, 1, sender=desk.sender))
    itself = await done(desk.effect, desk.wanted(desk.action, 5, sender=desk.sender))
    assert reply.details["on"] == itself.details["on"] == {"model": "crm.lead", "res_id": lead}


async def test_without_a_record_it_is_skipped_and_says_so(desk: Desk) -> None:
    given = desk.wanted(desk.action, sender=desk.sender)
    error = await refused(desk.effect, given)
    assert isinstance(error, DeclinedError)
    assert (error.code, "no contact" in error.text) == ("no-record", True)
    with pytest.raises(DeclinedError):
        await desk.effect.plan(job(given))


async def test_types_and_users_are_named_when_they_are_missing(desk: Desk) -> None:
    await desk.contact()
    nothing, nobody = f"No type {desk.tag}", f"nobody-{desk.tag}"
    wanted = [{"activity_type": nothing}, {"user": nobody}, {"activity_type": "mail.mail_activity_data_call"}]
    commands = [desk.wanted(desk.action | more, n, sender=desk.sender) for n, more in enumerate(wanted, 1)]
    no_type, no_user, made = await act(desk.effect, *commands)
    assert isinstance(no_type, PermanentError)
    assert isinstance(no_user, PermanentError)
    assert (no_type.code, nothing in no_type.text) == ("activity-type-missing", True)
    assert (no_user.code, nobody in no_user.text) == ("user-unknown", True)
    assert isinstance(made, Produced)
    (activity,) = await desk.activities()
    (call,) = await desk.found("mail.activity.type", [["id", "=", activity["activity_type_id"][0]]], "name")
    found = await desk.site.odoo.resolve_external_ids(["mail.mail_activity_data_call"])
    assert found["mail.mail_activity_data_call"] == ("mail.activity.type", call["id"])


async def test_planning_schedules_nothing(desk: Desk) -> None:
    partner = await desk.contact()
    plan = await desk.effect.plan(job(desk.wanted(desk.action, sender=desk.sender)))
    assert plan.text == f"would schedule 'Offer {desk.tag}' on res.partner {partner}, due 2026-03-04"
    assert await desk.activities() == []


async def test_hostile_mail_is_text(desk: Desk) -> None:
    await desk.contact()
    subject = f"{desk.tag} <script>\r\n\x01" + "z" * 50_000
    await done(desk.effect, desk.wanted(desk.action | {"note": "{subject}"}, subject=subject, sender=desk.sender))
    (activity,) = await desk.activities()
    assert activity["note"].startswith(f"<p>{desk.tag} &lt;script&gt; zzz")
    assert len(activity["summary"]) == 200
    assert len(activity["note"]) < 1_000


async def test_a_lost_answer_is_found_afterwards(pretend: Site) -> None:
    desk = Desk(pretend)
    await desk.contact()
    assert pretend.standin is not None
    pretend.standin.troubles.fail_next(Trouble.DROP_AFTER, method="load")
    produced = await done(desk.effect, desk.wanted(desk.action, sender=desk.sender))
    assert [row["id"] for row in await desk.activities()] == [produced.res_id]
