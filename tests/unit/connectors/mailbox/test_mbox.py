import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.mbox import MboxMailbox
from connectors.mailbox.mbox_split import spans
from connectors.mailbox.port import Fetched, ReadOnlyError, Reference, Unreadable
from runtime.errors import InvalidInputError, TargetDownError

FROM = b"From a@example.org Thu Jan  1 00:00:01 2026\n"


def split(data: bytes) -> list[bytes]:
    return [data[span.start : span.end] for span in spans(io.BytesIO(data))]


async def read(path: Path, data: bytes, limits: ReadLimits | None = None) -> list[Fetched | Unreadable]:
    path.write_bytes(data)  # noqa: ASYNC240 - a test may wait for its disk
    mailbox = MboxMailbox("m", str(path), limits=limits)
    messages = [m async for batch in mailbox.scan("INBOX", None) for m in batch.messages]
    await mailbox.close()
    return messages


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (b"", []),
        (b"\n\n", []),
        (FROM + b"A: 1\n\nx\n\n" + FROM + b"B: 1\n\ny\n", [b"A: 1\n\nx\n", b"B: 1\n\ny\n"]),
        (FROM + b"A: 1\n\nx\n" + FROM + b"B: 1\n\ny", [b"A: 1\n\nx\n", b"B: 1\n\ny"]),
        (
            FROM + b"A: 1\n\nx\n\nFrom the beginning it rained\n>From x\n",
            [b"A: 1\n\nx\n\nFrom the beginning it rained\n>From x\n"],
        ),
        (FROM.replace(b"\n", b"\r\n") + b"A: 1\r\n\r\nx\r\n\r\n", [b"A: 1\r\n\r\nx\r\n"]),
        (b"From MAILER-DAEMON\nA: 1\n\nx\n\nFrom me\nB: 2\n\n", [b"A: 1\n\nx\n", b"B: 2\n"]),
        (b'From "odd sender"@x  Thu Jan  1 00:00 2026 +0100\nA: 1\n\n', [b"A: 1\n"]),
        (FROM, [b""]),
        (FROM + FROM, [b"", b""]),
    ],
)
def test_where_messages_begin_and_end(data: bytes, messages: list[bytes]) -> None:
    assert split(data) == messages


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"From ", FROM, b"\n", b"x", b"\r\n", b">From a\n", b"\0", b"A: b\n"]), max_size=30))
def test_nothing_is_lost_or_counted_twice(parts: list[bytes]) -> None:
    data = b"".join(parts)
    end = 0
    for span in spans(io.BytesIO(data)):
        assert end <= span.offset <= span.start <= span.end <= len(data)
        assert not data[end : span.offset].strip(b"\r\n")
        end = span.end
    assert not data[end:].strip(b"\r\n")


async def test_dates_and_sizes(tmp_path: Path) -> None:
    [message] = await read(tmp_path / "m", FROM + b"A: 1\n\nx\n\n")
    assert isinstance(message, Fetched)
    assert message.internal_date == datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert message.size == 8
    assert message.uri.startswith("mbox://m/0-")


async def test_a_file_without_from_line_is_one_unreadable(tmp_path: Path) -> None:
    [message] = await read(tmp_path / "m", b"\x00\xff" * 100_000)
    assert isinstance(message, Unreadable)
    assert "From_" in message.reason


async def test_what_comes_before_the_first_from_line_is_reported(tmp_path: Path) -> None:
    messages = await read(tmp_path / "m", b"junk\n\n" + FROM + b"A: 1\n\nx\n\n" + FROM + b"\n")
    assert [type(m) for m in messages] == [Unreadable, Fetched, Unreadable]


async def test_a_huge_line_does_not_fill_memory(tmp_path: Path) -> None:
    limits = ReadLimits(max_size=1000)
    messages = await read(tmp_path / "m", FROM + b"A: " + b"x" * 10_000_000 + b"\n\n" + FROM + b"B: 1\n\n", limits)
    assert [(len(m.raw), m.size) for m in messages if isinstance(m, Fetched)] == [(1000, 10_000_004), (5, 5)]


async def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    for path, error in ((tmp_path / "none", TargetDownError), (tmp_path, InvalidInputError)):
        mailbox = MboxMailbox("m", str(path))
        with pytest.raises(error, match=str(path)):
            [batch async for batch in mailbox.scan("INBOX", None)]
        await mailbox.close()


async def test_changes_are_refused_with_the_remedy(tmp_path: Path) -> None:
    mailbox = MboxMailbox("m", str(tmp_path / "m"))
    with pytest.raises(ReadOnlyError, match="imap"):
        await mailbox.change_tags("mbox://m/0-ab", ("vip",), ())
    with pytest.raises(ReadOnlyError, match="maildir"):
        await mailbox.set_starred("mbox://m/0-ab", starred=True)
    with pytest.raises(ReadOnlyError, match="marked as read"):
        await mailbox.set_seen("mbox://m/0-ab", seen=True)
    with pytest.raises(ReadOnlyError):
        await mailbox.move(Reference("mbox://m/0-ab", "", "", 0, None), "mbox://m/0-ab", "Archive")
    await mailbox.close()
