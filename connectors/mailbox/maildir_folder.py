"""One folder of a Maildir++ tree on disk: its directory, and its messages by unique name. Blocking.

A file is `<unique name>[:2,<flags>]` in new/ or cur/ (https://cr.yp.to/proto/maildir.html); folders are
directories `.Name` beside them, their hierarchy written with dots, their names in modified UTF-7 (RFC 3501 §5.1.3).
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from imapclient import imap_utf7

from connectors.mailbox.port import FolderMissingError, MessageGoneError
from runtime.errors import InvalidInputError, TargetDownError

T = TypeVar("T")

NAMED_FOLDERS: Final = 20
RENAME_TRIES: Final = 8

_DELIVERED = re.compile(r"([0-9]{1,19})\.(?:[^.:,M]{0,40}M([0-9]{1,19}))?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One message file. `flags` are the letters after `:2,`: upper case standard, lower case keywords."""

    key: str
    path: Path
    flags: str


def root_of(path: str, mailbox: str) -> Path:
    """The Maildir's directory. Raises TargetDownError when it is not there, InvalidInputError when it is no Maildir."""
    root = Path(path)
    try:
        if not root.is_dir():
            raise TargetDownError(
                f"mailbox {mailbox}: there is no directory {path}; check the source's `path`, or mount it",
                code="mailbox-path",
            )
        if not (root / "cur").is_dir():
            raise InvalidInputError(
                f"mailbox {mailbox}: {path} is not a Maildir, it has no cur/; name the directory that holds cur/ and "
                "new/, or use kind `eml` for a directory of .eml files"
            )
    except PermissionError as error:
        raise TargetDownError(
            f"mailbox {mailbox}: {path} may not be read: {error.strerror}", code="mailbox-path"
        ) from error
    return root


def folder_names(root: Path) -> list[str]:
    """INBOX, then every `.Name` that has a cur/, sorted."""
    names = [_decoded(d.name[1:]) for d in root.iterdir() if d.name.startswith(".") and (d / "cur").is_dir()]
    return ["INBOX", *sorted(names)]


def folder_path(root: Path, folder: str) -> Path:
    """The folder's directory. Raises FolderMissingError, InvalidInputError for a name that leaves the Maildir."""
    if folder.upper() == "INBOX":
        return root
    if not folder or "/" in folder or "\0" in folder or "" in folder.split("."):
        raise InvalidInputError(
            f"{folder!r} cannot be the name of a Maildir folder; write it like `Archive` or `Archive.2026`",
            code="invalid-folder",
        )
    for name in (imap_utf7.encode(folder).decode("ascii"), folder):
        path = root / f".{name}"
        if (path / "cur").is_dir():
            return path
    names = folder_names(root)
    shown = ", ".join(names[:NAMED_FOLDERS]) + (", …" if len(names) > NAMED_FOLDERS else "")
    raise FolderMissingError(
        f"the Maildir {root} has no folder {folder!r}; it has: {shown}. "
        "Create the folder in a mail program or name another one"
    )


def entries(path: Path) -> list[Entry]:
    """The folder's messages, oldest delivery first (unique names begin with seconds)."""
    found: dict[str, Entry] = {}
    # new/ before cur/: a message that moves between them meanwhile is seen in at least one.
    for sub in ("new", "cur"):
        try:
            with os.scandir(path / sub) as listing:
                names = [item.name for item in listing if not item.name.startswith(".")]
        except FileNotFoundError:
            continue
        for name in names:
            key, _, info = name.partition(":")
            found[key] = Entry(key, path / sub / name, info[2:] if info.startswith("2,") else "")
    return sorted(found.values(), key=_delivered)


def holds(path: Path, key: str) -> bool:
    """Whether the folder has a message of that unique name; cheaper than `entries`."""
    names = (name for sub in ("new", "cur") if (path / sub).is_dir() for name in os.listdir(path / sub))  # noqa: PTH208 - a Path for each of 100,000 names is slow
    return any(name.startswith(key) and name.partition(":")[0] == key for name in names)


class KnownNames:
    """Finds a message by unique name; the last listing of each folder saves listing it again for every message."""

    def __init__(self) -> None:
        self._paths: dict[Path, dict[str, Entry]] = {}

    def find(self, folder: Path, key: str) -> Entry | None:
        """The message's file as it is named now; None: it is not in the folder."""
        entry = self._paths.get(folder, {}).get(key)
        if entry is not None and entry.path.exists():
            return entry
        self._paths[folder] = {found.key: found for found in entries(folder)}
        return self._paths[folder].get(key)

    def use(self, folder: Path, key: str, call: Callable[[Entry], T]) -> T:
        """`call` with the file; again when another program renames it in between. Raises MessageGoneError."""
        for _ in range(RENAME_TRIES):
            entry = self.find(folder, key)
            if entry is None:
                break
            try:
                return call(entry)
            except FileNotFoundError:
                self.forget(folder)
        raise MessageGoneError(f"there is no message {key!r} in {folder} any more; locate it again")

    def forget(self, folder: Path) -> None:
        """List the folder afresh the next time."""
        self._paths.pop(folder, None)

    def renamed(self, folder: Path, entry: Entry) -> None:
        """Note a file's new name."""
        self._paths.setdefault(folder, {})[entry.key] = entry


def rename(entry: Entry, folder: Path, flags: str, *, key: str | None = None) -> Entry:
    """Give the file these flag letters, in `folder`'s cur/. One rename(2): it happened, or it did not."""
    key = key or entry.key
    letters = "".join(sorted(set(flags)))
    path = folder / "cur" / f"{key}:2,{letters}"
    if path != entry.path:
        entry.path.rename(path)
    return Entry(key, path, letters)


def _delivered(entry: Entry) -> tuple[int, int, str]:
    """Seconds and, where the name tells them (`M<microseconds>`), microseconds of delivery, then the name."""
    found = _DELIVERED.match(entry.key)
    return (int(found.group(1)), int(found.group(2) or 0), entry.key) if found else (0, 0, entry.key)


def _decoded(name: str) -> str:
    try:
        return str(imap_utf7.decode(name.encode("ascii")))
    except (UnicodeError, ValueError):
        return name
