"""Changing a message over IMAP so that a repeat at any point ends in the same state. Blocking."""

from collections.abc import Iterable
from typing import Any

from imapclient.exceptions import IMAPClientError

from connectors.mailbox.imap_find import find_here, is_at
from connectors.mailbox.imap_session import DROPPED, ImapSession, Selected
from connectors.mailbox.port import MessageGoneError, Reference, UnsupportedError
from connectors.mailbox.uri import ImapUri


def change_flags(session: ImapSession, place: ImapUri, add: Iterable[str], remove: Iterable[str]) -> set[str]:
    """Add, then remove, flags and keywords (UID STORE ±FLAGS.SILENT), sending only what is not so already.

    Returns the flags that it had before, in lower case. Raises MessageGoneError, UnsupportedError (the folder does
    not keep such a flag).
    """
    selected = session.select(place.folder, writable=True)
    have = _flags(session, selected, place)
    missing = [flag for flag in add if flag.lower() not in have]
    surplus = [flag for flag in remove if flag.lower() in have]
    for flag in (*missing, *surplus):
        require_permanent(session, selected, flag)
    if not missing and not surplus:
        return have
    session.changing()
    try:
        session.client.add_flags([place.uid], missing, silent=True) if missing else None
        session.client.remove_flags([place.uid], surplus, silent=True) if surplus else None
    except DROPPED:
        raise
    except IMAPClientError as error:
        raise UnsupportedError(
            f"{session.place} refused to set or clear {', '.join((*missing, *surplus))}: {str(error)[:200]}",
            code="flag-refused",
        ) from error
    kept = _flags(session, selected, place)
    lost = [flag for flag in missing if flag.lower() not in kept]
    if lost:
        raise not_kept(session, lost)
    return have


def move(session: ImapSession, reference: Reference, place: ImapUri, folder: str) -> ImapUri:
    """UID MOVE (RFC 6851), else UID COPY + \\Deleted + UID EXPUNGE (RFC 4315) after a look at the target.

    Raises FolderMissingError, MessageGoneError, UnsupportedError.
    """
    if same_folder(folder, place.folder):
        _flags(session, session.select(place.folder), place)
        return place
    if not session.supports("MOVE") and not session.supports("UIDPLUS"):
        raise UnsupportedError(
            f"{session.place} offers neither MOVE nor UIDPLUS: without them other mail could be deleted with a move; "
            "use a server that has one of them",
            code="move-unsupported",
        )
    session.require_folder(folder)
    if not is_at(session, place, reference):
        return in_target(session, reference, place, folder)
    if session.supports("MOVE"):
        session.select(place.folder, writable=True)
        session.response_code("COPYUID")
        session.changing()
        session.client.move([place.uid], folder)
        return _copied(session, place, folder) or in_target(session, reference, place, folder)
    return _copy_and_expunge(session, reference, place, folder)


def _copy_and_expunge(session: ImapSession, reference: Reference, place: ImapUri, folder: str) -> ImapUri:
    # A crash after COPY leaves both: the copy is found here, and only the rest is done.
    target = _look(session, reference, place, folder)
    session.select(place.folder, writable=True)
    session.changing()
    if target is None:
        session.response_code("COPYUID")
        session.client.copy([place.uid], folder)
        target = _copied(session, place, folder)
    session.client.add_flags([place.uid], [b"\\Deleted"], silent=True)
    session.client.uid_expunge([place.uid])
    return target or in_target(session, reference, place, folder)


def _copied(session: ImapSession, place: ImapUri, folder: str) -> ImapUri | None:
    answer = (session.response_code("COPYUID") or b"").split()
    if len(answer) != 3 or not answer[0].isdigit() or not answer[2].isdigit():
        return None
    return ImapUri(place.mailbox, folder, int(answer[0]), int(answer[2]))


def _look(session: ImapSession, reference: Reference, place: ImapUri, folder: str) -> ImapUri | None:
    selected = session.select(folder)
    uid = find_here(session, reference)
    return None if uid is None else ImapUri(place.mailbox, folder, selected.uidvalidity, uid)


def in_target(session: ImapSession, reference: Reference, place: ImapUri, folder: str) -> ImapUri:
    """Where the message that was at `place` is in `folder`, by its header. Raises MessageGoneError."""
    found = _look(session, reference, place, folder)
    if found is None:
        raise gone(place)
    return found


def _flags(session: ImapSession, selected: Selected, place: ImapUri) -> set[str]:
    answer = session.client.fetch([place.uid], ["FLAGS"]) if selected.uidvalidity == place.uidvalidity else {}
    if place.uid not in answer:
        raise gone(place)
    return flag_names(answer[place.uid])


def flag_names(answer: dict[bytes, Any]) -> set[str]:
    """In lower case, of one message's answer to a FETCH of FLAGS."""
    return {flag.decode("latin-1").lower() for flag in answer.get(b"FLAGS", ())}


def require_permanent(session: ImapSession, selected: Selected, flag: str) -> None:
    """Raises UnsupportedError where the folder says that it does not keep the flag (RFC 3501 §7.1)."""
    if selected.permanent is None:
        return
    permanent = {name.lower() for name in selected.permanent}
    if flag.lower() in permanent or ("\\*" in permanent and not flag.startswith("\\")):
        return
    raise UnsupportedError(
        f"folder {selected.folder!r} of {session.place} does not keep {flag}: its PERMANENTFLAGS are "
        f"({' '.join(selected.permanent)[:200]}); custom keywords need \\* there, or the right to change flags",
        code="flag-refused",
    )


def same_folder(one: str, other: str) -> bool:
    """INBOX has no case (RFC 3501 §5.1)."""
    return one == other or one.upper() == other.upper() == "INBOX"


def not_kept(session: ImapSession, flags: Iterable[str]) -> UnsupportedError:
    """Flags that a server answered OK to and that are not there afterwards."""
    return UnsupportedError(
        f"{session.place} accepted {', '.join(flags)} and did not keep it; its limit of keywords may be reached",
        code="flag-refused",
    )


def gone(place: ImapUri) -> MessageGoneError:
    """Nothing at that UID, or another UIDVALIDITY."""
    return MessageGoneError(f"there is no message at {place} any more; locate it again")
