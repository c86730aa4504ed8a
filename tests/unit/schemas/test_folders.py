from typing import Any

import pytest
from pydantic import ValidationError

from schemas.mailbox import ImapSource, MaildirSource


def imap(**changes: Any) -> ImapSource:
    return ImapSource.model_validate(
        {"kind": "imap", "host": "mail.example", "username": "info", "password": "INFO", **changes}
    )


def test_without_further_folders_the_record_is_as_it_was() -> None:
    assert "folders" not in imap().model_dump()
    assert "folders" not in MaildirSource(kind="maildir", path="/m").model_dump()


def test_further_folders_keep_their_order() -> None:
    source = imap(folders=["Offers", "Projekte/Übersicht"])
    assert source.folders == ("Offers", "Projekte/Übersicht")
    assert ImapSource.model_validate_json(source.model_dump_json()) == source


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"folders": ["Inbox"]}, "read already"),
        ({"folders": ["Sent"]}, "read already"),
        ({"folders": ["Gesendet"], "sent": "Gesendet"}, "read already"),
        ({"folders": ["A", "A"]}, "read already"),
        ({"folders": ["Lists/*"]}, "no wildcards"),
        ({"folders": ["Lists/%"]}, "no wildcards"),
        ({"folders": ["A\r\nB"]}, "control character"),
        ({"folders": [" "]}, "1 to 500 characters"),
        ({"folders": [str(number) for number in range(21)]}, "at most 20"),
    ],
)
def test_what_is_no_further_folder_is_refused(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        imap(**changes)


def test_a_maildir_has_them_too() -> None:
    with pytest.raises(ValidationError, match="read already"):
        MaildirSource(kind="maildir", path="/m", folders=("INBOX",))
