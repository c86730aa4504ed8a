"""NOTIFY (RFC 5465): one connection is told of new mail in several folders. Blocking."""

from collections.abc import Sequence

from imapclient.exceptions import IMAPClientError

from connectors.mailbox.imap_session import DROPPED, ImapSession

_EVENTS = b"(MessageNew MessageExpunge)"
"""Without FlagChange: a flag that somebody sets should wake nobody. The two go only together (§5.2)."""


def notified(session: ImapSession, folders: Sequence[str]) -> bool:
    """Ask the server, once a connection, to tell of all `folders`; whether it does."""
    wanted = tuple(folders)
    if session.notifies is None or session.notifies == wanted:
        return session.notifies == wanted
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
