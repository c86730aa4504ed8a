"""attach_to_record with a mailbox of ours, on the stand-in and on a real Odoo when one is given."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.mailbox.fake import FakeMailbox
from connectors.odoo.standin import Trouble
from runtime.errors import MaildeskError, PermanentError, TargetDownError
from schemas.command import ActionCommand
from schemas.mail import ContentReference, Origin
from schemas.mailbox import Mailbox, MaildirSource
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.attach_to_record import AttachToRecord
from services.actions.effects.port import DeclinedError, UnansweredError
from services.actions.effects.raw_mail import MAX_BYTES, as_json_text
from tests.contract.mailbox.rigs import fetched
from tests.contract.odoo.conftest import Site, pretend, pretend_json_2, real
from tests.integration.actions.desks import OdooDesk, site
from tests.integration.actions.doing import act, done, event_of, refused, wanted
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import known

__all__ = ["pretend", "pretend_json_2", "real", "site"]
ATTACH = {"type": "attach_to_record", "fallback_model": "crm.lead"}


class Desk(OdooDesk):
    """A mailbox whose mail is handed over."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.box = FakeMailbox("test")
        boxes = known(Mailbox(id="test", source=MaildirSource(kind="maildir", path="/x")))
        self.effect = AttachToRecord(self.shared, Connections(boxes, lambda _: self.box))

    def raw(self, number: int, *answers: int, body: bytes = b"Please call me.", head: str = "") -> bytes:
        named = f"References: {' '.join(map(self.ident, answers))}\r\n" if answers else ""
        ident = f"Message-ID: {self.ident(number)}\r\n" if number else ""
        lines = f"From: Anna <anna.{self.tag}@example.org>\r\nTo: nobody.{self.tag}@example.org\r\n"
        return f"{lines}Subject: Offer {self.tag}\r\n{ident}{named}{head}\r\n".encode() + body

    async def arrives(self, raw: bytes, action: dict[str, Any] | None = None, **facts: Any) -> ActionCommand:
        """A mail, and the command for it."""
        self.box.deliver(raw)
        message = max(await fetched(self.box), key=lambda each: int(each.position.uid))
        event = event_of(message, event_id=uuid.uuid4(), **facts) if facts else event_of(message)
        return wanted(event.model_copy(update={"event_id": uuid.uuid4()}), **(action or ATTACH))

    async def leads(self) -> list[dict[str, Any]]:
        return await self.found("crm.lead", [["name", "like", self.tag]], "name", "email_from")

    async def messages(self, lead: int) -> list[dict[str, Any]]:
        domain = [["model", "=", "crm.lead"], ["res_id", "=", lead], ["message_type", "=", "email"]]
        return await self.found("mail.message", domain, "message_id", "body", "email_from")


@pytest.fixture
async def desk(site: Site) -> AsyncIterator[Desk]:
    found = Desk(site)
    yield found
    await found.remove("crm.lead", [lead["id"] for lead in await found.leads()])


async def test_new_mail_makes_a_record_and_an_answer_is_filed_on_it(desk: Desk) -> None:
    given = await desk.arrives(desk.raw(1))
    assert await desk.effect.find(job(given)) is None
    first = await done(desk.effect, given)
    (lead,) = await desk.leads()
    assert (first.model, first.res_id) == ("crm.lead", lead["id"])
    found = await desk.effect.find(job(given, attempt=2))
    assert found is not None
    assert (found.model, found.res_id) == ("crm.lead", lead["id"])
    reply = await done(desk.effect, await desk.arrives(desk.raw(2, 1), {"type": "attach_to_record"}))
    assert reply.res_id == lead["id"]
    assert [message["message_id"] for message in await desk.messages(lead["id"])] == [desk.ident(1), desk.ident(2)]
    assert len(await desk.leads()) == 1


async def test_mail_that_lies_in_odoo_is_not_handed_over(desk: Desk) -> None:
    given = await desk.arrives(desk.raw(1), origin=Origin(kind="odoo", folder="INBOX", uidvalidity="desk", uid="12"))
    error = await refused(desk.effect, given)
    assert (isinstance(error, DeclinedError), error.code) == (True, "already-in-odoo")
    with pytest.raises(DeclinedError, match="lies in Odoo"):
        await desk.effect.plan(job(given))
    assert await desk.leads() == []


async def test_what_odoo_has_already_is_not_handed_over_again(desk: Desk) -> None:
    raw = desk.raw(1)
    first = await done(desk.effect, await desk.arrives(raw))
    given = await desk.arrives(raw)
    error = await refused(desk.effect, given)
    assert isinstance(error, DeclinedError)
    assert (error.code, f"crm.lead {first.res_id}" in error.text) == ("already-in-odoo", True)
    with pytest.raises(DeclinedError, match="already"):
        await desk.effect.plan(job(given))
    assert len(await desk.messages(first.res_id)) == 1


async def test_without_a_route_and_without_a_fallback_it_is_skipped(desk: Desk) -> None:
    given = await desk.arrives(desk.raw(1), {"type": "attach_to_record"})
    error = await refused(desk.effect, given)
    assert isinstance(error, DeclinedError)
    assert (error.code, desk.tag in error.text) == ("no-route", False)
    assert await desk.leads() == []


async def test_a_bounce_is_taken_by_no_record(desk: Desk) -> None:
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n'
    body = b"--b\r\nContent-Type: text/plain\r\n\r\nnot delivered\r\n--b--\r\n"
    error = await refused(desk.effect, await desk.arrives(desk.raw(1, head=head, body=body)))
    assert isinstance(error, DeclinedError)
    assert error.code == "odoo-rejected"
    assert await desk.leads() == []


async def test_mail_in_another_charset_keeps_its_letters(desk: Desk) -> None:
    head = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n"
    body = "Größe\r\n".encode("latin-1")
    lead = await done(desk.effect, await desk.arrives(desk.raw(1, head=head, body=body)))
    (message,) = await desk.messages(lead.res_id)
    assert "Größe" in message["body"]


async def test_mail_without_a_message_id_gets_ours_and_is_found_by_it(desk: Desk) -> None:
    given = await desk.arrives(desk.raw(0))
    assert given.event.message_id is None
    lead = await done(desk.effect, given)
    found = await desk.effect.find(job(given, attempt=2))
    assert found is not None
    assert found.res_id == lead.res_id
    (message,) = await desk.messages(lead.res_id)
    assert message["message_id"].endswith("@maildesk.invalid>")


async def test_planning_hands_nothing_over(desk: Desk) -> None:
    plan = await desk.effect.plan(job(await desk.arrives(desk.raw(1))))
    assert plan.text == "would hand the mail to Odoo's gateway; where it finds no record it makes one of crm.lead"
    assert await desk.leads() == []


async def test_a_fallback_whose_app_is_missing_skips(desk: Desk) -> None:
    error = await refused(desk.effect, await desk.arrives(desk.raw(1), ATTACH | {"fallback_model": "helpdesk.ticket"}))
    assert isinstance(error, DeclinedError)
    assert (error.code, "helpdesk.ticket" in error.text) == ("not-installed", True)


async def test_mail_that_is_gone_changed_or_too_large_is_skipped(pretend: Site) -> None:
    desk = Desk(pretend)
    gone, changed, large = [await desk.arrives(desk.raw(number)) for number in (1, 2, 3)]
    desk.box.remove(gone.event.content.uri)

    def with_content(given: ActionCommand, **facts: Any) -> ActionCommand:
        content = ContentReference.model_validate(given.event.content.model_dump() | facts)
        return given.model_copy(update={"event": given.event.model_copy(update={"content": content})})

    changed = with_content(changed, digest="0" * 64)
    large = with_content(large, size=MAX_BYTES + 1)
    answers = await act(desk.effect, gone, changed, large)
    codes = [answer.code for answer in answers if isinstance(answer, DeclinedError)]
    assert codes[0] == "message-gone"
    assert codes[1] in ("message-gone", "mail-changed")
    assert codes[2] == "mail-too-large"
    assert "message_process" not in (pretend.standin.calls if pretend.standin else [])


async def test_a_mail_account_that_is_away_holds_up_its_own_mail_only(pretend: Site) -> None:
    desk = Desk(pretend)
    given = await desk.arrives(desk.raw(1))
    desk.box.faults.down = True
    assert isinstance(await refused(desk.effect, given), TargetDownError)
    assert desk.effect.target(given) == "odoo-gateway:test"
    assert desk.effect.shared_target is None


async def test_a_lost_answer_is_looked_for_later(pretend: Site) -> None:
    desk = Desk(pretend)
    assert pretend.standin is not None
    pretend.standin.troubles.fail_next(Trouble.DROP_AFTER, method="message_process")
    given = await desk.arrives(desk.raw(1))
    assert isinstance(await refused(desk.effect, given), UnansweredError)
    found = await desk.effect.find(job(given, attempt=2))
    (lead,) = await desk.leads()
    assert found is not None
    assert found.res_id == lead["id"]


async def test_any_other_fault_of_odoo_fails_with_its_text(desk: Desk) -> None:
    if desk.site.standin is not None:
        pytest.skip("the stand-in's gateway checks no more than this Odoo does")
    given = await desk.arrives(desk.raw(1), ATTACH | {"fallback_model": "res.users"})
    answer: Produced | MaildeskError = (await act(desk.effect, given))[0]
    assert isinstance(answer, PermanentError)
    assert answer.code.startswith("odoo-")


def test_two_mailboxes_share_the_claim_of_a_mail(pretend: Site) -> None:
    desk = Desk(pretend)
    one, other = (desk.wanted(ATTACH, 1, mailbox=name) for name in ("a", "b"))
    assert desk.effect.record_subjects(one) == desk.effect.record_subjects(other)
    assert desk.effect.record_subjects(desk.wanted(ATTACH, 2)) != desk.effect.record_subjects(one)
    assert len({desk.effect.target(each) for each in (one, other)}) == 2


HOSTILE = [b"", b"\xff\xfe\0", b"Subject: \xe4\r\n\r\n\xe4", b"Content-Type: multipart/mixed\r\n\r\n\xe4"]


@pytest.mark.parametrize("raw", HOSTILE)
def test_any_bytes_become_text_that_json_can_carry(raw: bytes) -> None:
    text = as_json_text(raw)
    assert json.loads(json.dumps(text)).encode() == text.encode()
