"""Finding one message again over IMAP, and being sure that it is the same one. Blocking."""

import re
from typing import Any, Final

from imapclient.exceptions import IMAPClientError

from connectors.mailbox.digest import HEADER_LIMIT, digest, header_digest
from connectors.mailbox.imap_session import DROPPED, ImapSession
from connectors.mailbox.port import FolderMissingError, MessageGoneError, Reference
from connectors.mailbox.uri import ImapUri

SEARCHED_FOLDERS: Final = 200
CANDIDATES: Final = 50
WHOLE: Final = 8 * 1024 * 1024
"""Bytes up to which a message is compared as a whole when the server's idea of its header differs from ours."""

HEADER_ITEM: Final = f"BODY.PEEK[HEADER]<0.{2 * HEADER_LIMIT}>"

_SAFE = re.compile(r"[!#-\[\]-~]+")


def locate(session: ImapSession, reference: Reference) -> ImapUri:
    """Where it is: the reference's place, verified, else INBOX, else the other folders.

    Raises MessageGoneError.
    """
    known = ImapUri.parse(reference.uri, session.account.mailbox)
    if is_at(session, known, reference):
        return known
    first = ["INBOX", known.folder]
    others = [name for name in session.folders() if name not in first]
    for folder in [*dict.fromkeys(first), *others][:SEARCHED_FOLDERS]:
        try:
            selected = session.select(folder)
        except FolderMissingError:
            continue
        uid = find_here(session, reference)
        if uid is not None:
            return ImapUri(known.mailbox, folder, selected.uidvalidity, uid)
    raise MessageGoneError(
        f"the message is no longer at {reference.uri}, and a search by Message-ID in {len(others) + 1} folders "
        "found none with the same header; it was deleted, or moved to another account"
    )


def is_at(session: ImapSession, place: ImapUri, reference: Reference) -> bool:
    """Whether the message lies at `place`: the folder's UIDVALIDITY, the size and the header agree."""
    try:
        selected = session.select(place.folder)
    except FolderMissingError:
        return False
    return selected.uidvalidity == place.uidvalidity and place.uid in _same(session, [place.uid], reference, exact=True)


def find_here(session: ImapSession, reference: Reference) -> int | None:
    """The newest UID of the selected folder that holds the message; None: none does."""
    message_id = max(_SAFE.findall(reference.message_id or ""), key=len, default="")
    if message_id:
        criteria = f'HEADER Message-ID "{message_id[:200]}"'
    elif reference.size > 0:
        criteria = f"LARGER {reference.size - 1} SMALLER {reference.size + 1}"
    else:
        return None
    found = sorted(int(uid) for uid in session.client.search(criteria))[-CANDIDATES:]
    same = _same(session, found, reference, exact=False) if found else []
    return max(same, default=None)


def _same(session: ImapSession, uids: list[int], reference: Reference, *, exact: bool) -> list[int]:
    try:
        answers = session.client.fetch(uids, ["RFC822.SIZE", HEADER_ITEM])
    except DROPPED:
        raise
    except IMAPClientError:
        return []
    same = []
    for uid, answer in answers.items():
        header, size = header_of(answer), answer.get(b"RFC822.SIZE")
        if exact and size != reference.size:
            continue
        if (header is not None and header_digest(header) == reference.header_digest) or (
            size == reference.size <= WHOLE and _whole_digest(session, uid) == reference.digest
        ):
            same.append(int(uid))
    return same


def header_of(answer: dict[bytes, Any]) -> bytes | None:
    """What a FETCH of HEADER_ITEM gave."""
    header = answer.get(b"BODY[HEADER]<0>")
    return header if isinstance(header, bytes) else None


def _whole_digest(session: ImapSession, uid: int) -> str | None:
    raw = session.client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
    return digest(raw) if isinstance(raw, bytes) else None
