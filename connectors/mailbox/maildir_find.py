"""Reading message files, and finding one again by name or content. Blocking."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from connectors.mailbox.digest import HEADER_LIMIT, header_digest
from connectors.mailbox.maildir_folder import Entry, KnownNames, entries, folder_names, folder_path
from connectors.mailbox.port import FolderMissingError, MessageGoneError, Reference
from connectors.mailbox.uri import MaildirUri

SEARCHED_FILES: Final = 100_000
"""Files looked at in one search; of those only headers of files of the same size are read."""


def locate(root: Path, known: KnownNames, reference: Reference, place: MaildirUri) -> MaildirUri:
    """The reference's place, verified; else the same unique name in another folder (a move keeps it); else the same
    size and header anywhere. Raises MessageGoneError."""
    folders = list(dict.fromkeys([place.folder, *folder_names(root)]))
    for folder in folders:
        path = _path(root, folder)
        entry = known.find(path, place.key) if path else None
        if entry is not None and matches(entry.path, reference):
            return MaildirUri(place.mailbox, folder, place.key)
    for seen, (folder, entry) in enumerate(_everything(root, folders)):
        if seen >= SEARCHED_FILES:
            break
        if matches(entry.path, reference):
            return MaildirUri(place.mailbox, folder, entry.key)
    raise MessageGoneError(
        f"the message is no longer at {place}, and no file in {len(folders)} folders has its size and header; "
        "it was deleted, or moved to another account"
    )


def in_folder(path: Path, reference: Reference, place: MaildirUri) -> MaildirUri:
    """Where the message is in the folder at `path`, looked for under `place`'s key first. Raises MessageGoneError."""
    listed = entries(path)
    for entry in sorted(listed, key=lambda entry: entry.key != place.key)[:SEARCHED_FILES]:
        if matches(entry.path, reference):
            return MaildirUri(place.mailbox, place.folder, entry.key)
    raise MessageGoneError(f"the message is neither where it was nor in {place.folder!r}; locate it again")


def matches(path: Path, reference: Reference) -> bool:
    """Whether the file has the reference's size in bytes and its header."""
    try:
        if path.stat().st_size != reference.size:
            return False
        with path.open("rb") as file:
            return header_digest(file.read(2 * HEADER_LIMIT)) == reference.header_digest
    except OSError:
        return False


def read_cut(path: Path, limit: int) -> bytes:
    """The first `limit` bytes of a file."""
    with path.open("rb") as file:
        return file.read(limit)


def _path(root: Path, folder: str) -> Path | None:
    try:
        return folder_path(root, folder)
    except FolderMissingError:
        return None


def _everything(root: Path, folders: list[str]) -> Iterator[tuple[str, Entry]]:
    for folder in folders:
        path = _path(root, folder)
        if path is not None:
            yield from ((folder, entry) for entry in entries(path))
