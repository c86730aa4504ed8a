"""Which of a mailbox's own addresses a mail was sent to: aliases, and plus-addresses of both (RFC 5233)."""

from schemas.comparable import folded_address
from services.ingest.parse.parsed import ParsedMail

MAX_OWN = 20
_DELIVERED = frozenset(("delivered-to", "x-original-to", "envelope-to"))


def own_recipients(mail: ParsedMail, own: frozenset[str]) -> tuple[str, ...]:
    """As the mail writes them, `sales+fair@…` too; of To and Cc first, then where servers say that they put it.

    `own`: as in `Mailbox.own_addresses`. At most 20.
    """
    if not own:
        return ()
    named = [person.address for person in (*mail.to, *mail.cc)]
    named += [text.strip("<> ") for name, text in mail.headers if name.lower() in _DELIVERED]
    return tuple(dict.fromkeys(address for address in named if _is_own(address, own)))[:MAX_OWN]


def _is_own(address: str, own: frozenset[str]) -> bool:
    folded = folded_address(address)
    local, at, domain = folded.rpartition("@")
    return folded in own or f"{local.partition('+')[0]}{at}{domain}" in own
