"""What every changeable mailbox promises about copies of what we sent: there once, read, and found again."""

from pathlib import Path

import pytest

from connectors.mailbox.port import FolderMissingError, MailboxConnection, ReadOnlyError
from connectors.mailbox.uri import ImapUri
from runtime.errors import OutcomeUnknownError, TargetDownError
from tests.contract.mailbox.rigs import FakeRig, ImapRig, MboxRig, Rig, fetched, mail
from tests.servers.cutting_proxy import cutting_proxy
from tests.servers.dovecot import running_dovecot

ID = "<maildesk.0123456789abcdef@company.example>"
COPY = mail("Re: Grüße", message_id=ID)


async def test_a_copy_is_there_once_and_read(rig: Rig, mailbox: MailboxConnection) -> None:
    assert await mailbox.find_copy("Archive", ID) is None
    uri = await mailbox.append("Archive", COPY, ID)
    assert await mailbox.append("Archive", COPY, ID) == uri
    assert await mailbox.find_copy("Archive", ID) == uri
    (there,) = await fetched(mailbox, "Archive")
    assert (there.raw, there.uri) == (COPY, uri)
    assert await mailbox.read(uri) == COPY
    assert rig.flags("Archive") == [{"\\Seen"}]
    assert await fetched(mailbox) == []


async def test_a_copy_that_the_server_or_a_person_made_counts(rig: Rig, mailbox: MailboxConnection) -> None:
    rig.deliver(COPY, "Archive")
    uri = await mailbox.find_copy("Archive", ID)
    assert uri is not None
    assert await mailbox.append("Archive", COPY, ID) == uri
    assert len(await fetched(mailbox, "Archive")) == 1


async def test_ids_that_only_look_alike_do_not_count(rig: Rig, mailbox: MailboxConnection) -> None:
    rig.deliver(mail(message_id=ID.replace("maildesk.", "x-maildesk.")), "Archive")
    rig.deliver(mail(message_id=ID[:-1] + ".other>"), "Archive")
    rig.deliver(mail(message_id=None) + f"Message-ID: {ID}\r\n".encode(), "Archive")
    rig.deliver(mail(message_id=f"<x@y>\r\nReferences: {ID}"), "Archive")
    assert await mailbox.find_copy("Archive", ID) is None
    await mailbox.append("Archive", COPY, ID)
    assert len(await fetched(mailbox, "Archive")) == 5


async def test_a_folder_with_a_name_beyond_ascii(mailbox: MailboxConnection) -> None:
    uri = await mailbox.append("Projekte-Übersicht", COPY, ID)
    assert await mailbox.find_copy("Projekte-Übersicht", ID) == uri


async def test_a_folder_that_is_missing_is_named_and_never_made(mailbox: MailboxConnection) -> None:
    for call in (mailbox.find_copy("Nowhere", ID), mailbox.append("Nowhere", COPY, ID)):
        with pytest.raises(FolderMissingError, match="Nowhere"):
            await call
    assert "Nowhere" not in await mailbox.folders()


async def test_a_read_only_source_refuses(tmp_path: Path) -> None:
    box = MboxRig(tmp_path / "mbox").open()
    for call in (box.find_copy("INBOX", ID), box.append("INBOX", COPY, ID)):
        with pytest.raises(ReadOnlyError):
            await call


@pytest.mark.parametrize("lose", ["lose_before", "lose_after"])
async def test_a_break_and_a_repeat_leave_one(lose: str) -> None:
    rig = FakeRig()
    setattr(rig.mailbox.faults, lose, 1)
    with pytest.raises(TargetDownError if lose == "lose_before" else OutcomeUnknownError):
        await rig.mailbox.append("Archive", COPY, ID)
    await rig.mailbox.append("Archive", COPY, ID)
    assert len(rig.flags("Archive")) == 1


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_line_that_breaks_at_append_and_a_repeat_leave_one(tmp_path: Path, when: str) -> None:
    with running_dovecot(tmp_path) as server, cutting_proxy(server.host, server.port) as proxy:
        rig = ImapRig(server, port=proxy.port)
        box = rig.open()
        proxy.cut_at(b"Re: Gr", "before" if when == "before" else "after")
        with pytest.raises(OutcomeUnknownError):
            await box.append("Archive", COPY, ID)
        uri = await box.append("Archive", COPY, ID)
        assert ImapUri.parse(uri, "test").folder == "Archive"
        assert len(rig.flags("Archive")) == 1
        await box.close()


async def test_a_server_without_uidplus_is_asked_where_it_is(tmp_path: Path) -> None:
    with running_dovecot(tmp_path, uidplus=False) as server:
        box = ImapRig(server).open()
        uri = await box.append("Archive", COPY, ID)
        assert await box.read(uri) == COPY
        await box.close()
