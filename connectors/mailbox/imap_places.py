"""Which messages an IMAP folder has, by UIDs alone. Blocking."""

from datetime import date, timedelta

from connectors.mailbox.imap_fetch import PAGE, new_uids
from connectors.mailbox.imap_session import ImapSession

_ZONES = timedelta(days=1)
"""SINCE compares days in the zone that the server keeps dates in (RFC 3501 §6.4.4)."""


def listed_uids(session: ImapSession, folder: str, since: date | None) -> tuple[int, list[int]]:
    """UIDVALIDITY, and the UIDs in ascending order. `since`: at least of those that arrived on that day or later.

    Raises FolderMissingError.
    """
    selected = session.select(folder, reopen=True)
    uids = new_uids(session, selected, 0)
    if since is None:
        return selected.uidvalidity, uids
    found: set[int] = set()
    for start in range(0, len(uids), PAGE):
        page = uids[start : start + PAGE]
        asked = ["UID", f"{page[0]}:{page[-1]}", "SINCE", since - _ZONES]
        found.update(int(uid) for uid in session.client.search(asked))
    return selected.uidvalidity, [uid for uid in uids if uid in found]
