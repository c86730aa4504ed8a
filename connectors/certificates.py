"""Until when the certificates hold that servers show us."""

import ssl
from typing import Literal

from connectors.metrics import CERTIFICATE_EXPIRY


def note_certificate(mailbox: str, protocol: Literal["imap", "pop3", "smtp"], connection: object) -> None:
    """Remember the end of the certificate of a connection that stands; one without TLS, or whose certificate was not
    checked, has none to tell. Never raises.
    """
    if not isinstance(connection, ssl.SSLSocket):
        return
    try:
        ends = (connection.getpeercert() or {}).get("notAfter")
        if isinstance(ends, str):
            CERTIFICATE_EXPIRY.labels(mailbox, protocol).set(ssl.cert_time_to_seconds(ends))
    except (OSError, ValueError):
        return
