"""Undoing leads, tickets and activities on the stand-in, and on a real Odoo when one is given."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from email.message import EmailMessage

import pytest

from connectors.mailbox.fake import FakeMailbox
from schemas.command import ActionCommand
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.activity import Activity
from services.actions.effects.crm_lead import CrmLead
from services.actions.effects.port import DeclinedError, Undoable
from services.actions.effects.undo_on_mailbox import AS_BEFORE, NOTHING
from services.actions.states import State
from services.actions.undone import Acted
from tests.contract.mailbox.rigs import fetched
from tests.contract.odoo.conftest import Site, pretend, pretend_json_2, real
from tests.integration.actions.desks import OdooDesk, after, site
from tests.integration.actions.doing import done, event_of, wanted
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import known, mailbox

__all__ = ["pretend", "pretend_json_2", "real", "site"]
ANY = ["active", "in", [True, False]]


class Desk(OdooDesk):
    """Leads and activities of one test."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.leads = CrmLead(self.shared)
        self.others: list[int] = []

    async def records(self, subjects: Sequence[str]) -> dict[str, Produced]:
        return dict.fromkeys(subjects, Produced(kind="record", model="crm.lead", res_id=self.others[-1]))

    async def lead(self, number: int = 1) -> tuple[ActionCommand, Produced]:
        """One that the effect has made."""
        given = self.wanted({"type": "crm_lead"}, number)
        return given, await done(self.leads, given)

    async def activity(self, lead: int) -> tuple[Activity, ActionCommand, Produced]:
        """One that the effect has made on a lead."""
        self.others.append(lead)
        effect = Activity(self.shared, self.records)
        given = self.wanted({"type": "activity"}, 2)
        return effect, given, await done(effect, given)

    async def undo(
        self, effect: Undoable, given: ActionCommand, made: Produced, attempt: int = 1, *, dry_run: bool = False
    ) -> Produced:
        """As the worker does."""
        found = job(given, attempt=attempt)
        acted = Acted(given.command_id, found.row.key, State.SUCCEEDED, 1, given, made, undone=False)
        return await effect.undo(found, acted, dry_run=dry_run)

    async def kept(self, effect: Undoable, given: ActionCommand, made: Produced) -> tuple[str, str]:
        """It must be left as it is, also by a dry run; why."""
        with pytest.raises(DeclinedError) as dry:
            await self.undo(effect, given, made, dry_run=True)
        with pytest.raises(DeclinedError) as refused:
            await self.undo(effect, given, made)
        assert (dry.value.code, dry.value.text) == (refused.value.code, refused.value.text)
        return refused.value.code, refused.value.text

    async def active(self, model: str, record: int) -> list[bool]:
        return [row["active"] for row in await self.found(model, [["id", "=", record], ANY], "active")]

    async def clean(self) -> None:
        leads = [row["id"] for row in await self.found("crm.lead", [["name", "like", self.tag], ANY])]
        await self.remove("crm.lead", leads)


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    found = Desk(site)
    yield found
    await found.clean()


async def test_an_untouched_lead_is_archived_and_made_again_as_the_next_generation(desk: Desk) -> None:
    given, made = await desk.lead()
    assert (await desk.undo(desk.leads, given, made, dry_run=True)).text == f"would archive: lead {made.res_id}"
    assert await desk.active("crm.lead", made.res_id) == [True]
    back = await desk.undo(desk.leads, given, made)
    assert (back.text, back.model, back.res_id) == (f"archived: lead {made.res_id}", "crm.lead", made.res_id)
    assert await desk.active("crm.lead", made.res_id) == [False]
    again = job(given, key=job(given).row.key._replace(generation=1))
    (second,) = await desk.leads.do([again])
    assert isinstance(second, Produced), second
    assert (second.res_id != made.res_id, second.details["reused"]) == (True, False)
    assert await desk.active("crm.lead", second.res_id) == [True]


async def test_a_repeat_after_a_crash_finds_it_archived_and_a_first_look_does_not_take_it_for_its_own(
    desk: Desk,
) -> None:
    given, made = await desk.lead()
    await desk.undo(desk.leads, given, made)
    assert (await desk.undo(desk.leads, given, made, attempt=2)).text == f"archived: lead {made.res_id}"
    code, text = await desk.kept(desk.leads, given, made)
    assert (code, "archived it on" in text) == ("touched", True)


async def test_notes_of_later_mail_of_ours_are_no_touch_and_stay(desk: Desk) -> None:
    given, made = await desk.lead()
    answer = desk.wanted({"type": "crm_lead"}, 2, 1)
    (noted,) = await desk.leads.do([after(answer, made)])
    assert isinstance(noted, Produced), noted
    code, text = await desk.kept(desk.leads, answer, noted)
    assert (code, text) == ("not-undoable", f"the note on lead {made.res_id} stays")
    await desk.undo(desk.leads, given, made)
    assert await desk.active("crm.lead", made.res_id) == [False]


async def test_a_forced_run_that_wrote_nothing_has_nothing_to_take_back(desk: Desk) -> None:
    _, made = await desk.lead()
    forced = desk.wanted({"type": "crm_lead"})
    key = job(forced).row.key._replace(generation=1)
    (again,) = await desk.leads.do([replace(job(forced, key=key), existing=made)])
    assert isinstance(again, Produced), again
    assert again.text == f"has the mail already: lead {made.res_id}"
    acted = Acted(forced.command_id, key, State.SUCCEEDED, 1, forced, again, undone=False)
    for dry_run in (True, False):
        back = await desk.leads.undo(job(forced, key=key), acted, dry_run=dry_run)
        assert back == Produced(text=NOTHING), "without the record, whose claim is kept"
    assert await desk.active("crm.lead", made.res_id) == [True]


async def test_a_note_that_somebody_deleted_leaves_nothing_to_take_back(desk: Desk) -> None:
    _, made = await desk.lead()
    answer = desk.wanted({"type": "crm_lead"}, 2, 1)
    (noted,) = await desk.leads.do([after(answer, made)])
    assert isinstance(noted, Produced), noted
    await desk.remove("mail.message", [noted.details["message"]])
    assert await desk.undo(desk.leads, answer, noted) == Produced(text=AS_BEFORE)


async def test_the_mail_itself_and_its_attachment_in_the_chatter_are_no_touch(desk: Desk) -> None:
    box = FakeMailbox("test")
    box.deliver(_with_attachment(desk.ident(1), desk.tag))
    (message,) = await fetched(box)
    given = wanted(event_of(message).model_copy(update={"subject": desk.tag}), type="crm_lead")
    effect = CrmLead(desk.shared, Connections(known(mailbox("test")), lambda _: box))
    made = await done(effect, given)
    assert made.details["message"], made
    assert made.details["attachments"], made
    await desk.undo(effect, given, made)
    assert await desk.active("crm.lead", made.res_id) == [False]


def _with_attachment(ident: str, subject: str) -> bytes:
    letter = EmailMessage()
    letter["Message-ID"], letter["From"], letter["Subject"] = ident, "anna@x.example", subject
    letter.set_content("Please call me.")
    letter.add_attachment(b"1,2", maintype="text", subtype="csv", filename="offer.csv")
    return letter.as_bytes()


async def test_our_own_activity_is_no_touch_and_is_removed(desk: Desk) -> None:
    given, made = await desk.lead()
    effect, scheduling, scheduled = await desk.activity(made.res_id)
    assert "would remove" in (await desk.undo(effect, scheduling, scheduled, dry_run=True)).text
    assert await desk.active("mail.activity", scheduled.res_id) == [True]
    await desk.undo(desk.leads, given, made, dry_run=True)
    await desk.undo(effect, scheduling, scheduled)
    assert await desk.active("mail.activity", scheduled.res_id) == []
    await desk.undo(effect, scheduling, scheduled, attempt=2)
    assert (await desk.kept(effect, scheduling, scheduled))[0] == "record-gone"
    await desk.undo(desk.leads, given, made)
    assert await desk.active("crm.lead", made.res_id) == [False]


async def _changed(desk: Desk, lead: int) -> None:
    await _a_second_later()
    await desk.site.odoo.call("crm.lead", "write", [[lead], {"phone": "1"}])


async def _moved_on(desk: Desk, lead: int) -> None:
    await _a_second_later()
    stages = await desk.found("crm.stage", [["is_won", "=", False]])
    await desk.site.odoo.call("crm.lead", "write", [[lead], {"stage_id": stages[1]["id"]}])


async def _commented(desk: Desk, lead: int) -> None:
    await desk.site.odoo.call("crm.lead", "message_post", [[lead]], {"body": "Called", "message_type": "comment"})


async def _archived(desk: Desk, lead: int) -> None:
    await desk.site.odoo.call("crm.lead", "write", [[lead], {"active": False}])


async def _deleted(desk: Desk, lead: int) -> None:
    await desk.site.odoo.call("crm.lead", "unlink", [[lead]])


TOUCHES: dict[str, tuple[Callable[[Desk, int], Awaitable[None]], str, str]] = {
    "changed": (_changed, "touched", "changed it on"),
    "stage": (_moved_on, "touched", "changed it on"),
    "comment": (_commented, "touched", "a message of"),
    "archived": (_archived, "touched", "archived it on"),
    "deleted": (_deleted, "record-gone", "was deleted"),
}


@pytest.mark.parametrize("touch", TOUCHES)
async def test_a_lead_that_was_touched_is_left_as_it_is_and_the_reason_names_what_was_seen(
    desk: Desk, touch: str
) -> None:
    act, expected, words = TOUCHES[touch]
    given, made = await desk.lead()
    await act(desk, made.res_id)
    before = await desk.active("crm.lead", made.res_id)
    code, text = await desk.kept(desk.leads, given, made)
    assert (code, words in text) == (expected, True), text
    assert await desk.active("crm.lead", made.res_id) == before


async def test_an_activity_that_was_changed_stays(desk: Desk) -> None:
    _, made = await desk.lead()
    effect, scheduling, scheduled = await desk.activity(made.res_id)
    await _a_second_later()
    values = {"date_deadline": date(2030, 1, 1).isoformat()}
    await desk.site.odoo.call("mail.activity", "write", [[scheduled.res_id], values])
    code, text = await desk.kept(effect, scheduling, scheduled)
    assert (code, "changed it on" in text) == ("touched", True)
    assert await desk.active("mail.activity", scheduled.res_id) == [True]


async def test_a_result_that_does_not_say_what_it_made_is_left_alone(desk: Desk) -> None:
    given, made = await desk.lead()
    for bare in (Produced(), made.model_copy(update={"details": {}}), made.model_copy(update={"model": "res.partner"})):
        assert (await desk.kept(desk.leads, given, bare))[0] == "not-known"
    assert await desk.active("crm.lead", made.res_id) == [True]


async def _a_second_later() -> None:
    """Odoo tells times in whole seconds."""
    await asyncio.sleep(1.1)
