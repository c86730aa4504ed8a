"""What a server's answers mean (RFC 5321 §4.2)."""

from collections.abc import Iterable

from runtime.errors import MaildeskError, PermanentError, TargetDownError, TransientError
from runtime.secrets import without

CLOSING = 421
LOGIN_WANTED = 530
MAX_TEXT = 200


def shown(answer: bytes, secrets: Iterable[str] = ()) -> str:
    """A server's words in one bounded line, for texts, without these secrets."""
    line = without(" ".join(answer.decode("utf-8", "replace").split()), secrets)
    return "".join(c if c.isprintable() else "?" for c in line[:MAX_TEXT])


def refusal(place: str, step: str, code: int, answer: bytes) -> MaildeskError:
    """The error for an answer other than the one that was waited for; nothing was taken."""
    said = f"{place} answered {step} with {code} {shown(answer)}"
    if code == CLOSING:
        return TargetDownError(said, code="smtp-closing")
    if code == LOGIN_WANTED:
        return TargetDownError(f"{said}; give `username` and `password` in the mailbox's outgoing", code="smtp-login")
    if code // 100 == 4:
        return TransientError(said, code="smtp-later")
    if code // 100 == 5:
        return PermanentError(said, code="smtp-refused")
    return TransientError(f"{said}, which is no answer to it", code="smtp-protocol")
