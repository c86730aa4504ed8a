import asyncio
import os
import time
from pathlib import Path

import pytest

from connectors.mailbox import maildir_keywords
from connectors.mailbox.digest import digest, header_digest
from connectors.mailbox.maildir import MaildirMailbox
from connectors.mailbox.port import Batch, Fetched, MessageGoneError, Reference, Unreadable
from runtime.errors import InvalidInputError, TargetDownError, TransientError

RAW = b"Subject: x\nMessage-ID: <1@x>\n\nbody\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("", ".Archive", ".Archive.2026", ".not-a-folder"):
        for sub in ("cur", "new", "tmp") if "not" not in folder else ("tmp",):
            (tmp_path / folder / sub).mkdir(parents=True)
    return tmp_path


def reference(message: Fetched) -> Reference:
    return Reference(message.uri, digest(message.raw), header_digest(message.raw), message.size, "<1@x>")


async def scan(mailbox: MaildirMailbox, cursor: str | None = None) -> list[Batch]:
    return [batch async for batch in mailbox.scan("INBOX", cursor)]


async def only(mailbox: MaildirMailbox) -> Fetched:
    [message] = [m for batch in await scan(mailbox) for m in batch.messages]
    assert isinstance(message, Fetched)
    return message


async def test_folders_are_those_with_mail_directories(root: Path) -> None:
    mailbox = MaildirMailbox("m", str(root))
    assert await mailbox.folders() == ["INBOX", "Archive", "Archive.2026"]
    await mailbox.close()


@pytest.mark.parametrize("folder", ["../etc", "..", ".", "", "a/b", "a..b", ".a", "a.", "x\0"])
async def test_folder_names_cannot_leave_the_maildir(root: Path, folder: str) -> None:
    mailbox = MaildirMailbox("m", str(root))
    with pytest.raises(InvalidInputError):
        [batch async for batch in mailbox.scan(folder, None)]
    await mailbox.close()


async def test_a_message_in_new_moves_to_cur_when_changed_and_keeps_other_flags(root: Path) -> None:
    mailbox = MaildirMailbox("m", str(root))
    (root / "new" / "1.a").write_bytes(RAW)
    message = await only(mailbox)
    await mailbox.set_starred(message.uri, starred=True)
    assert os.listdir(root / "cur") == ["1.a:2,F"]  # noqa: PTH208 - names only
    (root / "cur" / "1.a:2,F").rename(root / "cur" / "1.a:2,FPRSq")
    await mailbox.set_starred(message.uri, starred=False)
    assert os.listdir(root / "cur") == ["1.a:2,PRSq"]  # noqa: PTH208 - names only
    assert set((await only(mailbox)).flags) == {"$Forwarded", "\\Answered", "\\Seen"}
    await mailbox.close()


async def test_names_with_sizes_and_odd_info_are_found(root: Path) -> None:
    mailbox = MaildirMailbox("m", str(root))
    (root / "cur" / "1.a,S=5,W=6:1,x").write_bytes(RAW)
    message = await only(mailbox)
    await mailbox.set_starred(message.uri, starred=True)
    assert os.listdir(root / "cur") == ["1.a,S=5,W=6:2,F"]  # noqa: PTH208 - names only
    await mailbox.close()


async def test_a_move_never_overwrites_a_message_of_the_same_name(root: Path) -> None:
    mailbox = MaildirMailbox("m", str(root))
    (root / "cur" / "1.a:2,").write_bytes(RAW)
    (root / ".Archive" / "cur" / "1.a:2,").write_bytes(b"another")
    message = await only(mailbox)
    moved = await mailbox.move(reference(message), message.uri, "Archive")
    assert len(list((root / ".Archive" / "cur").iterdir())) == 2
    assert await mailbox.read(moved) == RAW
    assert await mailbox.move(reference(message), message.uri, "Archive") == moved
    await mailbox.close()


async def test_a_client_that_renames_all_the_time_is_survived(root: Path) -> None:
    mailbox = MaildirMailbox("m", str(root))
    (root / "cur" / "1.a:2,").write_bytes(RAW)
    message = await only(mailbox)
    stop = False

    def rename_around() -> None:
        while not stop:
            for file in (root / "cur").iterdir():
                flags = set(file.name.partition(":2,")[2]) ^ {"S"}
                try:
                    file.rename(root / "cur" / f"1.a:2,{''.join(sorted(flags))}")
                except FileNotFoundError:
                    continue
                time.sleep(0.001)

    other = asyncio.create_task(asyncio.to_thread(rename_around))
    for number in range(50):
        await mailbox.set_starred(message.uri, starred=number % 2 == 0)
        assert await mailbox.read(message.uri) == RAW
    stop = True
    await other
    [file] = (root / "cur").iterdir()
    assert "F" not in file.name
    await mailbox.close()


async def test_the_cursor_saves_reading_what_has_not_changed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.mailbox.maildir_since.OVERLAP_NS", 0)
    mailbox = MaildirMailbox("m", str(root))
    for number in range(5):
        (root / "new" / f"{number}.a").write_bytes(RAW)
        await asyncio.sleep(0.02)
    cursor = (await scan(mailbox))[-1].cursor
    [batch] = await scan(mailbox, cursor)
    assert [m.position.uid for m in batch.messages] == ["4.a"]
    old = root / "tmp" / "0000.old"
    old.write_bytes(RAW)
    os.utime(old, (1, 1))
    await asyncio.sleep(0.02)
    old.rename(root / "cur" / "0000.old:2,")
    [batch] = await scan(mailbox, cursor)
    assert [m.position.uid for m in batch.messages] == ["0000.old", "4.a"]
    (root / "new").rename(root / "new.before")
    (root / "new").mkdir()
    for file in (root / "new.before").iterdir():
        file.rename(root / "new" / file.name)
    assert sum(len(b.messages) for b in await scan(mailbox, cursor)) == 6
    await mailbox.close()


async def test_the_cursor_moves_only_with_the_last_batch(root: Path) -> None:
    mailbox = MaildirMailbox("m", str(root))
    for number in range(120):
        (root / "new" / f"{number}.a").write_bytes(RAW)
    cursors = [batch.cursor for batch in await scan(mailbox)]
    assert cursors[:-1] == ["", ""]
    assert cursors[-1]
    await mailbox.close()


async def test_an_empty_message_is_unreadable(root: Path) -> None:
    mailbox = MaildirMailbox("m", str(root))
    (root / "new" / "1.a").touch()
    [batch] = await scan(mailbox)
    assert isinstance(batch.messages[0], Unreadable)
    await mailbox.close()


async def test_places_that_are_no_maildir_are_named(tmp_path: Path) -> None:
    for path, error in ((tmp_path / "none", TargetDownError), (tmp_path, InvalidInputError)):
        mailbox = MaildirMailbox("m", str(path))
        with pytest.raises(error, match=str(path)):
            await mailbox.folders()
        await mailbox.close()


async def test_no_keyword_is_spent_on_a_message_that_is_gone(root: Path) -> None:
    mailbox = MaildirMailbox("m", str(root))
    with pytest.raises(MessageGoneError):
        await mailbox.change_tags("maildir://m/INBOX;KEY=1.a", ("vip",), ())
    assert not (root / "dovecot-keywords").exists()
    await mailbox.close()


def test_keywords_are_dovecots_format_and_keep_its_numbers(root: Path) -> None:
    (root / "dovecot-keywords").write_text("0 $Forwarded\n2 other\n")
    assert maildir_keywords.ensure(root, ["vip", "OTHER"]) == "cb"
    assert (root / "dovecot-keywords").read_text() == "0 $Forwarded\n1 vip\n2 other\n"
    assert not list(root.glob("*.lock"))


def test_a_held_lock_is_waited_for_and_a_stale_one_removed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maildir_keywords, "LOCK_SECONDS", 0.1)
    lock = root / "dovecot-uidlist.lock"
    lock.touch()
    with pytest.raises(TransientError, match="lock"):
        maildir_keywords.ensure(root, ["vip"])
    os.utime(lock, (1, 1))
    assert maildir_keywords.ensure(root, ["vip"]) == "a"


async def test_the_oldest_delivery_comes_first(root: Path) -> None:
    names = ["5.M9.h", "10.M99P1.h", "10.M100P1.h", "10.R1M200P1.h", "11.h", "odd"]
    for name in reversed(names):
        (root / "new" / name).write_bytes(RAW)
    mailbox = MaildirMailbox("m", str(root))
    [batch] = await scan(mailbox)
    assert [m.position.uid for m in batch.messages] == ["odd", *names[:-1]]
    await mailbox.close()
