"""Points in time as people type them."""

import re
from datetime import UTC, datetime, timedelta

from runtime.errors import InvalidInputError

_AGE = re.compile(r"^(\d{1,6})([smhdw])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_since(text: str, now: datetime | None = None) -> datetime:
    """An age (`30m`, `12h`, `7d`, `2w`) or an ISO 8601 time, UTC when it names no zone. Raises InvalidInputError."""
    try:
        if found := _AGE.match(text.strip()):
            return (now or datetime.now(UTC)) - timedelta(**{_UNITS[found[2]]: int(found[1])})
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise InvalidInputError(f"{text!r} is no time; write 2026-05-01, 2026-05-01T08:00Z, 30m, 12h or 7d") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
