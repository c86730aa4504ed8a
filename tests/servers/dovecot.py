"""A real Dovecot 2.3 for tests: its own directory, a free port, Maildir storage, several users.

with running_dovecot(tmp_path) as dovecot:
    dovecot.host, dovecot.port, dovecot.users["anna"]     # password
    dovecot.maildir("anna")                               # the same mail, on disk
"""

import contextlib
import grp
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pytest

USERS: Final[Mapping[str, str]] = MappingProxyType({"anna": "secret of anna", "bert": 'bert\'s "päss"', "carl": "c"})
REMEDY: Final = "Dovecot is not installed; `apt-get install dovecot-imapd`"
POP3_REMEDY: Final = "Dovecot speaks no POP3; `apt-get install dovecot-pop3d`"
POP3: Final = Path("/usr/lib/dovecot/pop3")

BASE: Final = (
    "IMAP4rev1",
    "LITERAL+",
    "SASL-IR",
    "ENABLE",
    "ESEARCH",
    "SEARCHRES",
    "UNSELECT",
    "CHILDREN",
    "LIST-EXTENDED",
)

_CONFIG: Final = """
protocols = {protocols}
listen = 127.0.0.1
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_fsync = never
mail_location = maildir:{root}/mail/%u
mail_max_userip_connections = 100
maildir_stat_dirs = yes
imap_capability = {capability}
mail_plugins = {plugins}
namespace inbox {{
  inbox = yes
  separator = .
}}
{tokens}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {root}/passwd
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/home/%u
}}
plugin {{
  acl = vfile:{root}/acls
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
{pop3}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""

_POP3: Final = """
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {port}
  }}
  inet_listener pop3s {{
    port = {tls_port}
  }}
}}
"""

_TOKENS: Final = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf
}}
"""
_OAUTH: Final = """
introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


@dataclass(slots=True)
class DovecotServer:
    """`port` speaks plain IMAP and STARTTLS, `tls_port` TLS from the first byte (when asked for).

    `pop3_port` and `pop3_tls_port`: the same mail by POP3, where that is installed; else 0.
    """

    host: str
    port: int
    users: Mapping[str, str]
    root: Path
    tls_port: int = 0
    pop3_port: int = 0
    pop3_tls_port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def maildir(self, user: str) -> Path:
        """The user's Maildir; its folders are `.Name` below it."""
        return self.root / "mail" / user

    def trust(self) -> ssl.SSLContext:
        """A context that trusts this server's certificate, for the name localhost and the address 127.0.0.1."""
        return ssl.create_default_context(cafile=str(self.root / "cert.pem"))

    def start(self) -> None:
        """Returns when the port answers; raises RuntimeError with Dovecot's own words otherwise."""
        with (self.root / "output").open("wb") as output:
            self._process = subprocess.Popen(
                ["dovecot", "-F", "-c", str(self.root / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **_as_user(),
            )
        end = time.monotonic() + 15
        while not _greets(self.host, self.port):
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"Dovecot does not start:\n{self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """SIGTERM, which also ends every session."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the master and its children: connections break without a BYE."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start on the same port and mail."""
        self.stop()
        self.start()

    def log(self) -> str:
        """What Dovecot wrote."""
        files = (self.root / "output", self.root / "dovecot.log")
        return "\n".join(file.read_text("utf-8", "replace") for file in files if file.exists())

    def _end(self, sign: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            # Its own session, so the group holds this Dovecot and nothing else.
            os.killpg(process.pid, sign)
        process.wait(timeout=15)
        end = time.monotonic() + 10
        while _answers(self.host, self.port) and time.monotonic() < end:
            time.sleep(0.02)


@contextlib.contextmanager
def running_dovecot(
    tmp_path: Path,
    *,
    move: bool = True,
    uidplus: bool = True,
    idle: bool = True,
    notify: bool = False,
    tls: bool = False,
    fixed_flags: tuple[str, ...] = (),
    mechanisms: tuple[str, ...] = ("plain",),
    introspection: str = "",
) -> Iterator[DovecotServer]:
    """A Dovecot that is stopped and removed at the end, its log kept in `tmp_path`; skips the test where Dovecot is not
    installed.

    `move`, `uidplus`, `idle`, `notify`: offer that capability. `fixed_flags`: folders in which users may not change
    flags and keywords (PERMANENTFLAGS without `\\*` and `\\Flagged`). `mechanisms`: SASL's, for logins; those with
    tokens ask at the URL `introspection`.
    """
    if shutil.which("dovecot") is None:
        pytest.skip(REMEDY)
    # Not below tmp_path: a socket's path has 108 bytes, and under root another user must reach it.
    root = Path(tempfile.mkdtemp(prefix="dovecot-"))
    for name in ("run", "state", "mail", "home"):
        (root / name).mkdir()
    server = DovecotServer("127.0.0.1", _free_port(), USERS, root, _free_port() if tls else 0)
    if POP3.exists():
        server.pop3_port, server.pop3_tls_port = _free_port(), _free_port() if tls else 0
    account = _account()
    offered = {"MOVE": move, "UIDPLUS": uidplus, "IDLE": idle, "NOTIFY": notify}
    capability = [*BASE, *(name for name, offers in offered.items() if offers)]
    if tls:
        _certificate(root)
    text = _CONFIG.format(
        root=root,
        user=account.pw_name,
        group=grp.getgrgid(account.pw_gid).gr_name,
        port=server.port,
        tls_port=server.tls_port,
        protocols="imap pop3" if server.pop3_port else "imap",
        pop3=_POP3.format(port=server.pop3_port, tls_port=server.pop3_tls_port) if server.pop3_port else "",
        ssl="yes" if tls else "no",
        certificate=f"ssl_cert = <{root}/cert.pem\nssl_key = <{root}/key.pem" if tls else "",
        capability=" ".join(capability),
        plugins="acl" if fixed_flags else "",
        mechanisms=" ".join(mechanisms),
        tokens=_TOKENS.format(root=root) if introspection else "",
    )
    (root / "dovecot.conf").write_text(text)
    (root / "oauth2.conf").write_text(_OAUTH.format(url=introspection))
    (root / "acls").write_text("".join(f"{folder} owner lrstipekxa\n" for folder in fixed_flags))
    (root / "passwd").write_text("".join(f"{user}:{password}\n" for user, password in USERS.items()))
    if os.getuid() == 0:
        for path in (root, *root.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        (tmp_path / "dovecot.log").write_text(server.log())
        shutil.rmtree(root, ignore_errors=True)


def _account() -> pwd.struct_passwd:
    """Who Dovecot runs as: the caller, or Debian's user `dovecot`, since its login and mail processes refuse root."""
    return pwd.getpwnam("dovecot") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def _as_user() -> dict[str, Any]:
    if os.getuid() != 0:
        return {}
    return {"user": _account().pw_uid, "group": _account().pw_gid, "extra_groups": []}


def _certificate(root: Path) -> None:
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(root / "key.pem"), "-out", str(root / "cert.pem")]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
        return True
    return False


def _greets(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), 1) as connection:
        return connection.recv(4) == b"* OK"
    return False
