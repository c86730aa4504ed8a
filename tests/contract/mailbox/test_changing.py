"""What every changeable mailbox promises about tags, stars and moves."""

import dataclasses

import pytest

from connectors.mailbox.changes import Changed
from connectors.mailbox.keywords import to_keyword, to_tag
from connectors.mailbox.port import FolderMissingError, MailboxConnection, MessageGoneError
from tests.contract.mailbox.rigs import Rig, fetched, mail, reference

TAGS = ("vip", "Büro 1", "日本", "100%", "a=b", "$x", 'quo"te\\', "(x)")


async def test_tags_go_round(rig: Rig, mailbox: MailboxConnection) -> None:
    rig.deliver(mail())
    [message] = await fetched(mailbox)
    await mailbox.change_tags(message.uri, TAGS, ())
    await mailbox.change_tags(message.uri, TAGS, ("not there",))
    [flags] = rig.flags()
    assert {to_tag(flag) for flag in flags} == set(TAGS)
    [again] = await fetched(mailbox)
    assert {to_tag(flag) for flag in again.flags} >= set(TAGS)
    await mailbox.change_tags(message.uri, ("neu",), TAGS[1:])
    assert rig.flags() == [{"vip", "neu"}]


async def test_only_the_named_message_is_tagged(rig: Rig, mailbox: MailboxConnection) -> None:
    for _ in range(3):
        rig.deliver(mail())
    middle = (await fetched(mailbox))[1]
    await mailbox.change_tags(middle.uri, ("vip",), ())
    assert sorted(map(len, rig.flags())) == [0, 0, 1]


async def test_case_does_not_make_a_second_tag(rig: Rig, mailbox: MailboxConnection) -> None:
    rig.deliver(mail())
    [message] = await fetched(mailbox)
    await mailbox.change_tags(message.uri, ("VIP",), ())
    await mailbox.change_tags(message.uri, ("vip",), ())
    assert rig.flags() == [{"VIP"}]


async def test_a_star_is_set_and_cleared(rig: Rig, mailbox: MailboxConnection) -> None:
    rig.deliver(mail())
    [message] = await fetched(mailbox)
    for _ in range(2):
        await mailbox.set_starred(message.uri, starred=True)
        assert rig.flags() == [{"\\Flagged"}]
    for _ in range(2):
        await mailbox.set_starred(message.uri, starred=False)
        assert rig.flags() == [set()]


async def test_a_message_is_marked_read_and_unread_and_nothing_else_changes(
    rig: Rig, mailbox: MailboxConnection
) -> None:
    for _ in range(2):
        rig.deliver(mail())
    [message, _] = await fetched(mailbox)
    await mailbox.set_starred(message.uri, starred=True)
    for _ in range(2):
        await mailbox.set_seen(message.uri, seen=True)
        assert rig.flags() == [{"\\Flagged", "\\Seen"}, set()]
    for _ in range(2):
        await mailbox.set_seen(message.uri, seen=False)
        assert rig.flags() == [{"\\Flagged"}, set()]


async def test_a_change_says_what_it_really_changed(rig: Rig, mailbox: MailboxConnection) -> None:
    rig.deliver(mail())
    [message] = await fetched(mailbox)
    uri = message.uri
    first = await mailbox.change_tags(uri, ("Büro", "vip"), ("never there",))
    assert first == Changed(uri, added=("Büro", "vip"))
    again = await mailbox.change_tags(uri, ("VIP", "neu"), ("Büro",))
    assert again == Changed(uri, added=("neu",), removed=("Büro",))
    for starred, was in ((True, False), (True, True), (False, True), (False, False)):
        assert await mailbox.set_starred(uri, starred=starred) == Changed(uri, was=was)
    for seen, was in ((True, False), (True, True), (False, True), (False, False)):
        assert await mailbox.set_seen(uri, seen=seen) == Changed(uri, was=was)


async def test_a_move_keeps_content_star_and_tags(rig: Rig, mailbox: MailboxConnection) -> None:
    for _ in range(3):
        rig.deliver(mail())
    one, two, three = await fetched(mailbox)
    await mailbox.change_tags(one.uri, ("other", "vip"), ())
    await mailbox.set_starred(two.uri, starred=True)
    await mailbox.change_tags(two.uri, ("Büro",), ())
    moved = await mailbox.move(reference(two), two.uri, "Projekte-Übersicht")
    assert [m.uri for m in await fetched(mailbox)] == [one.uri, three.uri]
    [there] = await fetched(mailbox, "Projekte-Übersicht")
    assert (there.uri, there.raw) == (moved, two.raw)
    assert rig.flags("Projekte-Übersicht") == [{"\\Flagged", to_keyword("Büro")}]


async def test_a_repeated_move_gives_the_same_place(rig: Rig, mailbox: MailboxConnection) -> None:
    rig.deliver(mail())
    [message] = await fetched(mailbox)
    moved = await mailbox.move(reference(message), message.uri, "Archive")
    assert await mailbox.move(reference(message), message.uri, "Archive") == moved
    assert await mailbox.move(reference(message), moved, "Archive") == moved
    assert await mailbox.locate(reference(message)) == moved
    assert len(rig.flags("Archive")) == 1
    assert rig.flags() == []


async def test_a_mail_without_message_id_is_moved_and_found(rig: Rig, mailbox: MailboxConnection) -> None:
    rig.deliver(mail(message_id=None))
    [message] = await fetched(mailbox)
    moved = await mailbox.move(reference(message), message.uri, "Archive")
    assert await mailbox.move(reference(message), message.uri, "Archive") == moved
    assert await mailbox.locate(reference(message)) == moved


@pytest.mark.parametrize("ident", ['<a"b\\c@x>', "<a b(c)@x>", "<ümlaut@x>", "x) DELETED (", "{5}", "<>"])
async def test_awkward_message_ids_do_no_harm(rig: Rig, mailbox: MailboxConnection, ident: str) -> None:
    rig.deliver(mail(message_id=ident))
    [message] = await fetched(mailbox)
    known = dataclasses.replace(reference(message), message_id=ident)
    moved = await mailbox.move(known, message.uri, "Archive")
    assert await mailbox.locate(known) == moved


async def test_a_move_to_a_missing_folder_names_those_there_are(rig: Rig, mailbox: MailboxConnection) -> None:
    rig.deliver(mail())
    [message] = await fetched(mailbox)
    with pytest.raises(FolderMissingError, match=r"'Nirgends'.*Archive"):
        await mailbox.move(reference(message), message.uri, "Nirgends")
    assert "Nirgends" not in await mailbox.folders()
    assert [m.uri for m in await fetched(mailbox)] == [message.uri]


async def test_changing_what_is_gone_says_so(rig: Rig, mailbox: MailboxConnection) -> None:
    rig.deliver(mail())
    [message] = await fetched(mailbox)
    rig.remove(message.uri)
    with pytest.raises(MessageGoneError):
        await mailbox.change_tags(message.uri, ("vip",), ())
    with pytest.raises(MessageGoneError):
        await mailbox.set_starred(message.uri, starred=True)
    with pytest.raises(MessageGoneError):
        await mailbox.set_seen(message.uri, seen=True)
    with pytest.raises(MessageGoneError):
        await mailbox.move(reference(message), message.uri, "Archive")


async def test_folders_are_listed(rig: Rig, mailbox: MailboxConnection) -> None:
    assert rig is not None
    assert await mailbox.folders() == ["INBOX", "Archive", "Projekte-Übersicht"]
