"""crm_lead on the stand-in, and on a real Odoo when ODOO_URL, ODOO_DB, ODOO_LOGIN, ODOO_PASSWORD are set."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from connectors.odoo.standin import Trouble
from runtime.errors import MaildeskError, OutcomeUnknownError, TargetDownError
from schemas.command import ActionCommand
from schemas.mail import Origin
from schemas.result import Produced
from services.actions.effects.crm_lead import CrmLead
from services.actions.effects.odoo_site import OdooSite
from services.actions.model import Job
from tests.contract.odoo.conftest import Site, pretend, pretend_json_2, real, site
from tests.integration.actions.doing import act, done
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import LEAD, command, mail

__all__ = ["pretend", "pretend_json_2", "real", "site"]


class Desk:
    """Mails of one test, apart from those of all others in the same Odoo."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.tag = uuid.uuid4().hex[:8]
        self.effect = CrmLead(OdooSite(site.odoo, site.account.url, site.account.database))

    def mail(self, number: int = 1, *references: int, rule: str = "r1", **facts: Any) -> ActionCommand:
        """A command for the n-th mail, which answers these."""
        event = mail(
            number,
            event_id=uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.tag}/{number}/{facts.get('mailbox', '')}"),
            message_id=self.ident(number),
            references=tuple(map(self.ident, references)),
            subject=f"Offer {self.tag}",
            **facts,
        )
        return command(event, LEAD, rule=rule)

    def ident(self, number: int) -> str:
        return f"<{number}.{self.tag}@example.org>"

    async def leads(self) -> list[dict[str, Any]]:
        fields = ["name", "type", "email_from", "contact_name", "description"]
        domain = [["name", "like", self.tag], ["active", "in", [True, False]]]
        return await self.site.odoo.search_read("crm.lead", domain, fields, limit=50, order="id")

    async def notes(self, lead: int) -> list[dict[str, Any]]:
        domain = [["model", "=", "crm.lead"], ["res_id", "=", lead], ["subject", "like", self.tag]]
        return await self.site.odoo.search_read("mail.message", domain, ["email_from", "body"], limit=50)


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    found = Desk(site)
    yield found
    if leads := await found.leads():
        await site.odoo.call("crm.lead", "unlink", [[lead["id"] for lead in leads]])


ORIGIN = Origin(kind="odoo", folder="INBOX", uidvalidity="desk", uid="12")


async def test_mail_that_lies_in_odoo_is_copied_nowhere(desk: Desk) -> None:
    """On a lead it stays alone; of one on another record a lead is made, which holds its text and no message."""
    (lead,) = [await done(desk.effect, desk.mail(1, origin=ORIGIN))]
    assert (lead.details.get("message"), await desk.notes(lead.res_id or 0)) == (None, [])
    values = {"message_id": desk.ident(2), "model": "crm.lead", "res_id": lead.res_id, "message_type": "email"}
    await desk.site.odoo.call("mail.message", "create", [{**values, "subject": desk.tag, "email_from": "a@x.example"}])
    again = await done(desk.effect, desk.mail(2, origin=ORIGIN))
    assert (again.res_id, again.text) == (lead.res_id, f"has the mail already: lead {lead.res_id}")
    assert len(await desk.notes(lead.res_id or 0)) == 1
    assert len(await desk.leads()) == 1


def after(given: ActionCommand, existing: Produced) -> Job:
    """A job whose conversation has this."""
    return replace(job(given), existing=existing)


def reusing(given: ActionCommand, reuse: str) -> ActionCommand:
    """The command with this choice."""
    action = given.step.action.model_copy(update={"reuse": reuse})
    return given.model_copy(update={"step": given.step.model_copy(update={"action": action})})


async def one(effect: CrmLead, given: Job) -> Produced | MaildeskError:
    (answer,) = await effect.do([given])
    return answer


async def test_a_lead_holds_what_the_mail_says(desk: Desk) -> None:
    produced = await done(desk.effect, desk.mail(excerpt="<b>Hello</b> & bye\n\0second line"))
    (lead,) = await desk.leads()
    assert (produced.kind, produced.model, produced.res_id) == ("record", "crm.lead", lead["id"])
    assert f"id={lead['id']}" in produced.url
    assert (lead["email_from"], lead["contact_name"], lead["type"]) == ("anna@example.org", "Anna", "lead")
    assert "&lt;b&gt;Hello&lt;/b&gt; &amp; bye" in lead["description"]
    assert "second line" in lead["description"]


async def test_a_title_with_variables(desk: Desk) -> None:
    given = desk.mail()
    action = given.step.action.model_copy(update={"name": "{sender_name}: {subject} ({mailbox})"})
    given = given.model_copy(update={"step": given.step.model_copy(update={"action": action})})
    await done(desk.effect, given)
    assert [lead["name"] for lead in await desk.leads()] == [f"Anna: Offer {desk.tag} (support)"]


async def test_a_repeat_gives_the_same_lead_and_keeps_what_a_user_edited(desk: Desk) -> None:
    given = desk.mail()
    first = await done(desk.effect, given)
    await desk.site.odoo.call("crm.lead", "write", [[first.res_id], {"contact_name": "Edited"}])
    again = await done(desk.effect, given)
    found = await desk.effect.find(job(given, attempt=2))
    assert found is not None
    assert first.res_id == again.res_id == found.res_id
    assert [lead["contact_name"] for lead in await desk.leads()] == ["Edited"]


async def test_the_next_mail_of_a_conversation_is_a_note_on_its_lead(desk: Desk) -> None:
    first = await done(desk.effect, desk.mail())
    second = desk.mail(2, 1)
    for _ in range(2):
        noted = await one(desk.effect, after(second, first))
        assert isinstance(noted, Produced)
        assert (noted.res_id, noted.details["reused"]) == (first.res_id, True)
    assert len(await desk.leads()) == 1
    _, note = sorted(await desk.notes(first.res_id), key=lambda row: int(row["id"]))
    assert note["email_from"] == "Anna <anna@example.org>"
    found = await desk.effect.find(after(second, first))
    assert found is not None
    assert found.res_id == first.res_id


async def test_a_lead_that_odoos_own_gateway_made_is_used(desk: Desk) -> None:
    odoo = desk.site.odoo
    made = await done(desk.effect, desk.mail(1))
    values = {"message_id": desk.ident(1), "model": "crm.lead", "res_id": made.res_id, "message_type": "email"}
    await odoo.call("mail.message", "create", [values])
    for given in (desk.mail(2, 1), desk.mail(1, rule="r2")):
        noted = await done(desk.effect, given)
        assert (noted.res_id, noted.details["reused"]) == (made.res_id, True)


async def test_a_deleted_lead_is_not_noted_on_and_a_new_mail_makes_a_new_one(desk: Desk) -> None:
    first = await done(desk.effect, desk.mail())
    await desk.site.odoo.call("crm.lead", "unlink", [[first.res_id]])
    fresh = await one(desk.effect, after(desk.mail(2, 1), first))
    assert isinstance(fresh, Produced)
    assert (fresh.res_id != first.res_id, fresh.details["reused"]) == (True, False)
    assert [lead["id"] for lead in await desk.leads()] == [fresh.res_id]


async def test_which_lead_is_used_again_is_the_actions_choice(desk: Desk) -> None:
    odoo = desk.site.odoo
    (won, *_) = await odoo.search_read("crm.stage", [["is_won", "=", True]], ["name"], limit=1)
    first = await done(desk.effect, desk.mail())
    for number, change in ((2, {"active": False}), (4, {"active": True, "stage_id": won["id"]})):
        await odoo.call("crm.lead", "write", [[first.res_id], change])
        noted = await one(desk.effect, after(reusing(desk.mail(number, 1), "any"), first))
        fresh = await one(desk.effect, after(reusing(desk.mail(number + 1, 1), "open"), first))
        assert isinstance(noted, Produced)
        assert isinstance(fresh, Produced)
        assert (noted.res_id, fresh.details["reused"]) == (first.res_id, False)
    await odoo.call("crm.lead", "write", [[first.res_id], {"stage_id": False}])
    noted = await one(desk.effect, after(reusing(desk.mail(6, 1), "open"), first))
    another = await one(desk.effect, after(reusing(desk.mail(7, 1), "never"), first))
    assert isinstance(noted, Produced)
    assert isinstance(another, Produced)
    assert (noted.res_id, another.details["reused"]) == (first.res_id, False)
    assert len(await desk.leads()) == 4


async def test_a_note_is_found_again_although_its_lead_was_closed_meanwhile(desk: Desk) -> None:
    made = await done(desk.effect, desk.mail(1))
    values = {"message_id": desk.ident(1), "model": "crm.lead", "res_id": made.res_id, "message_type": "email"}
    await desk.site.odoo.call("mail.message", "create", [values])
    given = desk.mail(2, 1)
    await done(desk.effect, given)
    await desk.site.odoo.call("crm.lead", "write", [[made.res_id], {"active": False}])
    found = await desk.effect.find(job(given, attempt=2))
    assert found is not None
    assert (found.res_id, found.details["reused"]) == (made.res_id, True)


async def test_one_bad_row_fails_alone(desk: Desk) -> None:
    bad = desk.mail(2)
    action = bad.step.action.model_copy(update={"team_id": 999_999})
    bad = bad.model_copy(update={"step": bad.step.model_copy(update={"action": action})})
    good, refusal, other = await act(desk.effect, desk.mail(1), bad, desk.mail(3))
    assert isinstance(good, Produced)
    assert isinstance(other, Produced)
    assert isinstance(refusal, MaildeskError)
    assert refusal.code == "odoo-refused"
    assert len(await desk.leads()) == 2


async def test_planning_touches_nothing(desk: Desk) -> None:
    plan = await desk.effect.plan(job(desk.mail()))
    assert plan.text == f"would create a lead: Offer {desk.tag}"
    assert await desk.leads() == []
    first = await done(desk.effect, desk.mail())
    plan = await desk.effect.plan(after(desk.mail(2, 1), first))
    assert plan.text.startswith("would note the mail")


async def test_two_generations_are_two_leads(desk: Desk) -> None:
    given = job(desk.mail())
    again = replace(given, row=replace(given.row, key=given.row.key._replace(generation=1)))
    answers = [await one(desk.effect, each) for each in (given, again, again)]
    assert len({answer.res_id for answer in answers if isinstance(answer, Produced)}) == 2


async def test_a_probe_says_whether_odoo_answers(desk: Desk) -> None:
    await desk.effect.probe()


async def test_a_probe_needs_the_login(pretend: Site) -> None:
    assert pretend.standin is not None
    pretend.standin.troubles.fail_next(Trouble.HTTP_503, times=9)
    with pytest.raises(TargetDownError):
        await CrmLead(OdooSite(pretend.odoo, "http://x", "maildesk")).probe()


async def test_a_lost_answer_is_found_afterwards(pretend: Site) -> None:
    desk = Desk(pretend)
    assert pretend.standin is not None
    pretend.standin.troubles.fail_next(Trouble.DROP_AFTER, method="load")
    produced = await done(desk.effect, desk.mail())
    assert [lead["id"] for lead in await desk.leads()] == [produced.res_id]


async def test_a_failing_note_does_not_take_the_created_leads_along(pretend: Site) -> None:
    desk = Desk(pretend)
    assert pretend.standin is not None
    first = await done(desk.effect, desk.mail())

    def fail_notes() -> None:
        assert pretend.standin is not None
        pretend.standin.troubles.fail_next(Trouble.HTTP_503, method="load", times=50)

    pretend.standin.troubles.fail_next(Trouble.LOAD_RACE, method="load", before=None)
    jobs = [job(desk.mail(3)), after(desk.mail(2, 1), first)]
    created, noted = await desk.effect.do(jobs)
    assert isinstance(created, Produced)
    assert isinstance(noted, Produced)
    fail_notes()
    down, also = await desk.effect.do([job(desk.mail(4)), after(desk.mail(5, 1), first)])
    assert isinstance(down, TargetDownError | OutcomeUnknownError)
    assert isinstance(also, TargetDownError | OutcomeUnknownError)


async def test_an_odoo_that_is_away_says_so(pretend: Site) -> None:
    desk = Desk(pretend)
    assert pretend.standin is not None
    pretend.standin.troubles.fail_next(Trouble.HTTP_503, times=99)
    with pytest.raises(TargetDownError):
        await desk.effect.do([job(desk.mail())])


def test_records_are_shared_across_mailboxes_and_fit_an_index(pretend: Site) -> None:
    desk = Desk(pretend)
    subjects = desk.effect.record_subjects
    one, other = desk.mail(1, mailbox="a", conversation=1), desk.mail(1, mailbox="b", conversation=2)
    assert len(set(subjects(one)) & set(subjects(other))) == 1
    reply = desk.mail(2, 1, conversation=3)
    assert subjects(reply)[1] == subjects(one)[1]
    long = command(mail(references=("<" + "x" * 50_000 + "\0>",)), LEAD)
    assert all(len(subject) < 200 and "\0" not in subject for subject in subjects(long))
