from datetime import UTC, datetime

import pytest

from connectors.mailbox.pop3_arrival import arrival

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "Received: from a by b\r\n\tid x; Sun, 1 Mar 2026 10:00:00 +0100\r\nReceived: x; 1 Jan 2020 00:00:00 +0000",
            datetime(2026, 3, 1, 9, tzinfo=UTC),
        ),
        ("received:x;Sun, 1 Mar 2026 10:00:00 -0000", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("Received: from the future; Sun, 1 Mar 2099 10:00:00 +0000", NOW),
        ("Received: no date", None),
        ("Received: ; 99 Xyz 9999999 99:99:99 +9999", None),
        ("Received: ; \u00fc", None),
        ("X-Received: a; Sun, 1 Mar 2026 10:00:00 +0000", None),
        ("Date: Sun, 1 Mar 2026 10:00:00 +0000", None),
    ],
)
def test_the_line_on_top_says_when_a_mail_came(header: str, expected: datetime | None) -> None:
    assert (
        arrival(f"{header}\r\nSubject: x\r\n\r\nReceived: x; 1 Jan 2020 00:00:00 +0000\r\n".encode(), NOW) == expected
    )


def test_a_hostile_header_takes_no_time() -> None:
    assert arrival(b"Received:" + b" x\r\n " * 200_000, NOW) is None
