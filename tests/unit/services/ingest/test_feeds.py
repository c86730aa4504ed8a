import pytest

from schemas.mailbox import EmlSource, ImapSource, Mailbox, MaildirSource, MboxSource, Source
from schemas.odoo_source import OdooSource
from schemas.pop3_source import Pop3Source
from services.ingest.reader import feeds
from services.ingest.settings import IngestSettings

IMAP = ImapSource(kind="imap", host="h", username="u", password="P", inbox="Eingang", sent="Gesendet")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (IMAP, [("Eingang", "incoming"), ("Gesendet", "outgoing")]),
        (IMAP.model_copy(update={"sent": None}), [("Eingang", "incoming")]),
        (
            IMAP.model_copy(update={"folders": ("Angebote", "Listen")}),
            [("Eingang", "incoming"), ("Angebote", "incoming"), ("Listen", "incoming"), ("Gesendet", "outgoing")],
        ),
        (MaildirSource(kind="maildir", path="/m"), [("INBOX", "incoming"), ("Sent", "outgoing")]),
        (MboxSource(kind="mbox", path="/m"), [("INBOX", "incoming")]),
        (EmlSource(kind="eml", path="/m"), [("INBOX", "incoming")]),
        (OdooSource(kind="odoo"), [("INBOX", "incoming"), ("Sent", "outgoing")]),
        (OdooSource(kind="odoo", sent=False), [("INBOX", "incoming")]),
        (Pop3Source(kind="pop3", host="h", username="u", password="P"), [("INBOX", "incoming")]),
    ],
)
def test_folders_that_are_read(source: Source, expected: list[tuple[str, str]]) -> None:
    found = feeds(Mailbox(id="info", source=source))
    assert [(feed.folder, feed.direction) for feed in found] == expected
    assert {feed.topic.name for feed in found} <= {"mail-arrived", "mail-sent"}


def test_which_mailboxes_a_process_reads() -> None:
    assert IngestSettings(ingest_mailboxes="").reads("info")
    some = IngestSettings(ingest_mailboxes=" info, sales ")
    assert [some.reads(name) for name in ("info", "sales", "inf")] == [True, True, False]
