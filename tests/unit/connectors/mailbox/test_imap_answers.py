"""A server that tells of flags without UID, as servers may at any time: by the sequence number alone."""

import socketserver
import threading
from collections.abc import Iterator

import pytest

from connectors.mailbox.imap_change_many import flags_of
from connectors.mailbox.imap_fetch import Listed, bodies, describe
from connectors.mailbox.imap_session import Account, ImapSession
from connectors.mailbox.limits import ReadLimits, Timeouts
from connectors.mailbox.uri import ImapUri
from schemas.mailbox import ImapSource

UNASKED = b"* 5 FETCH (FLAGS (\\Deleted theirs))\r\n"
"""The fifth message, whose UID is 9; UID 5 is the third message."""
ANSWERS = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
    b"EXAMINE": b"* 5 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n",
    b"NOOP": UNASKED,
    b"RFC822.SIZE": b'* 3 FETCH (UID 5 RFC822.SIZE 3 INTERNALDATE " 1-Mar-2026 12:00:00 +0000" FLAGS (ours))\r\n'
    + UNASKED,
    b"BODY.PEEK[]": b"* 3 FETCH (BODY[] {3}\r\nour UID 5 FLAGS (ours))\r\n* 5 FETCH (BODY[] {3}\r\nbad)\r\n",
    b"(FLAGS)": UNASKED,
    b"+FLAGS": UNASKED + b"* 3 FETCH (UID 5 FLAGS (ours new))\r\n" + UNASKED,
}


class Telling(socketserver.StreamRequestHandler):
    """One connection of the server."""

    timeout = 10.0

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            told = next((answer for mark, answer in ANSWERS.items() if mark in line), b"")
            self.wfile.write(told + line.split()[0] + b" OK done\r\n")
            if b"LOGOUT" in line:
                return


@pytest.fixture
def session() -> Iterator[ImapSession]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Telling) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        place = ImapSource(
            kind="imap",
            host="127.0.0.1",
            port=server.server_address[1],
            security="none",
            username="me",
            password="PASSWORD",
        )
        session = ImapSession(Account("info", place, lambda: "x", Timeouts(5, 5)))
        yield session
        session.close()
        server.shutdown()


def test_flags_of_another_message_are_not_taken_for_those_of_the_one_asked_for(session: ImapSession) -> None:
    session.select("INBOX")
    session.select("INBOX")
    (listed,) = describe(session, [5])
    assert (listed.uid, listed.size, listed.flags) == (5, 3, ("ours",))


def test_a_body_is_taken_with_its_uid_wherever_in_the_answer_that_is(session: ImapSession) -> None:
    session.select("INBOX")
    listed = Listed(5, 3, None, ())
    assert list(bodies(session, [listed], ReadLimits())) == [(listed, b"our")]


def test_a_message_that_only_unasked_answers_seem_to_name_is_gone(session: ImapSession) -> None:
    selected = session.select("INBOX")
    assert flags_of(session, selected, {0: ImapUri("info", "INBOX", 1, 5)}) == {}


def test_a_store_tells_only_of_what_was_stored(session: ImapSession) -> None:
    session.select("INBOX")
    assert session.client.add_flags([5], [b"new"]) == {5: (b"ours", b"new")}
    assert session.client.add_flags([5], [b"new"], silent=True) is None
