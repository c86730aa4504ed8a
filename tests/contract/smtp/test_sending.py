"""What every submission server promises: what became of a message, whatever goes wrong."""

import pytest

from connectors.smtp.fake import TAKEN, Trouble
from connectors.smtp.port import SmtpConnection
from runtime.errors import MaildeskError, OutcomeUnknownError, PermanentError, TargetDownError, TransientError
from tests.contract.smtp.conftest import Rig

FROM, TO = "support@company.example", "anna@example.org"
MESSAGE = b"Subject: Re: x\r\n\r\n.dot\r\n..\r\nG\xc3\xbc\r\n"
LONG = b"Subject: long\r\n\r\n" + (b"x" * 76 + b"\r\n") * 400_000
"""Larger than what the system keeps on the way."""


async def send(connection: SmtpConnection, message: bytes = MESSAGE) -> str:
    try:
        await connection.prepare(FROM, TO)
        return await connection.transmit(message)
    finally:
        await connection.close()


async def failed(rig: Rig, trouble: Trouble, message: bytes = MESSAGE) -> MaildeskError:
    rig.server.trouble = trouble
    with pytest.raises(MaildeskError) as raised:
        await send(rig.connect(), message)
    assert "Re: x" not in raised.value.text
    return raised.value


async def test_a_message_arrives_whole_with_its_envelope(rig: Rig) -> None:
    assert "taken" in await send(rig.connect())
    assert rig.server.taken == [(FROM, TO, MESSAGE)]


async def test_nothing_is_handed_over_before_the_message(rig: Rig) -> None:
    connection = rig.connect()
    await connection.prepare(FROM, TO)
    await connection.close()
    assert rig.server.taken == []


@pytest.mark.parametrize(
    ("trouble", "kind", "code"),
    [
        ("login refused", TargetDownError, "smtp-login"),
        ("recipient refused", PermanentError, "smtp-refused"),
        ("recipient later", TransientError, "smtp-later"),
        ("closing", TargetDownError, "smtp-closing"),
        ("lost at recipient", TargetDownError, "smtp-lost"),
        ("silent at recipient", TargetDownError, "smtp-lost"),
        ("data refused", PermanentError, "smtp-refused"),
        ("lost at data", TargetDownError, "smtp-lost"),
        ("lost in message", TargetDownError, "smtp-lost"),
        ("message later", TransientError, "smtp-later"),
        ("message refused", PermanentError, "smtp-refused"),
        ("lost after message", OutcomeUnknownError, "smtp-unknown"),
        ("silent after message", OutcomeUnknownError, "smtp-unknown"),
    ],
)
async def test_what_went_wrong(rig: Rig, trouble: Trouble, kind: type[MaildeskError], code: str) -> None:
    error = await failed(rig, trouble, LONG if trouble == "lost in message" else MESSAGE)
    assert (type(error), error.code) == (kind, code), error.text
    # Whatever is not unknown is as if nothing was sent, so that it may be sent again.
    assert len(rig.server.taken) == (trouble in TAKEN)
    rig.server.trouble = None
    await send(rig.connect())
    assert len(rig.server.taken) == 1 + (trouble in TAKEN)


async def test_closing_is_safe_at_any_time(rig: Rig) -> None:
    unused = rig.connect()
    await unused.close()
    rig.server.trouble = "lost at recipient"
    broken = rig.connect()
    with pytest.raises(TargetDownError):
        await broken.prepare(FROM, TO)
    await broken.close()
    await broken.close()
    assert rig.server.taken == []
