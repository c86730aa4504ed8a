"""NOTIFY (RFC 5465): one connection is told of new mail in several folders. Blocking."""

from collections.abc import Sequence

from imapclient.exceptions import IMAPClientError

from connectors.mailbox.imap_session import DROPPED, ImapSession

_EVENTS = b"(MessageNew MessageExpunge)"
"""Without FlagChange: a flag that somebody sets should wake nobody. The two go only together (§5.2)."""


def watched_folders(session: ImapSession, folders: Sequence[str]) -> set[str]:
    """Those that an IDLE tells of while the first is selected: by NOTIFY all, else the first.

    Dovecot 2.3 takes names that are not ASCII and never tells of them.
    """
    wanted = tuple(folder for folder in folders if folder.isascii())
    others = wanted if len(folders) > 1 and _notified(session, wanted) else ()
    return {folders[0], *others}


def _notified(session: ImapSession, wanted: tuple[str, ...]) -> bool:
    """Ask the server, once a connection; whether it does."""
    if session.notifies is None or session.notifies == wanted or not wanted:
        return session.notifies is not None
    if not session.supports("NOTIFY"):
        return False
    client = session.client
    names = b" ".join(client._normalise_folder(folder) for folder in wanted)  # noqa: SLF001 - quoted for the wire
    words = b"SET (selected-delayed %b) (mailboxes (%b) %b)" % (_EVENTS, names, _EVENTS)
    try:
        kind, _ = client._raw_command(b"NOTIFY", [words], uid=False)  # noqa: SLF001 - imapclient does not know it
    except DROPPED:
        raise
    except IMAPClientError as error:
        session.refused(error)
        kind = "BAD"
    session.notifies = wanted if kind == "OK" else None
    return session.notifies == wanted
