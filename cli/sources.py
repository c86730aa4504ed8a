"""What `--mail` means: a path, or an IMAP or POP3 URL, becomes a mailbox."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from runtime.errors import InvalidInputError
from schemas.account import is_this_machine
from schemas.mailbox import EmlSource, ImapSource, Mailbox, MaildirSource, MboxSource, Source
from schemas.pop3_source import Pop3Source

_NAMED = re.compile(r"^(?P<name>[a-z0-9][a-z0-9_.-]{0,62})=(?P<rest>.+)$")
PASSWORD_SECRET = "MAIL_PASSWORD"  # noqa: S105 - the name of a secret
_FORM = "imaps://USER@HOST[:PORT] or pops://USER@HOST[:PORT]"
_PORTS = {"imaps": 993, "imap": 143, "pops": 995, "pop": 110, "pop3s": 995, "pop3": 110}
SECRETS_DOC = f"put the password into MAILDESK_SECRET_{PASSWORD_SECRET}, not into the URL"


def split_name(value: str) -> tuple[str | None, str]:
    """`support=PATH` names the mailbox; a bare PATH or URL does not."""
    found = _NAMED.match(value)
    if found and not Path(value).exists():
        return found["name"], found["rest"]
    return None, value


def slug(text: str) -> str:
    """A mailbox id made of a path's last part or a login."""
    cleaned = re.sub(r"[^a-z0-9_.-]+", "-", text.lower()).strip("-._")[:63]
    return cleaned or "mail"


def default_name(value: str) -> str:
    """The id of an unnamed source."""
    if "://" in value:
        return slug(unquote(urlsplit(value).username or urlsplit(value).hostname or "mail"))
    return slug(Path(value).resolve().stem)


def source_of(value: str) -> Source:
    """The source behind a path or URL. Raises InvalidInputError that says what was found instead."""
    if "://" in value:
        return _account(value)
    path = Path(value)
    absolute = str(path.resolve())
    if path.is_dir():
        if any((path / part).is_dir() for part in ("cur", "new")):
            return MaildirSource(kind="maildir", path=absolute)
        return EmlSource(kind="eml", path=absolute)
    if not path.is_file():
        raise InvalidInputError(
            f"--mail {value}: there is no such file or folder; give an mbox, Maildir, .eml, imap or pop URL"
        )
    if path.suffix.lower() == ".eml" or not _starts_like_mbox(path):
        return EmlSource(kind="eml", path=absolute)
    return MboxSource(kind="mbox", path=absolute)


def mailbox_for(name: str, value: str, known: Mailbox | None) -> Mailbox:
    """The mailbox of that id with this source; what is known of it otherwise (addresses, switches) stays."""
    source = source_of(value)
    return known.model_copy(update={"source": source}) if known is not None else Mailbox(id=name, source=source)


def _starts_like_mbox(path: Path) -> bool:
    if path.suffix.lower() in (".mbox", ".mbx", ".mail") or path.stat().st_size == 0:
        return True
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _account(value: str) -> ImapSource | Pop3Source:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:  # its text may quote the password
        raise InvalidInputError(f"--mail: no host or port can be read in this URL; write {_FORM}") from None
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username:
        raise InvalidInputError(f"--mail {_masked(value)}: write {_FORM}; {SECRETS_DOC}")
    if parts.password:
        raise InvalidInputError(f"--mail {_masked(value)}: {SECRETS_DOC}")
    secure = parts.scheme.endswith("s")
    login = {
        "host": parts.hostname,
        "port": port or _PORTS[parts.scheme],
        "security": "tls" if secure else ("none" if is_this_machine(parts.hostname) else "starttls"),
        "username": unquote(parts.username),
        "password": PASSWORD_SECRET,
    }
    if parts.scheme.startswith("imap"):
        return ImapSource.model_validate({"kind": "imap", **login})
    return Pop3Source.model_validate({"kind": "pop3", **login})


def _masked(value: str) -> str:
    """The URL without its password."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", value)
