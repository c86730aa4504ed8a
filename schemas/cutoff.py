"""From when on rules act on the mail of a mailbox: a first connection must not act on years of mail."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from schemas.base import Timestamp

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _moment(value: Any) -> Any:
    """A day is its first moment in UTC; a time that names no zone is UTC. Numbers are no times."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            value = date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day") from None
    if type(value) is date:
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    if not isinstance(value, str | datetime):
        raise ValueError("write connected, beginning, a day as 2026-12-31, or a time as 2026-12-31T08:00:00Z")  # noqa: TRY004
    return value


ActionsSince = Annotated[Literal["connected", "beginning"] | Timestamp, BeforeValidator(_moment)]
"""`connected`: when the mailbox was first applied, which is put in its place then. `beginning`: on all mail."""
