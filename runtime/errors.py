"""The one error tree. Drivers' errors are translated into it once, where the driver is called.

Every error carries a stable `code` (lower-case words joined by `-`, safe as a metric label and in the
execution log) and a text that names the place and the remedy. Texts never hold mail content or secrets.
"""

from typing import ClassVar


class MaildeskError(Exception):
    """Base of every error that MailDesk raises on purpose."""

    default_code: ClassVar[str] = "error"

    def __init__(self, text: str, *, code: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.code = code or self.default_code


class TransientError(MaildeskError):
    """The same call may succeed later; trying again is safe."""

    default_code = "transient"


class TargetDownError(TransientError):
    """The whole target (an Odoo, one mail account, the broker) cannot be reached or refuses everyone.

    Waiting for it uses no attempt of a command.
    """

    default_code = "target-down"


class OutcomeUnknownError(TransientError):
    """The connection broke after the request was sent: it may or may not have taken effect. Look before a repeat."""

    default_code = "outcome-unknown"


class PermanentError(MaildeskError):
    """The same call can never succeed; a person has to change something."""

    default_code = "permanent"


class InvalidInputError(PermanentError):
    """What was given (a file, a setting, a record) is malformed; the text names place, field and remedy."""

    default_code = "invalid-input"
