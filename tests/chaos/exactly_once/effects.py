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
from tests.contract.effects.cases import IN_ODOO, ids
from tests.contract.mailbox.rigs import fetched
from tests.integration.actions.desks import OdooDesk
from tests.integration.actions.doing import event_of
from tests.servers.smtp import SmtpServer
from tests.unit.services.actions.making import command

SUPPORT = "support@company.example"
Count = Callable[[], Awaitable[int]]


class End(NamedTuple):
    """How a command ends, and how many effects there are then."""

    state: str = "succeeded"
    reason: str = ""
    effects: int = 1


UNKNOWN = ("failed", "outcome-unknown")


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
Make = Callable[[Case], Awaitable[tuple[ActionCommand, Count]]]


@dataclass(frozen=True, slots=True)
class Row:
    """`changes`: calls that change the target. `impossible`: points that it never passes, and why."""

    type: str
    make: Make
    changes: int = 1
    impossible: dict[Point, str] = field(default_factory=dict)
    ends: dict[Point, End] = field(default_factory=dict)
    needs: str = "mail.message"

    def end(self, point: Point) -> End:
        """After a kill there."""
        return self.ends.get(point, End())


def on_mail(action: dict[str, Any], place: str, flag: str | None) -> Row:
    """An effect on the mail itself: it counts where it is in that folder with that flag, and nowhere else."""

    async def make(case: Case) -> tuple[ActionCommand, Count]:
        async def count() -> int:
            places = await case.places()
            assert len(places) == 1, places
            return sum(folder == place and (flag is None or flag in flags) for folder, flags in places)

        return case.wanted(action), count

    impossible = dict.fromkeys(OF_REPLIES, "it sends no mail") | {Point.SECOND_LOST: "one call does it all"}
    return Row(action["type"], make, impossible=impossible)


def in_odoo(name: str, changes: int = 1) -> Row:
    """An effect in Odoo."""
    needs, ask = IN_ODOO[name]

    async def make(case: Case) -> tuple[ActionCommand, Count]:
        asked = await ask(case.odoo, case.wanted)

        async def count() -> int:
            return len(await ids(case.odoo, asked.model, asked.domain))

        return asked.given, count

    few = {} if changes > 1 else {Point.SECOND_LOST: "one call does it all"}
    return Row(
        name.removesuffix("_note"), make, changes, dict.fromkeys(OF_REPLIES, "it sends no mail") | few, needs=needs
    )


async def _reply(case: Case) -> tuple[ActionCommand, Count]:
    async def count() -> int:
        return case.mails()

    return case.wanted({"type": "auto_reply", "text": "We have your mail."}), count


REPLY = Row(
    "auto_reply",
    _reply,
    changes=2,
    impossible={Point.SECOND_LOST: "its second call is that for the copy"},
    ends={
        Point.SENDING: End(*UNKNOWN, effects=0),
        Point.DATA: End(*UNKNOWN, effects=0),
        Point.ANSWER_LOST: End(*UNKNOWN),
        Point.TAKEN: End(*UNKNOWN),
    },
)
CHANGES: dict[str, int] = {}
"""Calls that change Odoo, of effects that need more than one."""
ROWS = {
    "tag": on_mail({"type": "tag", "add": ["Invoice"]}, "INBOX", "Invoice"),
    "star": on_mail({"type": "star"}, "INBOX", "\\Flagged"),
    "mark_read": on_mail({"type": "mark_read"}, "INBOX", "\\Seen"),
    "move_folder": on_mail({"type": "move_folder", "folder": "Archive"}, "Archive", None),
    **{name: in_odoo(name, CHANGES.get(name, 1)) for name in IN_ODOO},
    "auto_reply": REPLY,
}
