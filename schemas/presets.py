"""Where the big providers' servers are."""

from collections.abc import Mapping
from typing import Any, Final, Literal

PresetName = Literal["gmail", "office365"]

IMAP: Final[Mapping[str, Mapping[str, Any]]] = {
    "gmail": {"host": "imap.gmail.com", "port": 993, "security": "tls", "sent": "[Gmail]/Sent Mail"},
    "office365": {"host": "outlook.office365.com", "port": 993, "security": "tls", "sent": "Sent Items"},
}
POP3: Final[Mapping[str, Mapping[str, Any]]] = {
    "gmail": {"host": "pop.gmail.com", "port": 995, "security": "tls"},
    "office365": {"host": "outlook.office365.com", "port": 995, "security": "tls"},
}
SMTP: Final[Mapping[str, Mapping[str, Any]]] = {
    "gmail": {"host": "smtp.gmail.com", "port": 587, "security": "starttls"},
    "office365": {"host": "smtp.office365.com", "port": 587, "security": "starttls"},
}


def filled(given: Any, known: Mapping[str, Mapping[str, Any]]) -> Any:
    """What is given, else what its preset says."""
    name = given.get("preset") if isinstance(given, dict) else None
    return {**known[name], **given} if isinstance(name, str) and name in known else given
