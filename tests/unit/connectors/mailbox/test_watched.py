"""New files are noticed soon, whole, and without looking at what is quiet."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from connectors.mailbox import watched
from connectors.mailbox.eml import EmlMailbox
from connectors.mailbox.maildir import MaildirMailbox
from connectors.mailbox.mbox import MboxMailbox
from connectors.mailbox.news import News
from connectors.mailbox.port import MailboxConnection
from connectors.mailbox.serial import SerialThread

MAIL = b"Subject: x\n\nbody\n"


def maildir(root: Path) -> MaildirMailbox:
    for folder in (root, root / ".Sent"):
        for sub in ("new", "cur", "tmp"):
            (folder / sub).mkdir(parents=True)
    return MaildirMailbox("test", str(root))


async def scanned(mailbox: MailboxConnection, folder: str = "INBOX") -> list[bytes]:
    found = [batch async for batch in mailbox.scan(folder, None)]
    return [message.raw for batch in found for message in batch.messages]  # type: ignore[union-attr]


def aged(*paths: Path) -> None:
    """Long ago, so that a change has another time than this."""
    for path in paths:
        os.utime(path, (1_700_000_000, 1_700_000_000))


async def test_a_mail_in_a_maildir_is_told_long_before_the_time_is_up(tmp_path: Path) -> None:
    mailbox = maildir(tmp_path / "m")
    new = tmp_path / "m" / "new"
    aged(new)
    assert await scanned(mailbox) == []
    waiting = asyncio.create_task(mailbox.wait(["INBOX", "Nirgends"], 30))
    await asyncio.sleep(0.05)
    (new / "1.a.b").write_bytes(MAIL)
    began = time.monotonic()
    assert await waiting is News.TOLD
    assert time.monotonic() - began < 5.0
    assert await scanned(mailbox) == [MAIL]
    await mailbox.close()


async def test_every_folder_that_was_scanned_is_watched(tmp_path: Path) -> None:
    mailbox = maildir(tmp_path / "m")
    aged(*(tmp_path / "m" / part for part in ("new", "cur", ".Sent/new", ".Sent/cur")))
    await scanned(mailbox)
    await scanned(mailbox, "Sent")
    (tmp_path / "m" / ".Sent" / "cur" / "1.a.b:2,S").write_bytes(MAIL)
    assert await mailbox.wait(["INBOX", "Sent"], 30) is News.TOLD
    await mailbox.close()


async def test_a_quiet_folder_is_let_alone_until_the_time_is_up(tmp_path: Path) -> None:
    mailbox = maildir(tmp_path / "m")
    aged(*(tmp_path / "m" / part for part in ("new", "cur")))
    await scanned(mailbox)
    began = time.monotonic()
    assert await mailbox.wait(["INBOX"], 1.0) is News.QUIET
    assert 0.9 < time.monotonic() - began < 10.0
    await mailbox.close()


async def test_a_change_that_may_have_the_time_of_the_scan_is_looked_at_again(tmp_path: Path) -> None:
    mailbox = maildir(tmp_path / "m")
    (tmp_path / "m" / "new" / "1.a.b").write_bytes(MAIL)
    later = time.time() + 60  # as with "now", another mail may come that leaves this time as it is
    os.utime(tmp_path / "m" / "new", (later, later))
    await scanned(mailbox)
    assert await mailbox.wait(["INBOX"], 30) is News.TOLD
    await mailbox.close()


async def test_an_mbox_is_told_of_when_what_is_written_has_come_to_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "EVERY", 0.05)
    path = tmp_path / "mbox"
    path.write_bytes(b"")
    aged(path)
    mailbox = MboxMailbox("test", str(path))
    assert await scanned(mailbox) == []
    waiting = asyncio.create_task(mailbox.wait(["INBOX"], 30))
    with path.open("ab", buffering=0) as file:
        for part in (b"From x Thu Jan  1 00:00:01 2026\n", b"Subject: x\n", b"\n", b"body\n", b"\n"):
            file.write(part)
            await asyncio.sleep(0.1)
            assert not waiting.done()
    assert await waiting is News.TOLD
    assert await scanned(mailbox) == [MAIL]
    await mailbox.close()


@pytest.mark.parametrize("below", ["", "2026/03"])
async def test_an_eml_file_is_told_of_wherever_it_comes(tmp_path: Path, below: str) -> None:
    (tmp_path / "eml" / "2026").mkdir(parents=True)
    aged(tmp_path / "eml", tmp_path / "eml" / "2026")
    mailbox = EmlMailbox("test", str(tmp_path / "eml"))
    assert await scanned(mailbox) == []
    (tmp_path / "eml" / below).mkdir(exist_ok=True)
    (tmp_path / "eml" / below / "x.eml").write_bytes(MAIL)
    assert await mailbox.wait(["INBOX"], 30) is News.TOLD
    assert await scanned(mailbox) == [MAIL]
    await mailbox.close()


async def test_a_directory_that_is_gone_ends_no_wait_with_an_error(tmp_path: Path) -> None:
    directory = tmp_path / "eml"
    directory.mkdir()
    aged(directory)
    mailbox = EmlMailbox("test", str(directory))
    await scanned(mailbox)
    directory.rmdir()
    assert await mailbox.wait(["INBOX"], 30) is News.TOLD
    await mailbox.close()


async def test_a_scan_that_took_long_is_not_asked_for_at_once(tmp_path: Path) -> None:
    mailbox = maildir(tmp_path / "m")
    await scanned(mailbox)
    mailbox._watch._ready = time.monotonic() + 60
    (tmp_path / "m" / "new" / "1.a.b").write_bytes(MAIL)
    assert await mailbox.wait(["INBOX"], 1.0) is News.QUIET
    await mailbox.close()


async def test_a_file_system_that_answers_slowly_is_asked_less_often() -> None:
    asked: list[float] = []

    def slow(_folder: str) -> watched.State:
        asked.append(time.monotonic())
        time.sleep(0.05)
        return ()

    thread = SerialThread("test")
    watch = watched.Watch(thread, slow)
    await watch.scanning("INBOX")
    assert await watch.news(["INBOX"], 2.5) is News.QUIET
    assert len(asked) <= 4, "once for the scan, then after 0.4 s and after a second each"
    thread.stop()
