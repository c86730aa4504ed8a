"""Gmail's threads: asked for where the server offers them, and of nobody else."""

from typing import Any

from connectors.mailbox.imap_fetch import describe
from tests.unit.connectors.mailbox.stub_imap import StubImap, letter, session_on


class Noting(StubImap):
    """Notes what it is asked for."""

    def __init__(self, **boxes: dict[int, bytes]) -> None:
        super().__init__(**boxes)
        self.asked: list[list[str]] = []

    def fetch(self, uids: list[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
        self.asked.append(items)
        return super().fetch(uids, items)


class Gmail(StubImap):
    """Offers Gmail's extensions, and counts every mail to one thread."""

    def has_capability(self, name: str) -> bool:
        return name == "X-GM-EXT-1" or super().has_capability(name)

    def _fetched(self, uid: int, raw: bytes, items: list[str]) -> dict[bytes, Any]:
        thread = {b"X-GM-THRID": 2**64 - 1} if "X-GM-THRID" in items else {}
        return super()._fetched(uid, raw, items) | thread


def test_the_thread_of_gmail_is_read() -> None:
    session = session_on(Gmail(INBOX={1: letter(1)}))
    session.select("INBOX")
    assert [each.provider_thread for each in describe(session, [1])] == ["gmail:18446744073709551615"]


def test_no_other_server_is_asked_for_it() -> None:
    stub = Noting(INBOX={1: letter(1)})
    session = session_on(stub)
    session.select("INBOX")
    assert [each.provider_thread for each in describe(session, [1])] == [""]
    assert stub.asked == [["RFC822.SIZE", "INTERNALDATE", "FLAGS"]]
