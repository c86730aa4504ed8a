"""The mail in the chatter of what it makes, on the stand-in, and on a real Odoo when ODOO_URL and so on are set."""

import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from email.message import EmailMessage
from typing import Any, cast

import pytest

from connectors.mailbox.digest import digest, header_digest
from connectors.mailbox.fake import FakeMailbox
from connectors.odoo.port import Cell, LoadOutcome, Odoo
from runtime.errors import MaildeskError, PermanentError, TargetDownError, TransientError
from schemas.command import ActionCommand
from schemas.mail import ContentReference
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.crm_lead import CrmLead
from services.actions.effects.mail_contents import ATTEMPTS
from services.actions.effects.odoo_site import OdooSite
from tests.contract.odoo.conftest import Site, pretend, pretend_json_2, real
from tests.integration.actions.desks import OdooDesk, after, site
from tests.integration.actions.doing import done
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import known, mailbox

__all__ = ["pretend", "pretend_json_2", "real", "site"]
LEAD: dict[str, Any] = {"type": "crm_lead"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
MESSAGE_FIELDS = ("message_type", "message_id", "subject", "body", "email_from", "author_id", "date", "attachment_ids")


class Died(BaseException):
    """As SIGKILL."""


class CountedOdoo:
    """An Odoo whose caller dies before or after the n-th `load`, from 1."""

    def __init__(self, odoo: Odoo) -> None:
        self._odoo = odoo
        self.loads: list[str] = []
        self.dies_before = self.dies_after = 0
        self.refusals: dict[str, MaildeskError] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._odoo, name)

    async def load(
        self, model: str, fields: Sequence[str], rows: Sequence[Sequence[Cell]], *, context: Any
    ) -> LoadOutcome:
        self.loads.append(model)
        if model in self.refusals:
            raise self.refusals[model]
        if len(self.loads) == self.dies_before:
            raise Died
        outcome = await self._odoo.load(model, fields, rows, context=context)
        if len(self.loads) == self.dies_after:
            raise Died
        return outcome


class Desk(OdooDesk):
    """Mails that lie in a mailbox, and what of them is in Odoo."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.box = FakeMailbox("test")
        self.counted = CountedOdoo(site.odoo)
        self.shared = OdooSite(cast("Odoo", self.counted), site.account.url, site.account.database)
        self.effect = CrmLead(self.shared, Connections(known(mailbox("test")), lambda _: self.box))

    def letter(self, number: int = 1) -> EmailMessage:
        """A mail with text, HTML, an image in it and an attachment."""
        found = EmailMessage()
        found["From"], found["Subject"] = "Anna <anna@example.org>", f"Offer {self.tag}"
        found["Message-ID"] = self.ident(number)
        found.set_content("Plain words.")
        found.add_alternative(
            "<html><body onload='x()'><p style='color:red'>Rich <b>words</b></p><script>alert(1)</script>"
            "<img src='cid:logo@x'><img src='cid:none@x'><a href='javascript:alert(1)'>press</a></body></html>",
            subtype="html",
        )
        cast("EmailMessage", found.get_payload(1)).add_related(PNG, "image", "png", cid="<logo@x>")
        found.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="offer.pdf")
        return found

    def given(self, number: int, *references: int, raw: bytes | None = None, **facts: Any) -> ActionCommand:
        """A command for a mail that lies there."""
        action = LEAD | facts.pop("action", {})
        source = self.letter(number).as_bytes() if raw is None else raw
        content = ContentReference(
            uri=self.box.deliver(source), digest=digest(source), header_digest=header_digest(source), size=len(source)
        )
        return self.wanted(action, number, *references, content=content, mailbox="test", **facts)

    async def leads(self) -> list[dict[str, Any]]:
        stamps = ("create_date", "write_date")
        return await self.found("crm.lead", [["name", "like", self.tag], ["active", "in", [True, False]]], *stamps)

    async def shown(self, lead: int) -> list[dict[str, Any]]:
        return await self.found("mail.message", [["model", "=", "crm.lead"], ["res_id", "=", lead]], *MESSAGE_FIELDS)

    async def files(self, ids: Sequence[int]) -> list[dict[str, Any]]:
        return await self.found(
            "ir.attachment", [["id", "in", list(ids)]], "name", "res_model", "res_id", "mimetype", "datas"
        )

    async def clean(self) -> None:
        await self.remove("crm.lead", [lead["id"] for lead in await self.leads()])


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    found = Desk(site)
    yield found
    await found.clean()


async def one(desk: Desk, given: ActionCommand, **facts: Any) -> Produced | MaildeskError:
    (answer,) = await desk.effect.do([job(given, **facts)])
    return answer


async def test_a_lead_has_the_whole_mail_in_its_chatter(desk: Desk) -> None:
    produced = await done(desk.effect, desk.given(1))
    (message,) = await desk.shown(produced.res_id)
    assert (message["message_type"], message["message_id"]) == ("email", desk.ident(1))
    assert (message["subject"], message["email_from"]) == (f"Offer {desk.tag}", "Anna <anna@example.org>")
    assert (message["author_id"], message["date"]) == (False, "2026-03-01 12:00:00")
    body = message["body"]
    assert "<b>words</b>" in body
    assert "color:red" in body.replace(" ", "")
    assert not any(word in body for word in ("script", "onload", "Plain", "none@x"))
    files = await desk.files(message["attachment_ids"])
    assert {(file["name"], file["res_model"], file["res_id"]) for file in files} == {
        ("offer.pdf", "crm.lead", produced.res_id),
        ("attachment", "crm.lead", produced.res_id),
    }
    (pdf,) = [file for file in files if file["name"] == "offer.pdf"]
    (image,) = [file for file in files if file["name"] != "offer.pdf"]
    assert base64.b64decode(pdf["datas"]) == b"%PDF-1.4"
    assert f"/web/image/{image['id']}" in body
    assert produced.details["message"] == message["id"]
    assert sorted(produced.details["attachments"]) == sorted(file["id"] for file in files)
    (lead,) = await desk.leads()
    assert lead["create_date"] == lead["write_date"]


async def test_nobody_is_notified(desk: Desk) -> None:
    produced = await done(desk.effect, desk.given(1))
    message = produced.details["message"]
    assert await desk.found("mail.notification", [["mail_message_id", "=", message]]) == []
    if desk.site.standin is None:
        assert await desk.found("mail.mail", [["mail_message_id", "=", message]]) == []
        assert (
            await desk.found("mail.followers", [["res_model", "=", "crm.lead"], ["res_id", "=", produced.res_id]]) == []
        )


async def test_an_answer_is_added_to_the_lead_as_the_mail_that_it_is(desk: Desk) -> None:
    first = await done(desk.effect, desk.given(1))
    noted = await done(desk.effect, desk.given(2, 1))
    assert (noted.res_id, noted.details["reused"]) == (first.res_id, True)
    _, message = await desk.shown(first.res_id)
    assert (message["id"], message["message_id"]) == (noted.details["message"], desk.ident(2))
    assert len(message["attachment_ids"]) == 2


async def test_odoos_own_gateway_files_an_answer_on_the_lead(desk: Desk) -> None:
    first = await done(desk.effect, desk.given(1))
    answer = EmailMessage()
    answer["From"], answer["To"], answer["Subject"] = "Anna <anna@example.org>", "sales@x.example", "Re: offer"
    answer["Message-ID"], answer["In-Reply-To"] = desk.ident(9), desk.ident(1)
    answer.set_content("Yes")
    filed = await desk.site.odoo.call("mail.thread", "message_process", [False, answer.as_string()])
    assert filed == first.res_id


async def test_the_sender_is_its_contact(desk: Desk) -> None:
    address = f"anna-{desk.tag}@example.org"
    partner = await desk.site.record("res.partner", "anna", name="Anna", email=address)
    produced = await done(desk.effect, desk.given(1, sender={"name": "A", "address": address.upper()}))
    (message,) = await desk.shown(produced.res_id)
    assert message["author_id"][0] == partner


async def test_a_mail_that_odoo_has_on_the_lead_is_not_shown_twice(desk: Desk) -> None:
    mail = desk.letter(1).as_string()
    lead = await desk.site.odoo.call("mail.thread", "message_process", ["crm.lead", mail])
    produced = await done(desk.effect, desk.given(1))
    assert (produced.res_id, produced.details["reused"]) == (lead, True)
    assert [message["id"] for message in await desk.shown(lead)] == [produced.details["message"]]
    assert "has the mail already" in produced.text


async def test_one_message_only_has_the_mails_own_id(desk: Desk) -> None:
    never: dict[str, Any] = {"action": {"reuse": "never"}}
    several = [desk.given(1, rule=rule, **never) for rule in ("r1", "r2", "r3")]
    answers = await desk.effect.do([job(given) for given in several[:2]])
    answers += await desk.effect.do([job(several[2])])
    leads = {answer.res_id for answer in answers if isinstance(answer, Produced)}
    shown = [message for lead in leads for message in await desk.shown(lead)]
    assert (len(leads), len(shown)) == (3, 3)
    assert sorted(message["message_id"] for message in shown).count(desk.ident(1)) == 1


@pytest.mark.parametrize("where", ["dies_before", "dies_after"])
@pytest.mark.parametrize("number", [1, 2, 3])
async def test_a_worker_that_dies_between_two_calls(desk: Desk, where: str, number: int) -> None:
    given = desk.given(1)
    setattr(desk.counted, where, number)
    with pytest.raises(Died):
        await done(desk.effect, given)
    again = job(given, attempt=2)
    found = await desk.effect.find(again)
    if found is None:
        (answer,) = await desk.effect.do([again])
        assert isinstance(answer, Produced)
        found = answer
    (lead,) = await desk.leads()
    (message,) = await desk.shown(lead["id"])
    assert (found.res_id, found.details["message"], found.details["reused"]) == (lead["id"], message["id"], False)
    assert message["message_id"] == desk.ident(1)
    on_lead = await desk.found("ir.attachment", [["res_model", "=", "crm.lead"], ["res_id", "=", lead["id"]]])
    assert sorted(file["id"] for file in on_lead) == sorted(message["attachment_ids"])
    assert len(on_lead) == 2


async def test_text_only_needs_no_mailbox(desk: Desk) -> None:
    desk.box.faults.down = True
    produced = await done(desk.effect, desk.given(1, action={"mail": "text"}, excerpt="Just <this>"))
    (message,) = await desk.shown(produced.res_id)
    assert (message["message_id"], message["attachment_ids"]) == (desk.ident(1), [])
    assert "Just &lt;this&gt;" in message["body"]


async def test_without_mail_a_later_one_is_an_internal_note(desk: Desk) -> None:
    action: dict[str, Any] = {"action": {"mail": "none"}}
    first = await done(desk.effect, desk.given(1, **action))
    assert (await desk.shown(first.res_id), first.details) == ([], {"reused": False})
    (noted,) = await desk.effect.do([after(desk.given(2, 1, **action), first)])
    assert isinstance(noted, Produced)
    (note,) = await desk.shown(first.res_id)
    assert (note["id"], note["message_id"] == desk.ident(2)) == (noted.details["message"], False)


async def test_a_mail_that_is_gone_leaves_its_excerpt_and_says_so(desk: Desk) -> None:
    given = desk.given(1, excerpt="It began so.")
    desk.box.remove(given.event.content.uri)
    produced = await done(desk.effect, given)
    (message,) = await desk.shown(produced.res_id)
    assert "It began so." in message["body"]
    assert "could not be read again" in message["body"]
    assert "could not be read again" in produced.text


async def test_an_account_that_is_away_is_waited_for_and_then_done_without(desk: Desk) -> None:
    given = desk.given(1)
    desk.box.faults.down = True
    for attempt in range(1, ATTEMPTS):
        answer = await one(desk, given, attempt=attempt)
        assert isinstance(answer, TransientError)
        assert not isinstance(answer, TargetDownError)
        assert answer.code == "mail-away"
    last = await one(desk, given, attempt=ATTEMPTS)
    assert isinstance(last, Produced)
    assert last.details["reused"] is False
    assert len(await desk.leads()) == len(await desk.shown(last.res_id)) == 1


async def test_the_last_attempt_does_without_an_account_that_is_away(desk: Desk) -> None:
    desk.box.faults.down = True
    effect = CrmLead(desk.shared, Connections(known(mailbox("test")), lambda _: desk.box), attempts=2)
    given = desk.given(1)
    (first,) = await effect.do([job(given)])
    (last,) = await effect.do([job(given, attempt=2)])
    assert isinstance(first, TransientError)
    assert isinstance(last, Produced), "a record without its mail must not end as failed"


NO_RIGHT = PermanentError("not allowed to create\n'Message' records", code="odoo-access")


@pytest.mark.parametrize("model", ["mail.message", "ir.attachment"])
async def test_a_lead_whose_message_is_refused_for_good_is_done_and_says_what_is_missing(
    desk: Desk, model: str
) -> None:
    desk.counted.refusals[model] = NO_RIGHT
    produced = await done(desk.effect, desk.given(1))
    (lead,) = await desk.leads()
    words = "its chatter lacks the mail (odoo-access): not allowed to create 'Message' records"
    assert (produced.res_id, produced.text) == (lead["id"], f"created: lead {lead['id']}; {words}")
    assert produced.details == {"reused": False, "lacking": "odoo-access"}


async def test_a_message_that_is_refused_for_now_or_on_a_record_that_was_there_is_tried_again_or_fails(
    desk: Desk,
) -> None:
    desk.counted.refusals["mail.message"] = TransientError("busy")
    assert await one(desk, desk.given(1)) is desk.counted.refusals["mail.message"]
    desk.counted.refusals.clear()
    (again,) = await desk.effect.do([job(desk.given(1), attempt=2)])
    assert isinstance(again, Produced)
    assert (again.details["reused"], len(await desk.leads())) == (False, 1)
    desk.counted.refusals["mail.message"] = NO_RIGHT
    assert await one(desk, desk.given(2, 1)) is NO_RIGHT


async def test_what_was_taken_back_is_made_again(desk: Desk) -> None:
    given = job(desk.given(1, action={"reuse": "any"}))
    (first,) = await desk.effect.do([given])
    assert isinstance(first, Produced)
    await desk.site.odoo.call("crm.lead", "write", [[first.res_id], {"active": False}])
    (second,) = await desk.effect.do([replace(given, row=replace(given.row, key=given.row.key._replace(generation=1)))])
    assert isinstance(second, Produced)
    assert (second.res_id != first.res_id, second.details["reused"]) == (True, False)
    assert len(await desk.shown(second.res_id)) == 1


async def test_a_hostile_mail_harms_nothing(desk: Desk) -> None:
    deep = b"Content-Type: text/html\r\n\r\n" + b"<div>" * 30_000
    parts = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 3_000 + b"--b--"
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1_500))
    several = [desk.given(n, raw=raw, excerpt="Seen") for n, raw in enumerate((deep, parts, nested, b"\0\xff"), 1)]
    for answer in await desk.effect.do([job(given) for given in several]):
        assert isinstance(answer, Produced)
        assert answer.details["message"]


async def test_a_mailbox_that_fails_as_it_should_not_takes_no_other_mail_along(desk: Desk) -> None:
    class Odd(FakeMailbox):
        async def read(self, uri: str) -> bytes:
            raise RuntimeError(uri)

    odd = Odd("odd")
    boxes = {"test": desk.box, "odd": odd}
    connections = Connections(known(mailbox("test"), mailbox("odd")), lambda box: boxes[box.id])
    effect = CrmLead(desk.shared, connections)
    bad = desk.given(2)
    bad = bad.model_copy(update={"event": bad.event.model_copy(update={"mailbox": "odd"})})
    good, other = await effect.do([job(desk.given(1)), job(bad)])
    assert isinstance(good, Produced)
    assert isinstance(other, Produced)
    assert (len(good.details["attachments"]), "internal error: RuntimeError" in other.text) == (2, True)
