"""A mailbox that Odoo hosts keeps the promises of every mailbox, and those that only Odoo can keep."""

import asyncio
import dataclasses
import uuid
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import httpx
import pytest

from connectors.mailbox.changes import Changed, StarChange
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.odoo_mailbox import OdooMailbox
from connectors.mailbox.odoo_scan import OdooHost
from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import Fetched, MailboxConnection, MessageGoneError, ReadOnlyError
from connectors.odoo.port import Cell
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError, PermanentError
from schemas.ids import external_id
from schemas.mailbox import Mailbox
from schemas.odoo_source import OdooSource
from tests.contract.mailbox.rigs import batches, fetched, reference
from tests.contract.mailbox.test_changing import test_a_star_is_set_and_cleared
from tests.contract.mailbox.test_reading import (
    test_a_message_is_read_again_by_its_uri,
    test_a_message_that_is_gone_is_said_to_be_gone,
    test_a_missing_folder_is_named,
    test_a_uri_of_another_mailbox_is_refused,
    test_an_empty_mailbox_has_no_batches,
    test_an_unknown_cursor_starts_from_the_beginning,
    test_batches_are_bounded_in_messages_and_bytes,
    test_reading_leaves_flags_as_they_are,
)
from tests.contract.odoo.conftest import Site

__all__ = [
    "test_a_message_is_read_again_by_its_uri",
    "test_a_message_that_is_gone_is_said_to_be_gone",
    "test_a_missing_folder_is_named",
    "test_a_star_is_set_and_cleared",
    "test_a_uri_of_another_mailbox_is_refused",
    "test_an_empty_mailbox_has_no_batches",
    "test_an_unknown_cursor_starts_from_the_beginning",
    "test_batches_are_bounded_in_messages_and_bytes",
    "test_reading_leaves_flags_as_they_are",
]


class HostedRig:
    """One record of Odoo whose messages are the mailbox; the other program is another client of the same Odoo."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.uid: int | None = None
        (user,) = self.call("res.users", "search_read", [["login", "=", site.account.login]], ["partner_id"])
        self.admin = int(user["partner_id"][0])
        self.customer = self.make("res.partner", name="Büro Süd", email="office@buyer.example")
        self.record = self.make("res.partner", name="MailDesk contract")
        self.made = [("res.partner", self.record), ("res.partner", self.customer)]

    def call(self, model: str, method: str, *args: Any) -> Any:
        """At once, whoever is waiting."""
        if self.site.standin is not None:
            return self.site.standin.rpc.run(2, model, method, list(args), {})
        account = self.site.account
        if self.uid is None:
            login = [account.database, account.login, account.password, {}]
            self.uid = int(self._post("common", "authenticate", login))
        head = [account.database, self.uid, account.password, model, method]
        return self._post("object", "execute_kw", [*head, list(args)])

    def _post(self, service: str, method: str, args: list[Any]) -> Any:
        params = {"service": service, "method": method, "args": args}
        answer = httpx.post(f"{self.site.account.url}/jsonrpc", json={"params": params}, timeout=60).json()
        assert "error" not in answer, answer
        return answer.get("result")

    def make(self, model: str, /, **values: Any) -> int:
        return int(self.call(model, "create", values))

    def source(self, **more: Any) -> OdooSource:
        domain = [["model", "=", "res.partner"], ["res_id", "=", self.record]]
        return OdooSource.model_validate({"kind": "odoo", "domain": domain, **more})

    def open(self, limits: ReadLimits | None = None, **more: Any) -> MailboxConnection:
        host = OdooHost(self.site.odoo, self.site.account.database, self.site.account.login)
        return open_mailbox(Mailbox(id="test", source=self.source(**more)), lambda _: "", limits=limits, odoo=host)

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        assert folder == "INBOX"
        parsed = message_from_bytes(raw, policy=policy.default)
        self.message(
            message_id=str(parsed["Message-ID"]).strip(),
            subject=str(parsed["Subject"]),
            email_from=str(parsed["From"]),
            body=parsed.get_content(),
        )

    def message(self, **values: Any) -> int:
        """As Odoo's gateway writes one, unless told otherwise."""
        given = {"message_type": "email", "model": "res.partner", "res_id": self.record, "author_id": self.customer}
        ident = f"<hosted.{uuid.uuid4().hex}@buyer.example>"
        return self.make("mail.message", **{**given, "message_id": ident, "date": "2026-03-01 12:00:00", **values})

    def notify(self, message: int, partner: int, kind: str = "email") -> int:
        values = {"mail_message_id": message, "res_partner_id": partner, "notification_type": kind}
        return self.make("mail.notification", **values)

    def flags(self, folder: str = "INBOX") -> list[set[str]]:  # noqa: ARG002 - the interface
        domain = [["model", "=", "res.partner"], ["res_id", "=", self.record], ["message_type", "=", "email"]]
        rows = self.call("mail.message", "search_read", domain, ["starred_partner_ids"], 0, 100, "id")
        return [{"\\Flagged"} if self.admin in row["starred_partner_ids"] else set() for row in rows]

    def steal(self, uri: str, folder: str) -> None:
        raise NotImplementedError("Odoo has no folders")

    def remove(self, uri: str) -> None:
        self.call("mail.message", "unlink", [int(uri.rpartition("/")[2])])

    def clean(self) -> None:
        for model, record in self.made:
            self.call(model, "unlink", [record])


@pytest.fixture
def rig(site: Site) -> Iterator[HostedRig]:
    made = HostedRig(site)
    yield made
    if site.standin is None:
        made.clean()


@pytest.fixture
def readable(rig: HostedRig) -> HostedRig:
    return rig


@pytest.fixture
def mailbox(rig: HostedRig) -> MailboxConnection:
    return rig.open()


async def sides(mailbox: MailboxConnection) -> tuple[list[int], list[int]]:
    """The messages that arrived, and those that were sent."""
    inbox, sent = [await fetched(mailbox, folder) for folder in ("INBOX", "Sent")]
    return [int(each.position.uid) for each in inbox], [int(each.position.uid) for each in sent]


async def test_what_arrived_and_what_was_sent(rig: HostedRig, mailbox: MailboxConnection) -> None:
    arrived = [
        rig.message(),
        rig.message(author_id=False),
        rig.message(author_id=rig.admin, email_from="admin@company.example"),
    ]
    note = rig.message(message_type="comment", author_id=rig.admin)
    rig.notify(note, rig.admin, "inbox")
    rig.message(message_type="comment")
    rig.message(message_type="notification", author_id=rig.admin)
    rig.message(message_id=f"<{'0' * 32}@maildesk.invalid>")
    rig.message(message_id=f"<maildesk.{'0' * 32}@company.example>")
    sent = [
        rig.message(message_type="comment", author_id=rig.admin),
        rig.message(message_type="email", author_id=rig.admin),
        rig.message(message_type="email_outgoing", author_id=rig.admin),
    ]
    for each in sent[:2]:
        rig.notify(each, rig.customer)
    assert await sides(mailbox) == (arrived, sent)
    assert await sides(mailbox) == ([], []), "what was dealt with is not read again"
    assert await sides(rig.open()) == (arrived, sent), "until it starts again: the ledger knows it"


async def test_what_our_own_actions_put_into_a_chatter_is_no_new_mail(
    rig: HostedRig, mailbox: MailboxConnection
) -> None:
    """It may have the mail's own Message-ID; its external id tells."""
    name = external_id("mail.message", rig.site.prefix)
    fields = ["id", "message_id", "message_type", "model", "res_id"]
    row: list[Cell] = [name, "<original@buyer.example>", "email", "res.partner", rig.record]
    await rig.site.odoo.load("mail.message", fields, [row])
    other = rig.message()
    assert await sides(mailbox) == ([other], [])


async def test_a_sent_mail_names_its_recipients_and_what_it_answers(rig: HostedRig, mailbox: MailboxConnection) -> None:
    first = rig.message(message_id="<first@buyer.example>")
    rig.message(message_id="<second@buyer.example>")
    reply = rig.message(message_type="comment", author_id=rig.admin, parent_id=first)
    rig.notify(reply, rig.customer)
    rig.message(message_id="<later@buyer.example>")
    [found] = await fetched(mailbox, "Sent")
    assert message_from_bytes(found.raw, policy=policy.default)["To"] == "Büro Süd <office@buyer.example>"
    assert b"In-Reply-To: <second@buyer.example>\r\n" in found.raw
    assert b"References: <first@buyer.example> <second@buyer.example>\r\n" in found.raw
    assert found.hosted is not None
    assert found.hosted.thread == f"odoo:{rig.site.account.database}:res.partner:{rig.record}"
    assert found.hosted.not_kept == ("headers",)


async def test_files_are_named_and_not_read(rig: HostedRig, mailbox: MailboxConnection) -> None:
    values = {"name": "Angebot ü.pdf", "datas": "JVBERi0xLjQK", "mimetype": "application/pdf"}
    file = rig.make("ir.attachment", res_model="res.partner", res_id=rig.record, **values)
    rig.message(attachment_ids=[[6, 0, [file]]])
    [found] = await fetched(mailbox)
    assert found.hosted is not None
    assert [(each.name, each.content_type, each.size) for each in found.hosted.files] == [
        ("Angebot ü.pdf", "application/pdf", 9)
    ]


async def test_a_gap_that_is_filled_late_is_read_once(pretend: Site) -> None:
    """A transaction took its id first and committed last."""
    rig = HostedRig(pretend)
    assert pretend.standin is not None
    store = pretend.standin.store
    early = store.next_id("mail.message")
    rig.message()
    later = rig.message()
    mailbox, cursor = rig.open(), None
    ids = []
    for batch in await batches(mailbox):
        ids += [each.position.uid for each in batch.messages]
        cursor = batch.cursor
    with store.transaction():
        store.put("mail.message", early, {**store.tables["mail.message"][later], "message_id": "<early@buyer.example>"})
    found = [each.position.uid for batch in await batches(mailbox, cursor=cursor) for each in batch.messages]
    assert (str(early) in ids, found) == (False, [str(early)])
    assert await batches(mailbox, cursor=cursor) == []
    restarted = [each.position.uid for batch in await batches(rig.open(), cursor=cursor) for each in batch.messages]
    assert restarted == sorted([*ids, str(early)], key=int)


async def test_what_was_not_dealt_with_is_read_again(rig: HostedRig, mailbox: MailboxConnection) -> None:
    rig.message()
    scan = mailbox.scan("INBOX", None)
    await anext(scan)
    await scan.aclose()  # type: ignore[attr-defined]  # it is a generator
    assert len(await fetched(mailbox)) == 1


async def test_a_message_is_known_again_by_its_id_though_it_was_edited(
    rig: HostedRig, mailbox: MailboxConnection
) -> None:
    number = rig.message()
    [found] = await fetched(mailbox)
    rig.call("mail.message", "write", [number], {"body": "<p>edited</p>"})
    known = reference(found)
    assert await mailbox.locate(known) == found.uri
    assert await mailbox.locate(dataclasses.replace(known, message_id=None)) == found.uri
    with pytest.raises(MessageGoneError):
        await mailbox.locate(dataclasses.replace(known, message_id="<other@x.example>"))
    with pytest.raises(InvalidInputError, match="MAILDESK_ODOO_DB"):
        await mailbox.locate(dataclasses.replace(known, uri=found.uri.replace("odoo://", "odoo://other-")))


async def test_the_star_is_that_of_the_users_who_are_named(rig: HostedRig) -> None:
    rig.message()
    login = rig.site.account.login
    mailbox = rig.open(star_for=[login])
    [found] = await fetched(mailbox)
    assert [(await mailbox.set_starred(found.uri, starred=True)).was for _ in range(2)] == [False, True]
    assert rig.flags() == [{"\\Flagged"}]
    with pytest.raises(PermanentError, match="nobody@here"):
        await rig.open(star_for=[login, "nobody@here"]).set_starred(found.uri, starred=False)


async def test_stars_are_set_together_and_one_that_is_gone_fails_alone(
    rig: HostedRig, mailbox: MailboxConnection
) -> None:
    numbers = [rig.message() for _ in range(3)]
    mails = await fetched(mailbox)
    await mailbox.set_starred(mails[0].uri, starred=True)
    rig.call("mail.message", "unlink", [numbers[1]])
    foreign = dataclasses.replace(reference(mails[0]), uri="imap://x/INBOX;UIDVALIDITY=1/;UID=1")
    located = await mailbox.locate_many([*map(reference, mails), foreign])
    assert [isinstance(each, str) for each in located] == [True, False, True, False]
    places = [(reference(each), each.uri) for each in mails]
    one, two, three = await mailbox.change_many(StarChange(starred=True), places)
    assert isinstance(two, MessageGoneError)
    assert [each.was for each in (one, three) if isinstance(each, Changed)] == [True, False]
    assert rig.flags() == [{"\\Flagged"}, {"\\Flagged"}]


async def on_a_lead(rig: HostedRig) -> tuple[int, MailboxConnection, Fetched]:
    lead = rig.make("crm.lead", name="MailDesk contract")
    rig.made.append(("crm.lead", lead))
    rig.message(model="crm.lead", res_id=lead)
    mailbox = rig.open(domain=[["model", "=", "crm.lead"], ["res_id", "=", lead]])
    [found] = await fetched(mailbox)
    return lead, mailbox, found


async def test_tags_are_those_of_the_record(rig: HostedRig) -> None:
    lead, mailbox, found = await on_a_lead(rig)
    one, two = (f"{name} {rig.site.prefix}" for name in ("Größe_1%", "vip"))
    rig.made.append(("crm.tag", rig.make("crm.tag", name=two.upper())))
    rig.make("crm.tag", name=one.replace("_", "x"))

    def tags() -> set[str]:
        ids = rig.call("crm.lead", "search_read", [["id", "=", lead]], ["tag_ids"])[0]["tag_ids"]
        return {str(row["name"]) for row in rig.call("crm.tag", "search_read", [["id", "in", ids]], ["name"])}

    done = await mailbox.change_tags(found.uri, (one, two), ("never there",))
    assert (done.added, done.removed) == ((one, two), ())
    assert tags() == {one, two.upper()}
    done = await mailbox.change_tags(found.uri, (one, two), ())
    assert (done.added, done.removed) == ((), ())
    done = await mailbox.change_tags(found.uri, (), (two, one))
    assert (done.added, done.removed) == ((), (two, one))
    assert tags() == set()
    ours = [["name", "ilike", rig.site.prefix], ["name", "!=", two.upper()]]
    rig.call("crm.tag", "unlink", rig.call("crm.tag", "search", ours))


async def test_two_at_once_make_one_tag(rig: HostedRig) -> None:
    _, mailbox, found = await on_a_lead(rig)
    name = f"new {rig.site.prefix}"
    await asyncio.gather(*(mailbox.change_tags(found.uri, (name,), ()) for _ in range(2)))
    tags = rig.call("crm.tag", "search", [["name", "=", name]])
    rig.made.append(("crm.tag", tags[0]))
    assert len(tags) == 1


async def test_a_record_without_tags_says_so(rig: HostedRig, mailbox: MailboxConnection) -> None:
    rig.message()
    [found] = await fetched(mailbox)
    with pytest.raises(ReadOnlyError, match=r"res\.partner") as refused:
        await mailbox.change_tags(found.uri, ("vip",), ())
    assert refused.value.code == "no-tags"


async def test_read_is_what_the_own_user_was_notified_of(rig: HostedRig, mailbox: MailboxConnection) -> None:
    number = rig.message()
    [found] = await fetched(mailbox)
    with pytest.raises(ReadOnlyError) as refused:
        await mailbox.set_seen(found.uri, seen=True)
    assert refused.value.code == "not-notified"
    notification = rig.notify(number, rig.admin, "inbox")
    for seen in (True, False):
        assert [(await mailbox.set_seen(found.uri, seen=seen)).was for _ in range(2)] == [not seen, seen]
        rows = rig.call("mail.notification", "search_read", [["id", "=", notification]], ["is_read"])
        assert rows[0]["is_read"] is seen


async def test_there_are_no_folders_to_move_to(rig: HostedRig, mailbox: MailboxConnection) -> None:
    rig.message()
    [found] = await fetched(mailbox)
    for call in (
        mailbox.move(reference(found), found.uri, "Archive"),
        mailbox.append("Sent", found.raw, "<x@y>"),
        mailbox.find_copy("Sent", "<x@y>"),
    ):
        with pytest.raises(ReadOnlyError) as refused:
            await call
        assert refused.value.code == "no-folders"


async def test_changing_what_is_gone_says_so(rig: HostedRig, mailbox: MailboxConnection) -> None:
    number = rig.message()
    [found] = await fetched(mailbox)
    rig.call("mail.message", "unlink", [number])
    for call in (
        mailbox.change_tags(found.uri, ("vip",), ()),
        mailbox.set_starred(found.uri, starred=True),
        mailbox.set_seen(found.uri, seen=True),
    ):
        with pytest.raises(MessageGoneError):
            await call


async def test_a_domain_that_odoo_refuses_is_named(rig: HostedRig) -> None:
    with pytest.raises(PermanentError, match="no_such_field"):
        await batches(rig.open(domain=[["no_such_field", "=", 1]]))


async def test_without_an_odoo_the_remedy_is_named() -> None:
    mailbox = OdooMailbox("sales", OdooSource(kind="odoo"), None, SystemClock())
    with pytest.raises(PermanentError, match="MAILDESK_ODOO_URL") as refused:
        await batches(mailbox)
    assert refused.value.code == "odoo-not-configured"
