"""Mail servers that are set up wrongly, on real parts: Dovecot and an SMTP server."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.ports import free_ports
from tests.servers.dovecot import DovecotServer, running_dovecot
from tests.servers.smtp import PASSWORD, USER, SmtpServer, running_smtp
from tests.servers.tokens import running_token_server

SECRETS = {
    "ANNA": "secret of anna",
    "WRONG": "wrong password",
    "SMTP": PASSWORD,
    "REVOKED": "a grant that was taken back",
}


@dataclass(slots=True)
class Wrong:
    """The servers, what is trusted, and the mailboxes that are set up on them."""

    dovecot: DovecotServer
    expired: DovecotServer
    named: DovecotServer
    smtp: SmtpServer
    trusted: Path
    silent: int
    closed: int
    tokens: str
    mailboxes: list[dict[str, Any]] = field(default_factory=list)

    def write(self, path: Path) -> Path:
        """The file with the mailboxes, and a rule of each that could answer."""
        path.write_text(yaml.safe_dump({"mailboxes": self.mailboxes}))
        return path

    def furnish(self) -> None:
        """One mailbox for each thing that is wrong, named after it."""
        self._imap("good", self.dovecot.port)
        self._imap("expired", self.expired.tls_port, security="tls", host="localhost")
        self._imap("name", self.named.tls_port, security="tls", host="localhost")
        self._imap("ends-soon", self.dovecot.port, security="starttls", host="localhost")
        self._imap("password", self.dovecot.port, password="WRONG")
        self._imap("secret", self.dovecot.port, password="NOWHERE")
        self._imap("folder", self.dovecot.port, inbox="Posteingang")
        self._imap("sent", self.dovecot.port, sent="Gesendet")
        self._imap("granted", self.dovecot.port, password=None, oauth=self._grant("GRANT"))
        self._imap("revoked", self.dovecot.port, password=None, oauth=self._grant("REVOKED"))
        self._imap("closed", self.closed)
        self._imap("silent", self.silent)
        self._imap("plain-port", self.dovecot.port, security="tls", host="localhost")
        self._imap("smtp-login", self.dovecot.port, outgoing={"port": self.smtp.port, "password": "WRONG"})
        self._imap("smtp-closed", self.dovecot.port, outgoing={"port": self.closed, "password": "SMTP"})
        self.mailboxes.append({"id": "path", "source": {"kind": "mbox", "path": "/nowhere/support.mbox"}})

    def _grant(self, secret: str) -> dict[str, str]:
        ends = {"token_url": f"{self.tokens}/token", "device_url": f"{self.tokens}/device"}
        return {"provider": "custom", "client_id": "app", "refresh_token": secret} | ends

    def _imap(self, name: str, port: int, outgoing: dict[str, Any] | None = None, **more: Any) -> None:
        source = {"kind": "imap", "host": "127.0.0.1", "port": port, "security": "none", "username": "anna"}
        given = source | {"password": "ANNA", "sent": None} | more
        box: dict[str, Any] = {
            "id": name,
            "source": {key: value for key, value in given.items() if value or key == "sent"},
        }
        if outgoing is not None:
            sends = {"host": "127.0.0.1", "security": "none", "username": USER, "address": "anna@company.example"}
            box["outgoing"] = sends | outgoing
        self.mailboxes.append(box)


@contextmanager
def set_up_wrongly(folder: Path) -> Iterator[Wrong]:
    """Everything runs until the end. Skips where Dovecot is not installed."""
    with ExitStack() as stack:
        tokens = stack.enter_context(running_token_server())
        logins: dict[str, Any] = {"mechanisms": ("plain", "xoauth2"), "introspection": f"{tokens.url}/introspect"}
        good = stack.enter_context(running_dovecot(_folder(folder, "a"), tls=True, **logins))
        expired, named = (stack.enter_context(running_dovecot(_folder(folder, name), tls=True)) for name in ("b", "c"))
        _show(expired, "DNS:localhost,IP:127.0.0.1", days=-1)
        _show(named, "DNS:mail.elsewhere.example", days=100)
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        smtp = stack.enter_context(running_smtp(login=True))
        trusted = folder / "trusted.pem"
        trusted.write_text("".join((server.root / "cert.pem").read_text() for server in (good, expired, named)))
        wrong = Wrong(good, expired, named, smtp, trusted, silent.getsockname()[1], free_ports(1)[0], tokens.url)
        wrong.furnish()
        yield wrong


def shown(line: str) -> str:
    """A finding without what differs from run to run."""
    place = next((place for word, place in _PLACES.items() if f"[{word}" in line), "mail.company.example:993")
    line = re.sub(r"(127\.0\.0\.1|localhost):\d+", place, line)
    line = re.sub(r"\('127\.0\.0\.1', \d+\)", "('127.0.0.1', 5432)", line)
    line = re.sub(r"the file \S+/", "the file /run/secrets/maildesk/", line)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "2026-03-01 12:00", line)


_PLACES = {"Kafka": "kafka.company.example:9092", "Odoo": "odoo.company.example:8069"}


def _folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def _show(server: DovecotServer, names: str, days: int) -> None:
    """Another certificate, of these names, that lasts so many days from now."""
    root = server.root
    make = [
        "openssl",
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-subj",
        "/CN=x",
    ]
    key, asked, cert = root / "key.pem", root / "asked.pem", root / "cert.pem"
    owner = cert.stat()
    more = ["-subj", "/CN=x", "-addext", f"subjectAltName={names}", "-keyout", str(key), "-out", str(asked)]
    subprocess.run([*make, *more], check=True, capture_output=True)
    sign = ["openssl", "x509", "-req", "-in", str(asked), "-signkey", str(key), "-copy_extensions", "copy"]
    subprocess.run([*sign, "-days", str(days), "-out", str(cert)], check=True, capture_output=True)
    if os.getuid() == 0:
        for path in (key, asked, cert):
            shutil.chown(path, owner.st_uid, owner.st_gid)
    server.restart()
