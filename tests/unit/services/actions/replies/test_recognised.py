"""What ingest and the guards think of a reply of ours, wherever it turns up again."""

from schemas.mail import Address
from services.actions.replies.guards import refusal
from services.ingest.parse.mail import parse_mail
from tests.unit.services.actions.replies.answered import SUPPORT, around, asked, reply_to
from tests.unit.services.actions.replies.test_letter import letter


def test_its_copy_in_sent_is_automatic_mail() -> None:
    read = parse_mail(letter(html="<p>x</p>").raw)
    assert set(read.automatic) == {"auto-submitted", "precedence", "x-auto-response-suppress"}
    assert read.sender is not None
    assert read.sender.address == SUPPORT
    assert read.defects == ()


def test_it_is_never_answered_by_another_mailbox_or_by_its_own() -> None:
    made = letter()
    read = parse_mail(made.raw)
    for headers in (read.headers, ()):
        event = asked(headers=headers, message_id=made.message_id, to=(Address(address=SUPPORT),))
        found = refusal(reply_to(event), around())
        assert found is not None
