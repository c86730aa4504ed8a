"""How many replies may go out, to one sender and from one mailbox, in ten minutes, an hour and a day."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self
from uuid import UUID

from runtime.errors import InvalidInputError
from schemas.scope import hashed
from services.actions.effects.port import DeclinedError

SPANS = {600: "10 minutes", 3_600: "an hour", 86_400: "a day"}
"""Seconds. They are slots of fixed length, counted from 1970 in UTC by the database's clock."""
MAX_CAP = 1_000_000


class Cap(NamedTuple):
    """At most `most` replies for one subject in one span."""

    subject: str
    seconds: int
    most: int


@dataclass(frozen=True, slots=True)
class Caps:
    """The caps of every sender and every mailbox, in the order of SPANS."""

    sender: tuple[int, ...] = (3, 5, 10)
    mailbox: tuple[int, ...] = (60, 200, 1_000)

    @classmethod
    def parse(cls, sender: str, mailbox: str) -> Self:
        """From settings such as `3,5,10`. Raises InvalidInputError that names the setting."""
        return cls(
            _numbers("MAILDESK_ACTIONS_REPLIES_TO_SENDER", sender),
            _numbers("MAILDESK_ACTIONS_REPLIES_FROM_MAILBOX", mailbox),
        )

    def of(self, mailbox: str, recipient: str) -> list[Cap]:
        """All that one reply counts for. `recipient` in the form in which addresses are compared."""
        subjects = ((f"mailbox:{mailbox}", self.mailbox), (f"sender:{mailbox}:{hashed(recipient)}", self.sender))
        return [
            Cap(subject, seconds, most) for subject, caps in subjects for seconds, most in zip(SPANS, caps, strict=True)
        ]


class ReplyBook(Protocol):
    """What is written down of replies. Safe with several workers at once."""

    async def admit(self, command: UUID, mailbox: str, caps: list[Cap]) -> None:
        """Count a reply, once per command, however often it is asked. Raises DeclinedError `reply-cap` when any cap is
        reached; then nothing is counted."""

    async def note_taken(self, command: UUID) -> None:
        """The server has taken the reply of this command, which was admitted."""

    async def was_taken(self, command: UUID) -> bool:
        """Whether that was noted."""


def cap_reached(cap: Cap) -> DeclinedError:
    """Names the cap; the sender's address stays out of texts."""
    whose = "to this sender" if cap.subject.startswith("sender:") else "from this mailbox"
    return DeclinedError(f"the cap of {cap.most} replies {whose} in {SPANS[cap.seconds]} is reached", code="reply-cap")


def _numbers(setting: str, text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",")]
    if len(words) != len(SPANS) or not all(
        word.isascii() and word.isdigit() and int(word) <= MAX_CAP for word in words
    ):
        raise InvalidInputError(
            f"{setting} must be {len(SPANS)} numbers from 0 to {MAX_CAP}, for {', '.join(SPANS.values())}; "
            f"such as 3,5,10; found {text[:60]!r}",
            code="setting",
        )
    return tuple(map(int, words))
