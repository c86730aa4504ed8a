"""Making sure of many messages with one command a folder. Blocking."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from imapclient.exceptions import IMAPClientError

from connectors.mailbox.digest import HEADER_LIMIT, header_digest
from connectors.mailbox.imap_find import HEADER_ITEM, header_of
from connectors.mailbox.imap_session import DROPPED, ImapSession
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.port import FolderMissingError, Reference
from connectors.mailbox.uri import ImapUri

LIMITS: Final = ReadLimits(batch_messages=50, batch_bytes=8 * 1024 * 1024)
"""Messages, and bytes of their headers, of one FETCH."""


def still_there(session: ImapSession, references: Sequence[Reference]) -> set[int]:
    """The indexes of those that lie where their reference says: UIDVALIDITY, size and header agree.

    Of any other one nothing is said, also not that it is gone.
    """
    places = [ImapUri.parse(reference.uri, session.account.mailbox) for reference in references]
    found: set[int] = set()
    for folder, members in by_folder(enumerate(places)).items():
        try:
            selected = session.select(folder)
        except FolderMissingError:
            continue
        valid = [index for index in members if places[index].uidvalidity == selected.uidvalidity]
        for group in LIMITS.groups(valid, lambda index: min(references[index].size, 2 * HEADER_LIMIT)):
            answers = _headers(session, sorted({places[index].uid for index in group}))
            found |= {i for i in group if _agree(answers.get(places[i].uid, {}), references[i])}
    return found


def by_folder(places: Iterable[tuple[int, ImapUri]]) -> dict[str, list[int]]:
    """Indexes by folder, in order."""
    found: dict[str, list[int]] = {}
    for index, place in places:
        found.setdefault(place.folder, []).append(index)
    return found


def _headers(session: ImapSession, uids: list[int]) -> dict[int, dict[bytes, Any]]:
    try:
        answers: dict[int, dict[bytes, Any]] = session.client.fetch(uids, ["RFC822.SIZE", HEADER_ITEM])
    except DROPPED:
        raise
    except IMAPClientError:
        return {}
    return answers


def _agree(answer: dict[bytes, Any], reference: Reference) -> bool:
    header = header_of(answer)
    if header is None or answer.get(b"RFC822.SIZE") != reference.size:
        return False
    return header_digest(header) == reference.header_digest
