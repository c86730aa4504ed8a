"""One row per effect: a command for it, and how to count what it left behind."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any, NamedTuple

from connectors.mailbox.port import Fetched
from schemas.command import ActionCommand
from schemas.mail import Address
from tests.chaos.exactly_once.points import OF_REPLIES, Point
from tests.chaos.exactly_once.servers import Account
from tests.contract.effects.cases import IN_ODOO, Kind, counts, type_of
from tests.contract.mailbox.rigs import fetched
from tests.integration.actions.desks import OdooDesk
from tests.integration.actions.doing import event_of
from tests.servers.smtp import SmtpServer
from tests.unit.services.actions.making import command

SUPPORT = "support@company.example"
Counts = Callable[[], Awaitable[list[int]]]
"""How often each thing is there that the calls make, in their order."""


class End(NamedTuple):
    """How a command ends."""

    state: str = "succeeded"
    reason: str = ""


UNKNOWN = End("failed", "outcome-unknown")


@dataclass
class Case:
    """One command of one test: its mail lies in a mailbox, and its subject tells what belongs to it in Odoo."""

    account: Account
    smtp: SmtpServer
    odoo: OdooDesk
    message: Fetched

    def wanted(self, action: dict[str, Any], **facts: Any) -> ActionCommand:
        """A command for the mail, with another step after it."""
        now = datetime.now(UTC)
        given = {
            "event_id": uuid.uuid4(),
            "conversation": uuid.uuid4(),
            "received_at": now,
            "recorded_at": now,
            "subject": f"Offer {self.odoo.tag}",
            "sender": Address(address=f"{self.odoo.tag}@x.example"),
            "to": (Address(address=SUPPORT),),
        }
        event = event_of(self.message).model_copy(update=given | facts)
        following = {"id": "next", "type": "star" if action["type"] == "tag" else "tag"}
        return command(event, {"id": "act", **action}, following | ({} if action["type"] == "tag" else TAGS))

    async def places(self) -> list[tuple[str, frozenset[str]]]:
        """Each place of the mail in its account: folder and flags."""
        connection = self.account.open()
        try:
            return [
                (folder, frozenset(each.flags))
                for folder in ("INBOX", "Archive")
                for each in await fetched(connection, folder)
                if self.odoo.ident(1).encode() in each.raw and b"In-Reply-To" not in each.raw
            ]
        finally:
            await connection.close()

    def mails(self) -> int:
        """How many replies to the mail the server has taken."""
        asked = self.odoo.ident(1)
        return sum(message_from_bytes(taken.message)["In-Reply-To"] == asked for taken in self.smtp.taken)

    async def copies(self) -> int:
        """How many copies of replies to the mail are in Sent."""
        connection = self.account.open()
        try:
            sent = [message_from_bytes(each.raw) for each in await fetched(connection, "Sent")]
        finally:
            await connection.close()
        return sum(copy["In-Reply-To"] == self.odoo.ident(1) for copy in sent)


TAGS = {"add": ["Seen-by-rule"]}
Make = Callable[[Case], Awaitable[tuple[ActionCommand, Counts]]]


@dataclass(frozen=True, slots=True)
class Row:
    """`calls`: how many change the target. `impossible`: points that it never passes, and why."""

    type: str
    make: Make
    calls: int = 1
    impossible: dict[Point, str] = field(default_factory=dict)
    ends: dict[Point, End] = field(default_factory=dict)
    needs: str = "mail.message"

    def end(self, point: Point) -> End:
        """After a kill there."""
        return self.ends.get(point, End())


def on_mail(action: dict[str, Any], place: str, flag: str | None) -> Row:
    """An effect on the mail itself: it counts where it is in that folder with that flag, and nowhere else."""

    async def make(case: Case) -> tuple[ActionCommand, Counts]:
        async def count() -> list[int]:
            places = await case.places()
            assert len(places) == 1, places
            return [sum(folder == place and (flag is None or flag in flags) for folder, flags in places)]

        return case.wanted(action), count

    impossible = dict.fromkeys(OF_REPLIES, "it sends no mail") | {Point.SECOND_LOST: "one call does it all"}
    return Row(action["type"], make, impossible=impossible)


def in_odoo(name: str, kind: Kind) -> Row:
    """An effect in Odoo."""

    async def make(case: Case) -> tuple[ActionCommand, Counts]:
        asked = await kind.case(case.odoo, case.wanted)
        return asked.given, lambda: counts(case.odoo, asked)

    impossible = dict.fromkeys(OF_REPLIES, "it sends no mail")
    if kind.calls == 1:
        impossible[Point.SECOND_LOST] = "one call does it all"
    return Row(type_of(name), make, kind.calls, impossible, needs=kind.needs)


async def _reply(case: Case) -> tuple[ActionCommand, Counts]:
    async def count() -> list[int]:
        return [case.mails(), await case.copies()]

    return case.wanted({"type": "auto_reply", "text": "We have your mail."}), count


REPLY = Row(
    "auto_reply",
    _reply,
    calls=2,
    impossible={Point.SECOND_LOST: "its second call is that for the copy"},
    ends=dict.fromkeys((Point.SENDING, Point.DATA, Point.ANSWER_LOST, Point.TAKEN), UNKNOWN),
)
ROWS = {
    "tag": on_mail({"type": "tag", "add": ["Invoice"]}, "INBOX", "Invoice"),
    "star": on_mail({"type": "star"}, "INBOX", "\\Flagged"),
    "mark_read": on_mail({"type": "mark_read"}, "INBOX", "\\Seen"),
    "move_folder": on_mail({"type": "move_folder", "folder": "Archive"}, "Archive", None),
    **{name: in_odoo(name, kind) for name, kind in IN_ODOO.items()},
    "auto_reply": REPLY,
}
