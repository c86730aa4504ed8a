"""What MailDesk needs of a submission server: one message to one recipient, and to know what became of it.

The real client and the fake pass one conformance suite.
"""

from typing import Protocol


class SmtpConnection(Protocol):
    """A connection for one message. `prepare`, then `transmit`, then `close`, which is always called.

    Nothing is handed over before `transmit`, so that the caller may write down in between that it sends.
    """

    async def prepare(self, sender: str, recipient: str) -> None:
        """Connect, secure the line, log in, MAIL and RCPT (RFC 5321 §3.3). Addresses are plain ASCII.

        Raises TargetDownError when the server is away, closing (421) or refuses the login, TransientError when it
        says later (4yz), PermanentError when it refuses this sender or recipient (5yz).
        """

    async def transmit(self, message: bytes) -> str:
        """DATA with the whole message, lines ended by CRLF; returns what the server said when it took it (2yz).

        Raises TransientError (4yz), PermanentError (5yz), and TargetDownError when the connection broke before the
        end of data was sent: then nothing was taken. Raises OutcomeUnknownError when it broke after, before the
        answer: the message may be on its way.
        """

    async def close(self) -> None:
        """End the connection, whatever state it is in. Never raises."""
