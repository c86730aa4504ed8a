"""Reading over IMAP: which UIDs are new, their sizes, then their bodies in bounded groups. Blocking."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from imapclient.exceptions import IMAPClientError

from connectors.mailbox.imap_session import DROPPED, ImapSession, Selected
from connectors.mailbox.limits import ReadLimits

PAGE: Final = 50_000
"""UIDs in one SEARCH answer: imaplib refuses a line above 1,000,000 bytes and a UID has up to ten digits."""
GMAIL: Final = "X-GM-EXT-1"
GMAIL_THREAD: Final = "X-GM-THRID"
"""The capability and the item of Gmail's threads: 64 bits, the same in every folder (Gmail's IMAP extensions)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A message before its body: `size` is RFC822.SIZE in bytes, `internal_date` is in UTC; `provider_thread`: see
    Fetched."""

    uid: int
    size: int
    internal_date: datetime | None
    flags: tuple[str, ...]
    provider_thread: str = ""


def new_uids(session: ImapSession, folder: Selected, after: int) -> list[int]:
    """UIDs above `after`, ascending."""
    first = after + 1
    if folder.exists == 0 or (folder.uidnext is not None and folder.uidnext <= first):
        return []
    if folder.exists <= PAGE or (folder.uidnext is not None and folder.uidnext - first <= PAGE):
        found = session.client.search(f"UID {first}:*")
        return sorted({int(uid) for uid in found if uid >= first})
    # By sequence number, from the end: an expunge meanwhile shifts messages into a page that is still to come.
    uids: set[int] = set()
    for end in range(folder.exists, 0, -PAGE):
        found = session.client.search(f"{max(1, end - PAGE + 1)}:{end} UID {first}:*")
        uids.update(int(uid) for uid in found if uid >= first)
        if not found:
            break
    return sorted(uids)


def describe(session: ImapSession, uids: list[int]) -> list[Listed]:
    """Sizes, dates, flags and threads of those of `uids` that still exist, in their order."""
    threads = [GMAIL_THREAD] if session.supports(GMAIL) else []
    answers = session.client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE", "FLAGS", *threads])
    return [_listed(uid, answers[uid]) for uid in uids if b"RFC822.SIZE" in answers.get(uid, {})]


def _listed(uid: int, answer: dict[bytes, Any]) -> Listed:
    date, thread = answer.get(b"INTERNALDATE"), answer.get(GMAIL_THREAD.encode())
    return Listed(
        uid=uid,
        size=int(answer[b"RFC822.SIZE"]),
        internal_date=date.astimezone(UTC) if isinstance(date, datetime) else None,
        flags=tuple(flag.decode("utf-8", "replace") for flag in answer.get(b"FLAGS", ()) if isinstance(flag, bytes)),
        provider_thread=f"gmail:{thread}" if isinstance(thread, int) else "",
    )


def bodies(session: ImapSession, group: list[Listed], limits: ReadLimits) -> Iterator[tuple[Listed, bytes | str]]:
    """The raw bytes of each message of the selected folder, or why there are none. An expunged one is left out.

    What a whole group cannot give is asked for one by one, so a bad message costs only itself.
    """
    whole = [message for message in group if message.size <= limits.max_size]
    try:
        answers = session.client.fetch([m.uid for m in whole], ["BODY.PEEK[]"]) if whole else {}
    except DROPPED:
        raise
    except IMAPClientError:
        answers = {}
    for message in group:
        raw = answers.get(message.uid, {}).get(b"BODY[]")
        if isinstance(raw, bytes):
            yield message, raw
            continue
        alone = body(session, message, limits)
        if alone is not None:
            yield message, alone


def body(session: ImapSession, message: Listed, limits: ReadLimits) -> bytes | str | None:
    """One message's bytes, cut at the limit by a partial fetch (RFC 3501 §6.4.5); a reason; None: expunged."""
    partial = message.size > limits.max_size
    item = f"BODY.PEEK[]<0.{limits.max_size}>" if partial else "BODY.PEEK[]"
    try:
        answer = session.client.fetch([message.uid], [item]).get(message.uid, {})
    except DROPPED:
        raise
    except IMAPClientError as error:
        return f"the server refuses to give it: {str(error)[:200]}"
    raw = answer.get(b"BODY[]<0>" if partial else b"BODY[]")
    if isinstance(raw, bytes):
        return raw
    return "the server lists it but sends no body" if describe(session, [message.uid]) else None
