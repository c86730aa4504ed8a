"""From when on rules act on a mailbox that is given, told from what is stored of it.

It is settled when a mailbox is applied and stored as a moment, so that everybody who reads the mailbox acts alike.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from runtime.postgres import Row
from schemas.mailbox import Mailbox
from services.console.stored import readable

_FILES = frozenset({"maildir", "mbox", "eml"})
"""Kinds of sources that somebody puts there to be worked on; every other is an account with a past."""


def settled(given: Sequence[Mailbox], stored: Mapping[str, Row], now: datetime) -> tuple[Mailbox, ...]:
    """The mailboxes with the moment that `actions_since` means. `now`: when they are applied."""
    return tuple(_settled(mailbox, stored.get(mailbox.id), now) for mailbox in given)


def _settled(mailbox: Mailbox, row: Row | None, now: datetime) -> Mailbox:
    wanted = mailbox.actions_since
    if wanted is None:
        before = readable(Mailbox, row["document"]) if row is not None else None
        known = before if isinstance(before, Mailbox) else None
        wanted = known.actions_since if known is not None else None
        if wanted is None and _is_first_account(mailbox, known, is_new=row is None):
            wanted = now
    elif wanted == "connected":
        wanted = (row["connected_at"] if row is not None else None) or now
    return mailbox.model_copy(update={"actions_since": wanted}) if wanted != mailbox.actions_since else mailbox


def _is_first_account(mailbox: Mailbox, known: Mailbox | None, *, is_new: bool) -> bool:
    """Whether the mailbox had no account until now: it is new, or it was files."""
    if mailbox.source.kind in _FILES:
        return False
    return is_new or (known is not None and known.source.kind in _FILES)
