"""tag, star, mark_read and move_folder on the fake, on a Maildir, and on a real Dovecot with and without MOVE."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.mailbox.changes import Change, Changed
from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.port import Fetched, MailboxConnection, Reference
from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError
from schemas.mailbox import Mailbox, MaildirSource
from schemas.result import Produced
from services.actions.connections import Connections
from services.actions.effects.mark_read import MarkRead
from services.actions.effects.move_folder import MoveFolder
from services.actions.effects.port import DeclinedError
from services.actions.effects.star import Star
from services.actions.effects.tag import Tag
from tests.contract.mailbox.rigs import FakeRig, ImapRig, MaildirRig, MboxRig, Rig, fetched, mail
from tests.integration.actions.doing import act, done, event_of, refused, wanted
from tests.servers.dovecot import running_dovecot
from tests.unit.services.actions.fakes import job
from tests.unit.services.actions.making import known


@pytest.fixture(params=["fake", "maildir", "dovecot", "dovecot without MOVE"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A mailbox of each kind that can be changed."""
    if request.param == "fake":
        yield FakeRig()
    elif request.param == "maildir":
        yield MaildirRig(tmp_path / "maildir")
    else:
        with running_dovecot(tmp_path, move=request.param == "dovecot") as server:
            yield ImapRig(server)


def connections(rig: Rig) -> Connections:
    """To the mailbox `test`."""
    box = Mailbox(id="test", source=MaildirSource(kind="maildir", path="/unused"))
    return Connections(known(box), lambda _: rig.open())


async def seen(rig: Rig, folder: str = "INBOX") -> list[Fetched]:
    """The messages of a folder, by a connection of its own."""
    connection = rig.open()
    try:
        return await fetched(connection, folder)
    finally:
        await connection.close()


async def test_tags_are_added_and_removed_and_a_repeat_changes_nothing(rig: Rig) -> None:
    held = connections(rig)
    rig.deliver(mail())
    (message,) = await seen(rig)
    event = event_of(message)
    both: list[str] = ["Invoice", "Müller"]
    for added, unchanged in ((both, []), ([], both)):
        produced = await done(Tag(held), wanted(event, type="tag", add=["Invoice", "Müller"]))
        assert produced.text == "tagged Invoice, Müller"
        assert produced.details == {"added": added, "removed": [], "unchanged": unchanged}
        assert len(rig.flags()[0] - {"\\Seen"}) == 2
    produced = await done(Tag(held), wanted(event, type="tag", add=["Paid"], remove=["Invoice", "never there"]))
    assert produced.details == {"added": ["Paid"], "removed": ["Invoice"], "unchanged": ["never there"]}
    assert len(rig.flags()[0]) == 2
    await held.close()


async def test_a_star_is_set_and_taken_away(rig: Rig) -> None:
    held = connections(rig)
    rig.deliver(mail())
    (message,) = await seen(rig)
    flagged = {"\\Flagged"}
    given = ((True, flagged, False), (True, flagged, True), (False, set[str](), True), (False, set[str](), False))
    for starred, flags, was in given:
        produced = await done(Star(held), wanted(event_of(message), type="star", starred=starred))
        assert produced.details == {"was": was}
        assert rig.flags() == [flags]
    await held.close()


async def test_a_mail_is_marked_read_and_unread(rig: Rig) -> None:
    held = connections(rig)
    rig.deliver(mail())
    (message,) = await seen(rig)
    given = [(True, {"\\Seen"}, "marked as read"), (False, set(), "marked as unread")]
    for read, flags, text in given:
        for was in (not read, read):
            produced = await done(MarkRead(held), wanted(event_of(message), type="mark_read", read=read))
            assert produced.details == {"was": was}
            assert (produced.kind, produced.uri, produced.text) == ("mailbox", message.uri, text)
            assert rig.flags() == [flags]
    await held.close()


async def test_a_move_leaves_one_copy_and_a_repeat_finds_it(rig: Rig) -> None:
    held = connections(rig)
    rig.deliver(mail())
    (message,) = await seen(rig)
    given = wanted(event_of(message), type="move_folder", folder="Archive")
    first = await done(MoveFolder(held), given)
    again = await done(MoveFolder(held), given)
    assert first.uri == again.uri != message.uri
    assert first.details == {"folder": "Archive", "from": message.uri}
    assert (len(await seen(rig)), len(await seen(rig, "Archive"))) == (0, 1)
    await done(Star(held), wanted(event_of(message), type="star"))
    assert rig.flags("Archive") == [{"\\Flagged"}]
    await held.close()


async def test_a_folder_that_is_missing_is_named_and_never_made(rig: Rig) -> None:
    held = connections(rig)
    rig.deliver(mail())
    (message,) = await seen(rig)
    given = wanted(event_of(message), type="move_folder", folder="Nowhere")
    error = await refused(MoveFolder(held), given)
    assert isinstance(error, PermanentError)
    assert error.code == "folder-missing"
    assert "Nowhere" in error.text
    with pytest.raises(PermanentError, match="Nowhere"):
        await MoveFolder(held).plan(job(given))
    assert len(await seen(rig)) == 1
    await held.close()


async def test_a_mail_that_others_moved_is_found_and_one_that_is_gone_is_declined(rig: Rig) -> None:
    held = connections(rig)
    for _ in range(2):
        rig.deliver(mail())
    moved, removed = await seen(rig)
    rig.steal(moved.uri, "Archive")
    rig.remove(removed.uri)
    await done(Star(held), wanted(event_of(moved), type="star"))
    assert "\\Flagged" in rig.flags("Archive")[0]
    error = await refused(Star(held), wanted(event_of(removed), type="star"))
    assert isinstance(error, DeclinedError)
    assert error.code == "message-gone"
    await held.close()


async def test_planning_touches_nothing(rig: Rig) -> None:
    held = connections(rig)
    rig.deliver(mail())
    (message,) = await seen(rig)
    event = event_of(message)
    plans = [
        await Tag(held).plan(job(wanted(event, type="tag", add=["x"], remove=["y"]))),
        await Star(held).plan(job(wanted(event, type="star"))),
        await MoveFolder(held).plan(job(wanted(event, type="move_folder", folder="Archive"))),
        await MarkRead(held).plan(job(wanted(event, type="mark_read"))),
    ]
    texts = ["would tag x; would untag y", "would star", "would move to Archive", "would mark as read"]
    assert [plan.text for plan in plans] == texts
    assert rig.flags() == [set()]
    await held.close()


async def test_many_mails_in_one_call(rig: Rig) -> None:
    held = connections(rig)
    for _ in range(30):
        rig.deliver(mail())
    events = [event_of(message, number) for number, message in enumerate(await seen(rig), 1)]
    answers = await act(Tag(held), *(wanted(event, type="tag", add=["Seen"]) for event in events))
    assert all(isinstance(answer, Produced) for answer in answers)
    assert all(rig.flags())
    await held.close()


async def test_a_read_only_source_is_declined(tmp_path: Path) -> None:
    rig = MboxRig(tmp_path / "mbox")
    held = connections(rig)
    rig.deliver(mail())
    (message,) = await seen(rig)
    error = await refused(Star(held), wanted(event_of(message), type="star"))
    assert isinstance(error, DeclinedError)
    assert error.code == "read-only"


async def test_each_of_many_mails_has_its_own_answer(rig: Rig) -> None:
    held = connections(rig)
    for _ in range(6):
        rig.deliver(mail())
    messages = await seen(rig)
    rig.remove(messages[1].uri)
    rig.steal(messages[4].uri, "Projekte-Übersicht")
    folders = ("Archive", "Archive", "Nowhere", "INBOX", "Archive", "Archive")
    answers = await act(
        MoveFolder(held),
        *(
            wanted(event_of(message, number), type="move_folder", folder=folder)
            for number, (message, folder) in enumerate(zip(messages, folders, strict=True), 1)
        ),
    )
    codes = [answer.code if isinstance(answer, MaildeskError) else "moved" for answer in answers]
    assert codes == ["moved", "message-gone", "folder-missing", "moved", "moved", "moved"]
    for number in (0, 4, 5):
        answer = answers[number]
        assert isinstance(answer, Produced)
        assert next(m.raw for m in await seen(rig, "Archive") if m.uri == answer.uri) == messages[number].raw
    assert [m.raw for m in await seen(rig)] == [messages[2].raw, messages[3].raw]
    await held.close()


class Moving(FakeMailbox):
    """Another rule's action moves the message between the look and the change, `times` times."""

    times = 1

    async def locate(self, reference: Reference) -> str:
        found = await super().locate(reference)
        if self.times:
            self.times -= 1
            await super().move(reference, found, "Sent" if "Archive" in found else "Archive")
        return found


@pytest.mark.parametrize(("times", "code"), [(1, ""), (2, "message-gone")])
async def test_a_mail_that_is_moved_in_between_is_located_again_once(times: int, code: str) -> None:
    box = Moving("test")
    box.times = times
    box.deliver(mail())
    held = Connections(known(Mailbox(id="test", source=MaildirSource(kind="maildir", path="/x"))), lambda _: box)
    (message,) = await fetched(box)
    (answer,) = await act(Tag(held), wanted(event_of(message), type="tag", add=["x"]))
    if code:
        assert isinstance(answer, DeclinedError)
        assert answer.code == code
    else:
        assert isinstance(answer, Produced)
        assert "Archive" in answer.uri


async def test_what_is_wanted_of_one_mail_twice_is_done_in_its_order() -> None:
    box = FakeMailbox("test")
    for _ in range(2):
        box.deliver(mail())
    held = Connections(known(Mailbox(id="test", source=MaildirSource(kind="maildir", path="/x"))), lambda _: box)
    one, two = await fetched(box)
    given = [(one, True), (two, False), (one, False), (two, True)]
    answers = await act(Star(held), *(wanted(event_of(m), type="star", starred=starred) for m, starred in given))
    found = [answer.details for answer in answers if isinstance(answer, Produced)]
    assert found == [{"was": False}, {"was": False}, {"was": True}, {"was": False}]
    assert [message.flags for message in await fetched(box)] == [(), ("\\Flagged",)]


class Stuck(FakeMailbox):
    """Changes nothing, and gives no answer."""

    async def change_many(
        self, change: Change, places: Sequence[tuple[Reference, str]]
    ) -> list[Changed | MaildeskError]:
        await asyncio.sleep(30)
        raise AssertionError((change, places))


async def test_one_account_that_is_down_or_slow_does_not_take_the_others_along() -> None:
    boxes = {name: FakeMailbox(name) for name in ("good", "down", "slow")} | {"stuck": Stuck("stuck")}
    boxes["down"].faults.down = True

    class Hanging(Star):
        seconds = 5.2

    def opened(box: Mailbox) -> MailboxConnection:
        return boxes[box.id]

    held = Connections(known(*(Mailbox(id=n, source=MaildirSource(kind="maildir", path="/x")) for n in boxes)), opened)
    commands = []
    for name, box in boxes.items():
        for _ in range(2):
            box.deliver(mail())
        commands += [
            wanted(event_of(message).model_copy(update={"mailbox": name}), type="star", starred=number == 0)
            for number, message in enumerate([] if name == "down" else await fetched(box))
        ]
    event = commands[0].event.model_copy(update={"mailbox": "down"})
    commands += [wanted(event, type="star")] * 2
    boxes["slow"].faults.delay = 30.0
    async with asyncio.timeout(3):
        answers = await act(Hanging(held), *commands)
    assert [type(answer) for answer in answers] == [
        *(Produced, Produced),
        *(TargetDownError, TargetDownError),  # slow: they were only looked for
        *(OutcomeUnknownError, TargetDownError),  # stuck: the second change was not begun
        *(TargetDownError, TargetDownError),
    ]
