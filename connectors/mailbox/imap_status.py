"""What STATUS tells of a folder without opening it (RFC 3501 §6.3.10). Blocking.

A look at a quiet folder is this one command: UIDNEXT changes with every new message and with nothing else (§2.3.1.1).
CONDSTORE's HIGHESTMODSEQ (RFC 7162 §3.1.2) would also rise with each flag, and QRESYNC (§3.2) would list flags and
expunges since the last look: of neither the ledger takes notice, so both would only make a quiet folder look busy.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from imapclient import imap_utf7
from imapclient.exceptions import IMAPClientError

from connectors.mailbox.imap_session import DROPPED, ImapSession

_ASKED: Final = "(MESSAGES UIDNEXT UIDVALIDITY)"
_ITEMS: Final = re.compile(rb"\(([^()]*)\)\s*$")


@dataclass(frozen=True, slots=True)
class Status:
    """Of a folder: how many messages it has, and its two numbers."""

    messages: int
    uidnext: int
    uidvalidity: int


def status(session: ImapSession, folder: str) -> Status | None:
    """None where the server does not say all of it, or refuses. Raises FolderMissingError."""
    client = session.client
    try:
        lines = client._command_and_check("status", client._normalise_folder(folder), _ASKED)  # noqa: SLF001 - see below
    except DROPPED:
        raise
    except IMAPClientError as error:
        session.require_folder(folder)
        session.refused(error)
        return None
    # imapclient's folder_status takes the last answer, which may be of another folder: NOTIFY tells at any time.
    answers = _answers(lines)
    wanted = imap_utf7.encode(folder)
    same = [items for name, items in answers if _folded(name) == _folded(wanted)]
    found = same or [items for _, items in answers if len(answers) == 1]
    return _status(found[-1]) if found else None


def _answers(lines: list[Any]) -> list[tuple[bytes, dict[bytes, int]]]:
    """Name and items of each; a name that came as a literal stands on an element of its own."""
    answers = []
    literal: bytes | None = None
    for line in lines:
        if isinstance(line, tuple):
            literal = line[1]
        elif line is not None and (match := _ITEMS.search(line)):
            name = literal if literal is not None else _unquoted(line[: match.start()].strip())
            answers.append((name, _items(match.group(1).split())))
            literal = None
    return answers


def _items(words: list[bytes]) -> dict[bytes, int]:
    return {name.upper(): int(value) for name, value in zip(words[::2], words[1::2], strict=False) if value.isdigit()}


def _status(items: dict[bytes, int]) -> Status | None:
    try:
        found = Status(items[b"MESSAGES"], items[b"UIDNEXT"], items[b"UIDVALIDITY"])
    except KeyError:
        return None
    return found if found.uidnext > 0 and found.uidvalidity > 0 else None


def _unquoted(name: bytes) -> bytes:
    if len(name) >= 2 and name.startswith(b'"') and name.endswith(b'"'):
        return re.sub(rb"\\(.)", rb"\1", name[1:-1])
    return name


def _folded(name: bytes) -> bytes:
    return b"INBOX" if name.upper() == b"INBOX" else name
