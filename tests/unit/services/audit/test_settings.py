"""What the links of the log may be made of."""

import pytest
from pydantic import ValidationError

from services.audit.settings import AuditSettings

MAIL = "https://mail.example/{mailbox}?id={message_id}&event={event_id}&at={content_uri}"


def test_a_template_names_what_a_row_has() -> None:
    settings = AuditSettings(audit_mail_url=MAIL, audit_trace_url="https://traces.example/{trace_id}")
    assert settings.audit_mail_url == MAIL
    assert AuditSettings(audit_mail_url="").audit_mail_url == ""


@pytest.mark.parametrize(
    "template", ["mail.example/{message_id}", "https://mail.example/{subject}", "https://mail.example/{message_id"]
)
def test_a_template_that_cannot_be_filled_in_is_refused(template: str) -> None:
    with pytest.raises(ValidationError, match="audit_mail_url"):
        AuditSettings(audit_mail_url=template)
