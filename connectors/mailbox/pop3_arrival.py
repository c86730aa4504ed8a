"""When a mail came to a server that does not say so: by the line that the server itself put on top."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from connectors.mailbox.digest import header_block

_RECEIVED: Final = re.compile(rb"(?im)^received:((?:[^\n]{0,1000}\n(?=[ \t])){0,20}[^\n]{0,1000})$")
_BEGINNING: Final = 65536


def arrival(raw: bytes, now: datetime) -> datetime | None:
    """The date of the first Received field (RFC 5321 §4.4), in UTC, not later than `now`; None without one."""
    found = _RECEIVED.search(header_block(raw[:_BEGINNING]))
    if found is None:
        return None
    try:
        date = parsedate_to_datetime(found[1].rpartition(b";")[2].decode("ascii").strip())
        return min(date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC), now)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
