"""Putting a message of ours into a folder over IMAP, once (APPEND RFC 3501 §6.3.11, APPENDUID RFC 4315). Blocking."""

import re

from connectors.mailbox.imap_find import CANDIDATES
from connectors.mailbox.imap_session import ImapSession
from connectors.mailbox.own_copy import has_message_id
from connectors.mailbox.port import MessageGoneError
from connectors.mailbox.uri import ImapUri
from runtime.errors import InvalidInputError

_SAFE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")


def find_copy(session: ImapSession, folder: str, message_id: str) -> ImapUri | None:
    """Searched by the server, and compared: a search also finds parts of ids. Raises FolderMissingError."""
    if not _SAFE.fullmatch(message_id):
        raise InvalidInputError("a Message-ID of ours has only printable ASCII, at most 200 characters")
    selected = session.select(folder, reopen=True)
    found = sorted(int(uid) for uid in session.client.search(f'HEADER Message-ID "{message_id}"'))[-CANDIDATES:]
    item = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
    for uid, answer in session.client.fetch(found, [item]).items() if found else ():
        header = next((value for name, value in answer.items() if name.startswith(b"BODY[HEADER")), None)
        if isinstance(header, bytes) and has_message_id(header, message_id):
            return ImapUri(session.account.mailbox, folder, selected.uidvalidity, int(uid))
    return None


def append(session: ImapSession, folder: str, raw: bytes, message_id: str) -> ImapUri:
    """Raises FolderMissingError, MessageGoneError when another program took it away at once."""
    if (there := find_copy(session, folder, message_id)) is not None:
        return there
    session.response_code("APPENDUID")
    session.changing()
    session.client.append(folder, raw, flags=[b"\\Seen"])
    answer = (session.response_code("APPENDUID") or b"").split()
    if len(answer) == 2 and answer[0].isdigit() and answer[1].isdigit():
        return ImapUri(session.account.mailbox, folder, int(answer[0]), int(answer[1]))
    if (made := find_copy(session, folder, message_id)) is not None:
        return made
    raise MessageGoneError(f"the copy that was put into {folder!r} of {session.place} is not there any more")
