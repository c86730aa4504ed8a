"""The effect on fakes of everything: what goes out, and what is left by a death at each numbered point."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from email import message_from_bytes
from typing import Any
from uuid import UUID

import pytest

from connectors.mailbox.fake import FakeMailbox
from connectors.smtp.fake import TAKEN, FakeSmtp, FakeSmtpServer, Trouble
from runtime.clock import FakeClock
from runtime.errors import TargetDownError
from schemas.command import ActionCommand
from schemas.mail import Address
from schemas.mailbox import Mailbox
from services.actions.connections import Connections
from services.actions.effects.auto_reply import AutoReply, ReplyParts, ReplyPolicy
from services.actions.model import Job
from services.actions.replies.caps import Cap, Caps
from services.actions.replies.memory_book import MemoryReplyBook
from services.actions.sending import Sending
from services.actions.states import State
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import known, mailbox, publish
from tests.unit.services.actions.replies.answered import OUTGOING, SUPPORT, asked, box, reply_to
from tests.unit.services.actions.rig import Rig

IMAP = {"kind": "imap", "host": "h", "username": "u", "password": "P"}
At = Callable[[str], Awaitable[None]]


class Died(BaseException):
    """As SIGKILL: nothing is caught, nothing more is written down."""


class WatchedBook(MemoryReplyBook):
    """Passes points of its own."""

    def __init__(self, clock: FakeClock, at: At) -> None:
        super().__init__(clock)
        self._at = at

    async def admit(self, command: UUID, mailbox: str, caps: list[Cap]) -> None:
        await self._at("1 before it is counted")
        await super().admit(command, mailbox, caps)
        await self._at("2 counted")

    async def note_taken(self, command: UUID) -> None:
        await self._at("8 answered")
        await super().note_taken(command)
        await self._at("9 the answer is noted")


class WatchedSending(Sending):
    """Passes points of its own."""

    at: At

    async def begin(self, job: Job) -> None:
        await self.at("5 before it is written down that it sends")
        await super().begin(job)


class WatchedMailbox(FakeMailbox):
    """Passes a point of its own."""

    at: At

    async def append(self, folder: str, raw: bytes, message_id: str) -> str:
        uri = await super().append(folder, raw, message_id)
        await self.at("10 the copy is made")
        return uri


SMTP_POINTS = {
    "before prepare": "3 before the server is asked",
    "prepared": "4 the recipient is accepted",
    "before the message": "6 before DATA",
    "before its answer": "7 after DATA, before its answer",
}
POINTS = [
    "1 before it is counted",
    "2 counted",
    "3 before the server is asked",
    "4 the recipient is accepted",
    "5 before it is written down that it sends",
    "6 before DATA",
    "7 after DATA, before its answer",
    "8 answered",
    "9 the answer is noted",
    "10 the copy is made",
]
UNKNOWN = {"6 before DATA", "7 after DATA, before its answer", "8 answered"}
"""Between the mark and the note of the answer."""


class House:
    """A worker with an effect on fakes. It dies at `dies_at`."""

    def __init__(self, *boxes: Mailbox, caps: Caps | None = None, **policy: Any) -> None:
        self.dies_at = ""
        self.passed: list[str] = []
        self.smtp = FakeSmtpServer()
        self.smtp.at = lambda point: self.pass_point(SMTP_POINTS[point])
        self.mail = WatchedMailbox("support")
        self.mail.at = self.pass_point
        self.registry = known(*(boxes or (box(source=IMAP),)))
        self.rig = Rig(mailboxes=self.registry, **policy)
        self.book = WatchedBook(self.rig.clock, self.pass_point)
        sending = WatchedSending(self.rig.store)
        sending.at = self.pass_point
        parts = ReplyParts(self._connect, self.book, sending, ReplyPolicy(caps or Caps(), timedelta(days=366)))
        self.effect = AutoReply(Connections(self.registry, lambda _: self.mail), self.registry, parts, self.rig.clock)
        self.rig = Rig(self.effect, beside=self.rig, mailboxes=self.registry, **policy)  # type: ignore[arg-type]

    def _connect(self, mailbox: Mailbox) -> FakeSmtp:
        assert mailbox.outgoing is not None
        return self.smtp.connect()

    async def pass_point(self, point: str) -> None:
        self.passed.append(point)
        if point == self.dies_at:
            raise Died

    async def dies(self, given: ActionCommand, point: str) -> None:
        self.dies_at = point
        with pytest.raises(Died):
            await self.rig.handle(given)
        self.dies_at = ""

    async def restarts(self) -> None:
        """As the process does at start, and then its sweeper until all is quiet."""
        await self.rig.store.expire_own_leases(self.rig.policy.worker, ["auto_reply"])
        for _ in range(4):
            await self.rig.sweep(60.0)

    @property
    def copies(self) -> list[bytes]:
        return [message.raw or b"" for message in self.mail.stored["Sent"].messages.values()]

    def ends(self, given: ActionCommand) -> tuple[str, str]:
        last = self.rig.last(given)
        return last.state, last.reason


async def test_a_reply_goes_out_once_with_a_copy_in_sent() -> None:
    house = House()
    given = reply_to()
    await house.rig.handle(given, given)
    assert house.passed == POINTS
    (taken,) = house.smtp.taken
    assert (taken.sender, taken.recipient) == (SUPPORT, "anna@example.org")
    assert house.copies == [taken.message]
    assert [m.flags for m in house.mail.stored["Sent"].messages.values()] == [("\\Seen",)]
    last = house.rig.last(given)
    assert (last.state, last.text) == ("succeeded", "replied to anna@example.org")
    assert last.produced.details["message_id"] == message_from_bytes(taken.message)["Message-ID"]
    assert house.rig.store.tables.placements == {}
    assert house.smtp.open_connections == 0


@pytest.mark.parametrize("point", POINTS)
async def test_exactly_once_auto_reply_killed_at(point: str) -> None:
    house, given = House(), reply_to()
    await house.dies(given, point)
    await house.restarts()
    assert len(house.smtp.taken) <= 1
    assert len(house.copies) <= 1
    if point in UNKNOWN:
        assert house.ends(given) == ("failed", "outcome-unknown")
        assert len(house.smtp.taken) == (point != "6 before DATA")
        assert house.copies == []
    else:
        assert house.ends(given) == ("succeeded", "")
        assert (len(house.smtp.taken), len(house.copies)) == (1, 1)
    assert [r.state for r in house.rig.results(given)].count("succeeded") == (point not in UNKNOWN)


@pytest.mark.parametrize("first", POINTS)
@pytest.mark.parametrize("second", POINTS)
async def test_two_deaths_never_give_two_mails(first: str, second: str) -> None:
    house, given = House(), reply_to()
    await house.dies(given, first)
    await house.rig.store.expire_own_leases(house.rig.policy.worker, ["auto_reply"])
    house.dies_at = second
    try:
        await house.rig.sweep()
    except Died:
        house.dies_at = ""
    house.dies_at = ""
    await house.restarts()
    assert len(house.smtp.taken) <= 1
    assert len(house.copies) <= 1
    assert house.ends(given) in {("succeeded", ""), ("failed", "outcome-unknown")}
    assert house.ends(given)[0] == "failed" or len(house.smtp.taken) == 1


async def test_a_copy_that_the_server_put_into_sent_settles_an_unknown_outcome() -> None:
    house, given = House(), reply_to()
    await house.dies(given, "7 after DATA, before its answer")
    house.mail.deliver(house.smtp.taken[0].message, "Sent")
    await house.restarts()
    assert house.ends(given) == ("succeeded", "")
    assert "Sent shows" in house.rig.last(given).text
    assert len(house.smtp.taken) == 1


@pytest.mark.parametrize(
    "trouble", ["down", "recipient later", "closing", "lost at data", "lost in message", "message later"]
)
async def test_what_surely_was_not_taken_is_sent_again(trouble: Trouble) -> None:
    house, given = House(), reply_to()
    house.smtp.trouble = trouble
    await house.rig.handle(given)
    assert house.rig.state(given) is State.RETRY_WAIT
    house.smtp.trouble = None
    await house.restarts()
    assert (house.ends(given), len(house.smtp.taken), len(house.copies)) == (("succeeded", ""), 1, 1)


@pytest.mark.parametrize("trouble", ["recipient refused", "data refused", "message refused"])
async def test_a_refusal_is_the_end(trouble: Trouble) -> None:
    house, given = House(), reply_to()
    house.smtp.trouble = trouble
    await house.rig.handle(given)
    assert (house.ends(given), house.smtp.taken, house.copies) == (("failed", "smtp-refused"), [], [])


@pytest.mark.parametrize("trouble", TAKEN)
async def test_an_answer_that_was_lost_leaves_the_outcome_unknown(trouble: Trouble) -> None:
    house, given = House(), reply_to()
    house.smtp.trouble = trouble
    await house.rig.handle(given)
    assert house.rig.state(given) is State.SENDING
    house.smtp.trouble = None
    await house.restarts()
    assert house.ends(given) == ("failed", "outcome-unknown")
    assert len(house.smtp.taken) == 1


async def test_a_mailbox_that_is_down_delays_the_copy_not_the_success() -> None:
    house, given = House(), reply_to()
    house.mail.faults.down = True
    await house.rig.handle(given)
    assert (house.rig.state(given), house.rig.last(given).reason) == (State.SENDING, "copy-waits")
    house.mail.faults.down = False
    await house.restarts()
    assert (house.ends(given), len(house.smtp.taken), len(house.copies)) == (("succeeded", ""), 1, 1)


async def test_a_mailbox_that_is_down_is_no_fault_of_the_smtp_server() -> None:
    house = House()
    house.mail.faults.down = True
    for number in range(1, 6):
        sender = Address(address=f"person{number}@example.org")
        await house.rig.handle(reply_to(asked(number, conversation=number, sender=sender)))
    assert len(house.smtp.taken) == 5
    assert not house.rig.circuits.is_open("smtp:support")


async def test_a_copy_that_can_never_be_made_is_said_and_the_reply_has_succeeded() -> None:
    house, given = House(), reply_to()
    house.mail.faults.down = True
    await house.rig.handle(given)
    for _ in range(12):
        await house.rig.sweep(400.0)
    assert house.ends(given) == ("succeeded", "")
    assert "without a copy" in house.rig.last(given).text
    assert len(house.smtp.taken) == 1
    house = House()
    del house.mail.stored["Sent"]
    await house.rig.handle(given)
    assert (house.ends(given), "no folder 'Sent'" in house.rig.last(given).text) == (("succeeded", ""), True)


@pytest.mark.parametrize("source", [{**IMAP, "sent": None}, {"kind": "mbox", "path": "/x"}])
async def test_a_mailbox_without_a_sent_folder(source: dict[str, Any]) -> None:
    house, given = House(box(source=source)), reply_to()
    await house.rig.handle(given)
    assert (house.ends(given), "no Sent folder" in house.rig.last(given).text) == (("succeeded", ""), True)
    house = House(box(source=source))
    await house.dies(given, "7 after DATA, before its answer")
    await house.restarts()
    assert house.ends(given) == ("failed", "outcome-unknown")


async def test_a_mailbox_that_does_not_say_how_it_sends() -> None:
    house, given = House(mailbox("support")), reply_to()
    await house.rig.handle(given)
    assert house.ends(given) == ("failed", "smtp-not-configured")
    assert "outgoing" in house.rig.last(given).text


async def test_what_is_not_answered_says_why_and_asks_nobody() -> None:
    for event, code in (
        (asked(headers=(("Precedence", "bulk"),)), "precedence"),
        (asked(sender=Address(address=SUPPORT)), "own-address"),
        (asked(sender=Address(address="ä@example.org")), "address-unusable"),
        (asked(to=()), "not-addressed"),
    ):
        house, given = House(), reply_to(event)
        await house.rig.handle(given)
        assert house.ends(given) == ("skipped", code)
        assert (house.passed, house.smtp.open_connections, house.smtp.taken) == ([], 0, [])


async def test_an_old_mail_is_not_answered() -> None:
    house, given = House(), reply_to(asked(received_at=FakeClock().now() - timedelta(days=367)))
    await house.rig.handle(given)
    assert house.ends(given) == ("skipped", "too-old")


async def test_the_caps_hold_over_conversations_and_retries() -> None:
    house = House(caps=Caps(sender=(2, 2, 2), mailbox=(9, 9, 9)))
    commands = [reply_to(asked(n, conversation=n)) for n in range(1, 4)]
    house.smtp.trouble = "recipient later"
    await house.rig.handle(commands[0])
    house.smtp.trouble = None
    await house.rig.handle(commands[1])
    await house.rig.handle(commands[2])
    await house.restarts()
    assert [house.ends(each) for each in commands] == [("succeeded", ""), ("succeeded", ""), ("skipped", "reply-cap")]
    assert len(house.smtp.taken) == 2


async def test_one_reply_per_thread_where_the_rule_says_so() -> None:
    house = House()
    action = {"id": "reply", "type": "auto_reply", "text": "x", "scope": "thread"}
    first, second = (reply_to(asked(n), action=action) for n in (1, 2))
    await house.rig.handle(first)
    await house.rig.handle(second)
    assert (house.ends(first), house.ends(second)) == (("succeeded", ""), ("skipped", "duplicate"))
    assert len(house.smtp.taken) == 1


async def test_a_dry_run_says_whom_it_would_answer_or_why_not() -> None:
    house, given = House(), reply_to(run="m1", dry_run=True)
    await house.rig.handle(given)
    assert (house.ends(given)[0], house.rig.last(given).text) == ("planned", "would reply to anna@example.org")
    other = reply_to(asked(2, headers=(("List-Id", "x"),)), run="m1", dry_run=True)
    await house.rig.handle(other)
    assert house.ends(other) == ("skipped", "list-header")
    assert (house.passed, house.smtp.taken, house.copies) == ([], [], [])


async def test_a_mailbox_that_stops_sending_meanwhile_loses_no_success() -> None:
    house, given = House(), reply_to()
    await house.dies(given, "9 the answer is noted")
    publish(house.registry, mailbox("support"))
    await house.restarts()
    assert house.ends(given) == ("succeeded", "")


async def test_a_slow_server_loses_its_own_answer_only() -> None:
    class Quick(AutoReply):
        seconds = 10.05

    house = House()
    quick = Quick.__new__(Quick)
    quick.__dict__.update(house.effect.__dict__)
    house.smtp.delay = 5.0
    (answer,) = await quick.do([job(reply_to())])
    assert isinstance(answer, TargetDownError)
    assert (house.smtp.taken, house.smtp.open_connections) == ([], 0)


def test_it_is_sent_by_the_mailboxs_own_server() -> None:
    house = House()
    assert house.effect.target(reply_to()) == "smtp:support"
    assert OUTGOING["address"] == SUPPORT
