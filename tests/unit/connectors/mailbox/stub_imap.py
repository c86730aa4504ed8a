"""The client side of an IMAP server in memory, whose answers can be made wrong; every command is counted."""

from collections.abc import Callable, Iterable
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from connectors.mailbox.digest import digest, header_digest
from connectors.mailbox.imap_session import Account, ImapSession
from connectors.mailbox.limits import Timeouts
from connectors.mailbox.port import Reference
from connectors.mailbox.uri import ImapUri
from schemas.mailbox import ImapSource


class StubImap:
    """`boxes`: raw mail by folder and UID. `refuse` answers NO to a command on UIDs, `cut` breaks off before it.

    A STORE is not kept for those that it `forgets`, and comes too late for those that it `expunges`.
    """

    def __init__(self, **boxes: dict[int, bytes]) -> None:
        self.boxes = boxes
        self.flags: dict[tuple[str, int], set[bytes]] = {}
        self.last = dict.fromkeys(boxes, 9)
        self.validity = dict.fromkeys(boxes, 1)
        self.commands: list[str] = []
        self.refuse: Callable[[str, list[int]], bool] = lambda _command, _uids: False
        self.cut: Callable[[str, list[int]], bool] = lambda _command, _uids: False
        self.copyuid: Callable[[bytes], bytes | None] = lambda told: told
        self.told: list[bytes] = []
        self.selected = ""
        self.tells_nothing = False
        self.forgets: set[int] = set()
        self.expunges: set[int] = set()
        self._imap = self

    def has_capability(self, name: str) -> bool:
        return name in ("MOVE", "UIDPLUS")

    def list_folders(self) -> list[tuple[tuple[bytes, ...], bytes, str]]:
        self.commands.append("LIST")
        return [((), b".", name) for name in self.boxes]

    def select_folder(self, folder: str, readonly: bool) -> dict[bytes, Any]:
        self.commands.append("EXAMINE" if readonly else "SELECT")
        if folder not in self.boxes:
            raise IMAPClientError("select failed: no such folder")
        self.selected = folder
        return {b"UIDVALIDITY": self.validity[folder], b"PERMANENTFLAGS": (b"\\*", b"\\Flagged", b"\\Seen")}

    def noop(self) -> None:
        self.commands.append("NOOP")

    def fetch(self, uids: list[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
        self._command("FETCH", uids)
        box = self.boxes[self.selected]
        return {uid: self._fetched(uid, box[uid], items) for uid in uids if uid in box}

    def search(self, criteria: str) -> list[int]:
        self.commands.append("SEARCH")
        wanted = criteria.split('"')[1].encode()
        return [uid for uid, raw in self.boxes[self.selected].items() if wanted in raw]

    def add_flags(self, uids: list[int], flags: Iterable[str], *, silent: bool = False) -> dict[int, tuple[bytes, ...]]:
        self._command("STORE", uids)
        for uid in self.expunges:
            self.boxes[self.selected].pop(uid, None)
        there = [uid for uid in uids if uid in self.boxes[self.selected]]
        for uid in there:
            new = () if uid in self.forgets else [flag.encode() for flag in flags]
            self.flags.setdefault((self.selected, uid), set()).update(new)
        return {} if silent or self.tells_nothing else {uid: tuple(self.flags[self.selected, uid]) for uid in there}

    def remove_flags(
        self, uids: list[int], flags: Iterable[str], *, silent: bool = False
    ) -> dict[int, tuple[bytes, ...]]:
        self._command("STORE", uids)
        there = [uid for uid in uids if uid in self.boxes[self.selected]]
        for uid in there:
            self.flags.setdefault((self.selected, uid), set()).difference_update(flag.encode() for flag in flags)
        return {} if silent or self.tells_nothing else {uid: tuple(self.flags[self.selected, uid]) for uid in there}

    def move(self, uids: list[int], folder: str) -> None:
        self._command("MOVE", uids)
        source, target = self.boxes[self.selected], self.boxes[folder]
        moved, made = [uid for uid in uids if uid in source], list[int]()
        for uid in moved:
            made.append(max(self.last[folder], *target, 0) + 1)  # never used twice
            self.last[folder] = made[-1]
            target[made[-1]] = source.pop(uid)
            self.flags[folder, made[-1]] = self.flags.pop((self.selected, uid), set())
        told = f"{self.validity[folder]} {','.join(map(str, moved))} {','.join(map(str, made))}".encode()
        self.told += [answer] if (answer := self.copyuid(told)) is not None else []

    def response(self, _name: str) -> tuple[str, list[bytes | None]]:
        told, self.told = self.told, []
        return "COPYUID", [*told] or [None]

    def shutdown(self) -> None:
        self.commands.append("CUT")

    def _command(self, name: str, uids: list[int]) -> None:
        self.commands.append(name)
        if self.cut(name, uids):
            raise IMAPClientAbortError("socket error: EOF")
        if self.refuse(name, uids):
            raise IMAPClientError(f"{name} failed: no")

    def _fetched(self, uid: int, raw: bytes, items: list[str]) -> dict[bytes, Any]:
        if items == ["FLAGS"]:
            return {b"FLAGS": tuple(self.flags.get((self.selected, uid), ()))}
        return {b"RFC822.SIZE": len(raw), b"BODY[HEADER]<0>": raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"}


def session_on(stub: StubImap) -> ImapSession:
    """A session that is logged in there."""
    source = ImapSource(kind="imap", host="imap.example", username="u", password="P")
    session = ImapSession(Account("m", source, lambda: "", Timeouts()))
    session._client = stub
    return session


def letter(number: int) -> bytes:
    return f"Subject: {number}\r\nMessage-ID: <{number}@x>\r\n\r\nbody {number}\r\n".encode()


def placed(numbers: Iterable[int], folder: str = "INBOX") -> list[tuple[Reference, ImapUri]]:
    """`letter(n)` at UID n."""
    found = []
    for number in numbers:
        raw, place = letter(number), ImapUri("m", folder, 1, number)
        ident = f"<{number}@x>"
        found.append((Reference(str(place), digest(raw), header_digest(raw), len(raw), ident), place))
    return found
