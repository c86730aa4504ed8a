from connectors.mailbox.digest import digest
from connectors.mailbox.port import Fetched, Position, Unreadable
from services.ingest.model import Feed, Prepared, Unusable
from services.ingest.parse.mail import ParsedMail, parse_mail
from services.ingest.prepare import prepare
from tests.unit.services.ingest.samples import PLAIN

FEED = Feed("info", "maildir", "INBOX", "incoming")
HERE = Position("INBOX", "", "key\udcff")


def fetched(raw: bytes, size: int | None = None) -> Fetched:
    return Fetched(HERE, "maildir://info/INBOX;KEY=k", raw, len(raw) if size is None else size, None)


def test_a_good_mail() -> None:
    [ready] = prepare(FEED, [fetched(PLAIN)], parse_mail)
    assert isinstance(ready, Prepared)
    assert ready.content.digest == digest(PLAIN)
    assert ready.position.uid == "key\\udcff", "what is no text is written as text"


def test_the_same_mail_has_the_same_id_and_another_mailbox_another() -> None:
    other = Feed("sales", "eml", "INBOX", "incoming")
    found = [prepare(feed, [fetched(PLAIN)], parse_mail)[0] for feed in (FEED, FEED, other)]
    assert [isinstance(ready, Prepared) for ready in found] == [True] * 3
    events = [ready.event_id for ready in found if isinstance(ready, Prepared)]
    assert (events[0] == events[1], events[0] == events[2]) == (True, False)


def test_a_cut_message_says_so() -> None:
    [ready] = prepare(FEED, [fetched(PLAIN, size=1_000_000)], parse_mail)
    assert isinstance(ready, Prepared)
    assert ready.mail.defects[-1] == f"message-cut: {len(PLAIN)} of 1000000 bytes read"
    assert ready.content.size == 1_000_000


def test_what_cannot_be_read_or_parsed_does_not_stop_the_next() -> None:
    def parser(raw: bytes) -> ParsedMail:
        if raw == b"bad":
            raise RecursionError("too deep")
        return parse_mail(raw)

    found = prepare(FEED, [Unreadable(HERE, "uri", "gone\0"), fetched(b"bad"), fetched(PLAIN)], parser)
    assert [ready.code if isinstance(ready, Unusable) else "" for ready in found] == [
        "mail-unreadable",
        "mail-unparsable",
        "",
    ]
    assert isinstance(found[0], Unusable)
    assert found[0].text == "gone\ufffd"
