"""What every changeable mailbox promises about many messages at once: each answers as it would alone."""

import pytest

from connectors.mailbox.changes import Changed, Move, SeenChange, StarChange, TagChange
from connectors.mailbox.port import Fetched, FolderMissingError, MailboxConnection, MessageGoneError, Reference
from tests.contract.mailbox.rigs import Rig, fetched, mail, reference


async def delivered(rig: Rig, mailbox: MailboxConnection, count: int) -> list[Fetched]:
    for _ in range(count):
        rig.deliver(mail())
    return await fetched(mailbox)


def places(messages: list[Fetched]) -> list[tuple[Reference, str]]:
    return [(reference(message), message.uri) for message in messages]


async def test_many_are_tagged_and_each_says_what_it_lacked(rig: Rig, mailbox: MailboxConnection) -> None:
    messages = await delivered(rig, mailbox, 7)
    await mailbox.change_tags(messages[2].uri, ("Büro",), ())
    await mailbox.change_tags(messages[4].uri, ("old", "vip"), ())
    answers = await mailbox.change_many(TagChange(("Büro", "vip"), ("old",)), places(messages))
    assert answers == [
        Changed(
            message.uri,
            added={2: ("vip",), 4: ("Büro",)}.get(number, ("Büro", "vip")),
            removed=("old",) if number == 4 else (),
        )
        for number, message in enumerate(messages)
    ]
    assert rig.flags() == [{"B=C3=BCro", "vip"}] * 7


STARS = (StarChange(starred=True), StarChange(starred=False))
SEEN = (SeenChange(seen=True), SeenChange(seen=False))


@pytest.mark.parametrize(("set_it", "clear_it"), [STARS, SEEN])
async def test_flags_of_many_are_set_and_cleared(
    rig: Rig, mailbox: MailboxConnection, set_it: StarChange | SeenChange, clear_it: StarChange | SeenChange
) -> None:
    messages = await delivered(rig, mailbox, 3)
    await mailbox.change_many(set_it, places(messages[1:2]))
    answers = await mailbox.change_many(set_it, places(messages))
    assert answers == [Changed(m.uri, was=number == 1) for number, m in enumerate(messages)]
    assert all(len(flags) == 1 for flags in rig.flags())
    assert await mailbox.change_many(clear_it, places(messages)) == [Changed(m.uri, was=True) for m in messages]
    assert rig.flags() == [set()] * 3


async def test_many_are_moved_and_each_is_known_where_it_went(rig: Rig, mailbox: MailboxConnection) -> None:
    rig.deliver(mail(), "Archive")
    messages = await delivered(rig, mailbox, 6)
    scrambled = [messages[number] for number in (4, 0, 5, 2, 1)]
    answers = await mailbox.change_many(Move("Archive"), places(scrambled))
    for message, answer in zip(scrambled, answers, strict=True):
        assert isinstance(answer, Changed), answer
        assert await mailbox.read(answer.uri) == message.raw
        assert await mailbox.locate(reference(message)) == answer.uri
    assert (len(rig.flags()), len(rig.flags("Archive"))) == (1, 6)
    assert await mailbox.change_many(Move("Archive"), places(scrambled)) == answers


async def test_one_that_is_gone_or_elsewhere_answers_alone(rig: Rig, mailbox: MailboxConnection) -> None:
    messages = await delivered(rig, mailbox, 5)
    rig.remove(messages[1].uri)
    rig.steal(messages[3].uri, "Archive")
    located = await mailbox.locate_many([reference(message) for message in messages])
    assert isinstance(located[1], MessageGoneError)
    assert "Archive" in str(located[3])
    assert [located[number] for number in (0, 2, 4)] == [messages[number].uri for number in (0, 2, 4)]
    answers = await mailbox.change_many(StarChange(starred=True), places(messages))
    assert [type(answer) for answer in answers] == [Changed, MessageGoneError, Changed, MessageGoneError, Changed]
    assert rig.flags() == [{"\\Flagged"}] * 3
    assert "\\Flagged" not in rig.flags("Archive")[0]
    moved = await mailbox.change_many(Move("Archive"), places(messages))
    assert [type(answer) for answer in moved] == [Changed, MessageGoneError, Changed, Changed, Changed]
    assert len(rig.flags("Archive")) == 4


async def test_a_missing_folder_is_each_ones_answer(rig: Rig, mailbox: MailboxConnection) -> None:
    messages = await delivered(rig, mailbox, 2)
    answers = await mailbox.change_many(Move("Nirgends"), places(messages))
    assert [type(answer) for answer in answers] == [FolderMissingError] * 2
    assert [m.uri for m in await fetched(mailbox)] == [m.uri for m in messages]


async def test_nothing_at_once_is_nothing(rig: Rig, mailbox: MailboxConnection) -> None:
    assert rig is not None
    assert await mailbox.locate_many([]) == []
    assert await mailbox.change_many(StarChange(starred=True), []) == []
