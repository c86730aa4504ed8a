"""What counts as "already done": the message, its thread, or an interval of time (a throttle)."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from schemas.base import Authored
from schemas.comparable import folded_address

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=366)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([1-9][0-9]{0,5})([mhd])", re.ASCII)


def duration_of(text: str) -> timedelta:
    """`30m`, `12h`, `7d` as a length of time. Raises ValueError when it is not written so, or out of bounds."""
    found = _DURATION.fullmatch(text)
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    if not SHORTEST <= length <= LONGEST:
        raise ValueError('write a duration as "30m", "12h" or "7d", from 1 minute to 366 days')
    return length


def _duration(text: str) -> str:
    duration_of(text)
    return text


Duration = Annotated[str, AfterValidator(_duration), Field(json_schema_extra={"pattern": f"^{_DURATION.pattern}$"})]


class Throttle(Authored):
    """Act at most once in every interval, for all mail of the mailbox together or for each sender.

    Intervals are not counted from the last act. They are slots of fixed length, counted from 1970-01-01T00:00Z by the
    mail's `received_at`: "1h" is every full hour, "1d" every day of UTC.
    """

    every: Duration
    per: Literal["sender"] | None = None

    def subject(self, received_at: datetime, sender: str) -> str:
        """The slot as a text, with the sender as its hash. All mail without a sender counts as one, which is empty."""
        length = duration_of(self.every)
        slot = f"{length // timedelta(seconds=1)}:{(received_at - EPOCH) // length}"
        return f"sender:{hashed(sender)}:{slot}" if self.per else f"interval:{slot}"

    def __str__(self) -> str:
        """Such as `every 7d per sender`."""
        return f"every {self.every} per {self.per}" if self.per else f"every {self.every}"


def hashed(address: str) -> str:
    """SHA-256 in hex of the form in which addresses are compared: keys are kept longer than those. Empty for none."""
    folded = folded_address(address)
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest() if folded else ""


def _form(value: Any) -> str:
    """Which alternative is meant; its answer names the field in a validation error."""
    return "throttle" if isinstance(value, dict | Throttle) else "word"


Scope = Annotated[
    Annotated[Literal["message", "thread"], Tag("word")] | Annotated[Throttle, Tag("throttle")], Discriminator(_form)
]
