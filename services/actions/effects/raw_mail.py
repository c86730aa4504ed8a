"""The whole mail behind an event, as the mailbox has it now, and as text that JSON can carry."""

from email import message_from_bytes, policy
from email.generator import BytesGenerator
from io import BytesIO

from connectors.mailbox.digest import digest
from connectors.mailbox.port import MessageGoneError
from runtime.errors import InvalidInputError
from services.actions.connections import Connections
from services.actions.effects.on_mailbox import reference_of
from services.actions.effects.port import DeclinedError
from services.actions.model import Job

MAX_BYTES = 25 * 1024 * 1024


async def read_raw(connections: Connections, job: Job) -> bytes:
    """The mail, verified by digest.

    Raises DeclinedError: `mail-too-large`, `message-gone`, `mail-changed`; and what the mailbox raises.
    """
    content = job.command.event.content
    if content.size > MAX_BYTES:
        text = f"the mail has {content.size} bytes; more than {MAX_BYTES} are not handed over"
        raise DeclinedError(text, code="mail-too-large")
    connection = await connections.get(job.command.event.mailbox)
    reference = reference_of(job)
    try:
        # It lies where it was, nearly always: one look instead of two.
        raw = await connection.read(reference.uri)
        if digest(raw) == content.digest:
            return raw
    except (MessageGoneError, InvalidInputError):
        pass
    try:
        raw = await connection.read(await connection.locate(reference))
    except MessageGoneError as error:
        raise DeclinedError(error.text, code=error.code) from error
    if digest(raw) != content.digest:
        raise DeclinedError("what lies in the mail's place is another one now", code="mail-changed")
    return raw


def as_json_text(raw: bytes) -> str:
    """The mail as Odoo shall encode it again, in UTF-8. Other 8-bit text becomes quoted-printable or base64 first."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _seven_bit(raw).decode("utf-8", "replace")


def _seven_bit(raw: bytes) -> bytes:
    try:
        written = BytesIO()
        seven = policy.compat32.clone(cte_type="7bit")
        BytesGenerator(written, mangle_from_=False, policy=seven).flatten(message_from_bytes(raw))
        return written.getvalue()
    except Exception:
        # The stdlib's generator fails on mail that is broken in many ways; what cannot be read is replaced then.
        return raw
