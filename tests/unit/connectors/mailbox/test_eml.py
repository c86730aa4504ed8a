import os
from pathlib import Path

import pytest

from connectors.mailbox.eml import EmlMailbox
from connectors.mailbox.port import Fetched, MessageGoneError, ReadOnlyError, Unreadable
from runtime.errors import InvalidInputError, TargetDownError


async def read(path: Path) -> list[Fetched | Unreadable]:
    mailbox = EmlMailbox("m", str(path))
    messages = [m async for batch in mailbox.scan("INBOX", None) for m in batch.messages]
    await mailbox.close()
    return messages


async def test_only_regular_eml_files_inside_the_directory_are_read(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "b").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret.eml").write_bytes(b"A: 1\n\n")
    (root / "b" / "2.eml").write_bytes(b"B: 1\n\n")
    (root / "a.EML").write_bytes(b"A: 1\n\n")
    (root / "note.txt").write_bytes(b"no mail")
    (root / "loop").symlink_to(root)
    (root / "self.eml").symlink_to(root / "self.eml")
    (root / "out.eml").symlink_to(outside / "secret.eml")
    (root / "in.eml").symlink_to(root / "a.EML")
    os.mkfifo(root / "pipe.eml")
    (root / "dir.eml").mkdir()
    (root / "dir.eml" / os.fsdecode(b"\xff.eml")).write_bytes(b"C: 1\n\n")
    messages = await read(root)
    assert [m.uri for m in messages] == [
        "eml://m/a.EML",
        "eml://m/b/2.eml",
        "eml://m/dir.eml/%FF.eml",
        "eml://m/in.eml",
    ]


async def test_one_file_may_have_any_name(tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_bytes(b"A: 1\n\n")
    [message] = await read(tmp_path / "mail.txt")
    assert isinstance(message, Fetched)
    mailbox = EmlMailbox("m", str(tmp_path / "mail.txt"))
    assert await mailbox.read(message.uri) == b"A: 1\n\n"
    await mailbox.close()


async def test_an_empty_file_is_unreadable_and_the_next_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.eml").touch()
    (tmp_path / "b.eml").write_bytes(b"A: 1\n\n")
    assert [type(m) for m in await read(tmp_path)] == [Unreadable, Fetched]


@pytest.mark.parametrize("path", ["../x.eml", "/etc/passwd", "a/../../x.eml", "%00"])
async def test_a_uri_cannot_leave_the_directory(tmp_path: Path, path: str) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "x.eml").write_bytes(b"A: 1\n\n")
    mailbox = EmlMailbox("m", str(tmp_path / "root"))
    with pytest.raises((InvalidInputError, MessageGoneError)):
        await mailbox.read(f"eml://m/{path}")
    await mailbox.close()


async def test_a_missing_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(TargetDownError, match="none"):
        await read(tmp_path / "none")


async def test_changes_are_refused_with_the_remedy(tmp_path: Path) -> None:
    mailbox = EmlMailbox("m", str(tmp_path))
    with pytest.raises(ReadOnlyError, match="maildir"):
        await mailbox.change_tags("eml://m/a.eml", ("vip",), ())
    await mailbox.close()
