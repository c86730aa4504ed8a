"""Each effect with what it acts on, what it would act on if that were away, and a look at what it left."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any, Protocol, cast

from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import MailboxConnection
from connectors.odoo.port import OdooAccount
from connectors.smtp.fake import FakeSmtpServer
from runtime.clock import FakeClock
from sandbox.ports import free_ports
from schemas.command import ActionCommand
from schemas.mail import Address, MailArrived
from schemas.mailbox import Mailbox
from schemas.result import Produced
from services.actions import bootstrap
from services.actions.connections import Connections
from services.actions.effects.auto_reply import AutoReply, ReplyParts, ReplyPolicy
from services.actions.effects.mail_contents import ATTEMPTS
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.port import Effect
from services.actions.model import Job
from services.actions.replies.memory_book import MemoryReplyBook
from services.actions.sending import Sending
from services.actions.settings import ActionsSettings
from services.actions.states import State
from services.actions.store import PostgresStore
from tests.contract.effects.cases import IN_ODOO, Asked, counts, ids, raw_mail, type_of
from tests.contract.mailbox.rigs import FakeRig, MaildirRig, Rig, fetched
from tests.contract.odoo.conftest import connect
from tests.integration.actions.desks import OdooDesk
from tests.integration.actions.doing import event_of
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import NOON, REPLY, command, known

SUPPORT = "support@company.example"
ON_MAIL: dict[str, dict[str, Any]] = {
    "tag": {"type": "tag", "add": ["Invoice"]},
    "star": {"type": "star"},
    "mark_read": {"type": "mark_read"},
    "move_folder": {"type": "move_folder", "folder": "Archive"},
}
_FLAGS = {"tag": "Invoice", "star": "\\Flagged", "mark_read": "\\Seen"}
_RULE_NUMBERS = iter(range(1, 100_000))


class Bench(Protocol):
    """`finds`: the state of a command in which a look sees what an earlier attempt did; None: it needs no look."""

    effect: Effect
    away: Effect
    finds: State | None

    async def given(self, **facts: Any) -> ActionCommand:
        """A command for a mail of its own."""

    async def left(self, given: ActionCommand) -> int:
        """How often it was carried out."""

    async def names(self, given: ActionCommand, produced: Produced) -> bool:
        """Whether the result says where to find what was made."""


class MailBench:
    """A mailbox, and one that is away."""

    finds: State | None = None

    def __init__(self, kind: str, rig: Rig, away: Mailbox) -> None:
        self._kind, self._rig = kind, rig
        self.effect = on_mail(kind, lambda _: rig.open())
        self.away = on_mail(kind, lambda _: open_mailbox(away, lambda _: "p"))

    async def given(self, **facts: Any) -> ActionCommand:
        ident = f"<{next(_RULE_NUMBERS)}@bench.example>"
        self._rig.deliver(f"Message-ID: {ident}\r\nFrom: a@x.example\r\nSubject: Offer\r\n\r\nHi\r\n".encode())
        (message,) = [each for each in await fetched(self._rig.open()) if ident.encode() in each.raw]
        event = event_of(message).model_copy(update=facts)
        return command(event, {"id": "act", **ON_MAIL[self._kind]})

    async def left(self, given: ActionCommand) -> int:
        folder, flag = ("Archive", None) if self._kind == "move_folder" else ("INBOX", _FLAGS[self._kind])
        ident = str(given.event.message_id).encode()
        both = [await self._with(folder, ident) for folder in ("INBOX", "Archive")]
        assert sum(map(len, both)) == 1, "the mail itself is there once, whatever is done to it"
        return sum(flag is None or flag in flags for flags in both[folder == "Archive"])

    async def _with(self, folder: str, ident: bytes) -> list[set[str]]:
        messages = await fetched(self._rig.open(), folder)
        return [set(each.flags) for each in messages if ident in each.raw]

    async def names(self, given: ActionCommand, produced: Produced) -> bool:
        raw = await self._rig.open().read(produced.uri)
        return produced.kind == "mailbox" and str(given.event.message_id).encode() in raw


class OdooBench:
    """One of the cases, on the desk's Odoo; the mail lies in a mailbox in memory."""

    finds: State | None = State.RUNNING

    def __init__(self, name: str, desk: OdooDesk) -> None:
        self._name, self.desk = name, desk
        self.box = FakeMailbox("test")
        self._asked: dict[str, Asked] = {}
        (port,) = free_ports(1)
        account = desk.site.account
        self.nobody = connect(OdooAccount(f"http://127.0.0.1:{port}", account.database, "admin", "admin"), seconds=2.0)
        self.effect = self.on(desk.shared)
        self.away = self.on(OdooSite(self.nobody, account.url, account.database))

    def on(self, site: OdooSite) -> Effect:
        """The effect on another Odoo, put together as the service does it."""
        box = Mailbox.model_validate({"id": "test", "source": {"kind": "maildir", "path": "/unused"}})
        connections = Connections(known(box), lambda _: self.box)
        store = cast("PostgresStore", _NothingOfOurs())
        return bootstrap._on_odoo(store, connections, ATTEMPTS)[type_of(self._name)](site)

    async def given(self, **facts: Any) -> ActionCommand:
        desk, number = self.desk, next(_RULE_NUMBERS)
        desk.tag = f"{desk.tag.partition('x')[0]}x{number}"
        uri = self.box.deliver(raw_mail(desk))
        (message,) = [each for each in await fetched(self.box) if each.uri == uri]

        def wanted(action: dict[str, Any], **others: Any) -> ActionCommand:
            sender = Address(address=f"{desk.tag}@x.example")
            # What an interrupted run has left in a real Odoo belongs to other events than this run's.
            event_id = uuid.uuid5(uuid.NAMESPACE_DNS, desk.tag)
            changed = {"event_id": event_id, "sender": sender, "subject": f"Offer {desk.tag}", **others, **facts}
            return command(event_of(message, number).model_copy(update=changed), {"id": "act", **action})

        asked = await IN_ODOO[self._name].case(desk, wanted)
        self._asked[str(asked.given.command_id)] = asked
        return asked.given

    async def left(self, given: ActionCommand) -> int:
        found = set(await counts(self.desk, self._asked[str(given.command_id)]))
        assert len(found) == 1, "something of it is missing, or there twice"
        return found.pop()

    async def names(self, given: ActionCommand, produced: Produced) -> bool:
        del given
        there = await ids(self.desk, produced.model, [["id", "=", produced.res_id]])
        return produced.kind == "record" and there == [produced.res_id] and self.desk.site.account.url in produced.url


class ReplyBench:
    """Everything in memory."""

    finds: State | None = State.SENDING

    def __init__(self) -> None:
        self.smtp, self._down = FakeSmtpServer(), FakeSmtpServer()
        self._down.trouble = "down"
        self.box = FakeMailbox("test")
        self.effect, self.away = self._on(self.smtp), self._on(self._down)

    def _on(self, server: FakeSmtpServer) -> Effect:
        source = {"kind": "imap", "host": "h", "username": "u", "password": "P"}
        outgoing = {"host": "localhost", "security": "none", "address": SUPPORT}
        boxes = known(Mailbox.model_validate({"id": "test", "source": source, "outgoing": outgoing}))
        clock = FakeClock()
        policy = ReplyPolicy(oldest=timedelta(days=3660))
        parts = ReplyParts(lambda _: server.connect(), MemoryReplyBook(clock), _Written(), policy)
        return AutoReply(Connections(boxes, lambda _: self.box), boxes, parts, clock)

    async def given(self, **facts: Any) -> ActionCommand:
        number = next(_RULE_NUMBERS)
        self.box.deliver(f"Message-ID: <{number}@bench.example>\r\nSubject: Offer\r\n\r\nHi\r\n".encode())
        message = (await fetched(self.box))[-1]
        people = {"sender": Address(address=f"p{number}@x.example"), "to": (Address(address=SUPPORT),)}
        event: MailArrived = event_of(message, number).model_copy(update=people | {"received_at": NOON} | facts)
        return command(event, REPLY)

    async def left(self, given: ActionCommand) -> int:
        asked = given.event.message_id
        return sum(message_from_bytes(taken.message)["In-Reply-To"] == asked for taken in self.smtp.taken)

    async def names(self, given: ActionCommand, produced: Produced) -> bool:
        del given
        copies = await fetched(self.box, "Sent")
        return any(str(produced.details["message_id"]).encode() in copy.raw for copy in copies)


class _Written(Sending):
    """It is written down, and nobody asks where."""

    def __init__(self) -> None:
        """Needs no store."""

    async def begin(self, job: Job) -> None:
        job.stage.state = State.SENDING


class _NothingOfOurs:
    """A store in which no command has made anything yet."""

    async def produced(self, subjects: list[str]) -> dict[str, Produced]:
        del subjects
        return {}


def on_mail(kind: str, opens: Callable[[Mailbox], MailboxConnection]) -> Effect:
    """The effect, put together as the service does it."""
    box = Mailbox.model_validate({"id": "test", "source": {"kind": "maildir", "path": "/unused"}})
    settings = ActionsSettings(actions_types=kind)
    (effect,) = bootstrap._effects(settings, Connections(known(box), opens), None, {}, _no_reply)
    return effect


def _no_reply() -> Any:
    raise AssertionError("nobody asked for replies")


def mail_rigs(kind: str, path: Path) -> tuple[Rig, Mailbox]:
    """A mailbox in memory or on disk, and one of the same kind that is away: nobody listens, or no disk is there."""
    if kind == "disk":
        away = {"kind": "maildir", "path": str(path / "not mounted")}
        return MaildirRig(path / "maildir"), Mailbox.model_validate({"id": "test", "source": away})
    (port,) = free_ports(1)
    source = {"kind": "imap", "host": "127.0.0.1", "port": port, "security": "none", "username": "u", "password": "P"}
    return FakeRig(), Mailbox.model_validate({"id": "test", "source": source})


def looked_at(given: ActionCommand, state: State) -> Job:
    """The command's next attempt, as it is found after a crash."""
    return job(given, attempt=2, state=state)
