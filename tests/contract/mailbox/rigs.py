# ruff: noqa: ARG002 - files have one folder, and the rig's other program there acts on the oldest message
"""One mailbox of each kind, with what a test needs besides the port: delivery, and another program at work on it."""

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from imapclient import IMAPClient

from connectors.mailbox.digest import digest, header_digest
from connectors.mailbox.fake import FakeMailbox
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import Batch, Fetched, MailboxConnection, Reference
from connectors.mailbox.uri import ImapUri, MaildirUri
from schemas.mailbox import EmlSource, ImapSource, Mailbox, MaildirSource, MboxSource
from schemas.pop3_source import Pop3Source
from tests.servers.dovecot import POP3_REMEDY, DovecotServer

_SERIAL = itertools.count(1)


def mail(subject: str = "Angebot", *, size: int = 0, message_id: str | None = "auto") -> bytes:
    """A mail with CRLF ends and its own Message-ID (None: without one); `size` bytes of body."""
    serial = next(_SERIAL)
    ident = f"<m{serial}@example.org>" if message_id == "auto" else message_id
    header = f"From: a@example.org\r\nSubject: {subject} {serial}\r\n"
    if ident:
        header += f"Message-ID: {ident}\r\n"
    line = b"x" * 70 + b"\r\n"
    return header.encode() + b"\r\n" + b"Guten Tag\r\n" + line * (size // len(line))


def reference(message: Fetched) -> Reference:
    """What ingest would remember of it."""
    lines = [line for line in message.raw.splitlines() if line.lower().startswith(b"message-id:")]
    ident = lines[0].split(b":", 1)[1].strip().decode() if lines else None
    return Reference(message.uri, digest(message.raw), header_digest(message.raw), message.size, ident)


async def batches(mailbox: MailboxConnection, folder: str = "INBOX", cursor: str | None = None) -> list[Batch]:
    """Everything that a scan gives."""
    return [batch async for batch in mailbox.scan(folder, cursor)]


async def fetched(mailbox: MailboxConnection, folder: str = "INBOX") -> list[Fetched]:
    """The readable messages of a folder."""
    return [m for batch in await batches(mailbox, folder) for m in batch.messages if isinstance(m, Fetched)]


class Rig(Protocol):
    """A kind of mailbox under test. Folders: INBOX, Archive and Projekte-Übersicht, where it has folders."""

    def open(self, limits: ReadLimits | None = None) -> MailboxConnection: ...

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None: ...

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        """Flags and keywords of each message, in order, as another program sees them, without \\Recent."""

    def steal(self, uri: str, folder: str) -> None:
        """Another program moves the message."""

    def remove(self, uri: str) -> None:
        """Another program deletes it for good."""


class FakeRig:
    """The fake is its own other program."""

    def __init__(self) -> None:
        self.mailbox = FakeMailbox("test", ("INBOX", "Archive", "Projekte-Übersicht"))

    def open(self, limits: ReadLimits | None = None) -> MailboxConnection:
        self.mailbox._limits = limits or ReadLimits()
        return self.mailbox

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        self.mailbox.deliver(raw, folder)

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        return [set(m.flags) for _, m in sorted(self.mailbox.stored[folder].messages.items())]

    def steal(self, uri: str, folder: str) -> None:
        place = ImapUri.parse(uri, "test")
        message = self.mailbox.stored[place.folder].messages.pop(place.uid)
        self.mailbox.stored[folder].add(message)

    def remove(self, uri: str) -> None:
        self.mailbox.remove(uri)


class ImapRig:
    """A real Dovecot; the other program is a second connection."""

    def __init__(self, server: DovecotServer, user: str = "anna", *, port: int | None = None) -> None:
        self.server, self.user, self.port = server, user, port or server.port
        self.password = server.users[user]
        with self.admin() as admin:
            for name in ("Archive", "Projekte-Übersicht"):
                if not admin.folder_exists(name):
                    admin.create_folder(name)

    def admin(self) -> Any:
        client = IMAPClient(self.server.host, self.server.port, ssl=False, timeout=20)
        client.plain_login(self.user, self.password)
        return client

    def mailbox(self) -> Mailbox:
        source = ImapSource(
            kind="imap", host=self.server.host, port=self.port, security="none", username=self.user, password="PASSWORD"
        )
        return Mailbox(id="test", source=source)

    def open(self, limits: ReadLimits | None = None) -> MailboxConnection:
        return open_mailbox(self.mailbox(), lambda _: self.password, limits=limits)

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        with self.admin() as admin:
            admin.append(folder, raw)

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        with self.admin() as admin:
            admin.select_folder(folder, readonly=True)
            answers = admin.fetch(admin.search(), ["FLAGS"])
            return [{f.decode() for f in answers[uid][b"FLAGS"]} - {"\\Recent"} for uid in sorted(answers)]

    def steal(self, uri: str, folder: str) -> None:
        place = ImapUri.parse(uri, "test")
        with self.admin() as admin:
            admin.select_folder(place.folder)
            admin.copy([place.uid], folder)
            admin.delete_messages([place.uid])
            admin.expunge([place.uid])

    def remove(self, uri: str) -> None:
        place = ImapUri.parse(uri, "test")
        with self.admin() as admin:
            admin.select_folder(place.folder)
            admin.delete_messages([place.uid])
            admin.expunge([place.uid])


class Pop3Rig:
    """The INBOX of a real Dovecot by POP3; the other program speaks IMAP to the same account."""

    def __init__(self, imap: ImapRig) -> None:
        if not imap.server.pop3_port:
            pytest.skip(POP3_REMEDY)
        self.imap = imap

    def open(self, limits: ReadLimits | None = None) -> MailboxConnection:
        server, user = self.imap.server, self.imap.user
        source = Pop3Source(
            kind="pop3", host=server.host, port=server.pop3_port, security="none", username=user, password="PASSWORD"
        )
        return open_mailbox(Mailbox(id="test", source=source), lambda _: self.imap.password, limits=limits)

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        self.imap.deliver(raw, folder)

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        return self.imap.flags(folder)

    def steal(self, uri: str, folder: str) -> None:
        """Dovecot's unique id changes when the mail goes to another folder and back."""
        with self.imap.admin() as admin:
            for source, target in (("INBOX", folder), (folder, "INBOX")):
                admin.select_folder(source)
                admin.move(admin.search(), target)

    def remove(self, uri: str) -> None:
        with self.imap.admin() as admin:
            admin.select_folder("INBOX")
            admin.delete_messages(admin.search())
            admin.expunge()


class MaildirRig:
    """A directory; the other program renames files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("INBOX", "Archive", "Projekte-Übersicht"):
            for sub in ("cur", "new", "tmp"):
                (self.path(folder) / sub).mkdir(parents=True)

    def path(self, folder: str) -> Path:
        return self.root if folder == "INBOX" else self.root / ("." + folder.replace("Ü", "&ANw-"))

    def open(self, limits: ReadLimits | None = None) -> MailboxConnection:
        source = MaildirSource(kind="maildir", path=str(self.root))
        return open_mailbox(Mailbox(id="test", source=source), lambda _: "", limits=limits)

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        name = f"{1_700_000_000 + next(_SERIAL)}.M1P{os.getpid()}.host"
        tmp = self.path(folder) / "tmp" / name
        tmp.write_bytes(raw)
        tmp.rename(self.path(folder) / "new" / name)

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        path = self.path(folder)
        table = path / "dovecot-keywords"
        names = dict(line.split(" ", 1) for line in table.read_text().splitlines()) if table.exists() else {}
        meaning = {"F": "\\Flagged", "S": "\\Seen"} | {chr(97 + int(n)): keyword for n, keyword in names.items()}
        files = sorted(self.files(folder), key=lambda file: file.name)
        return [{meaning[c] for c in file.name.partition(":2,")[2]} for file in files]

    def files(self, folder: str) -> Iterator[Path]:
        for sub in ("new", "cur"):
            yield from (self.path(folder) / sub).iterdir()

    def find(self, uri: str) -> Path:
        place = MaildirUri.parse(uri, "test")
        return next(f for f in self.files(place.folder) if f.name.partition(":")[0] == place.key)

    def steal(self, uri: str, folder: str) -> None:
        file = self.find(uri)
        file.rename(self.path(folder) / "cur" / f"{1_800_000_000 + next(_SERIAL)}.other:2,S")

    def remove(self, uri: str) -> None:
        self.find(uri).unlink()


class MboxRig:
    """One file; the other program rewrites it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def open(self, limits: ReadLimits | None = None) -> MailboxConnection:
        return open_mailbox(
            Mailbox(id="test", source=MboxSource(kind="mbox", path=str(self.path))), lambda _: "", limits=limits
        )

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        assert folder == "INBOX"
        with self.path.open("ab") as file:
            file.write(b"From a@example.org Thu Jan  1 00:00:01 2026\n" + raw.replace(b"\r\n", b"\n") + b"\n")

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        return []

    def steal(self, uri: str, folder: str) -> None:
        self.path.write_bytes(b"From x Thu Jan  1 00:00:01 2026\n\nshorter\n\n" + self.path.read_bytes())

    def remove(self, uri: str) -> None:
        self.path.write_bytes(b"")


class EmlRig:
    """A directory of files; the other program renames them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def open(self, limits: ReadLimits | None = None) -> MailboxConnection:
        return open_mailbox(
            Mailbox(id="test", source=EmlSource(kind="eml", path=str(self.root))), lambda _: "", limits=limits
        )

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        assert folder == "INBOX"
        directory = self.root / f"tag {next(_SERIAL):08}"
        directory.mkdir()
        (directory / "nachricht ü.eml").write_bytes(raw)

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        return []

    def steal(self, uri: str, folder: str) -> None:
        directory = next(iter(sorted(self.root.iterdir())))
        directory.rename(self.root / "umbenannt")

    def remove(self, uri: str) -> None:
        shutil.rmtree(next(iter(sorted(self.root.iterdir()))))
