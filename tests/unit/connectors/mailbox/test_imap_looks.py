"""A quiet folder is not opened, whatever the server says besides; what is new is found all the same."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from connectors.mailbox.imap_looks import OPEN_EVERY, Looks
from connectors.mailbox.imap_session import ImapSession
from connectors.mailbox.imap_status import Status, status
from connectors.mailbox.port import FolderMissingError
from tests.unit.connectors.mailbox.stub_imap import session_on


@dataclass
class Stub:
    """One account: UIDs by folder. `answer` replaces what STATUS says."""

    boxes: dict[str, list[int]]
    next: dict[str, int] = field(default_factory=dict)
    validity: int = 1
    answer: list[Any] | None = None
    commands: list[str] = field(default_factory=list)
    can: tuple[str, ...] = ("UNSELECT",)
    selected: str = ""

    def has_capability(self, name: str) -> bool:
        return name in self.can

    def uidnext(self, folder: str) -> int:
        return self.next.get(folder, max(self.boxes[folder], default=0) + 1)

    def _normalise_folder(self, folder: str) -> bytes:
        return IMAPClient._normalise_folder(_Plain(), folder)  # type: ignore[no-any-return]

    def _command_and_check(self, _name: str, quoted: bytes, _items: str) -> list[Any]:
        self.commands.append("STATUS")
        if self.answer is not None:
            return self.answer
        folder = quoted.strip(b'"').decode()
        if folder not in self.boxes:
            raise IMAPClientError("status failed: no such folder")
        numbers = (len(self.boxes[folder]), self.uidnext(folder), self.validity)
        return [quoted + b" (MESSAGES %d UIDNEXT %d UIDVALIDITY %d)" % numbers]

    def select_folder(self, folder: str, readonly: bool) -> dict[bytes, Any]:
        assert readonly
        self.commands.append("EXAMINE")
        self.selected = folder
        if folder not in self.boxes:
            raise IMAPClientError("select failed: no such folder")
        return {b"UIDVALIDITY": self.validity, b"UIDNEXT": self.uidnext(folder), b"EXISTS": len(self.boxes[folder])}

    def search(self, criteria: str) -> list[int]:
        self.commands.append("SEARCH")
        first = int(criteria.removeprefix("UID ").removesuffix(":*"))
        return [uid for uid in self.boxes[self.selected] if uid >= first] or self.boxes[self.selected][-1:]

    def noop(self) -> None:
        self.commands.append("NOOP")

    def unselect_folder(self) -> None:
        self.commands.append("UNSELECT")

    def list_folders(self) -> list[tuple[tuple[bytes, ...], bytes, str]]:
        return [((), b".", name) for name in self.boxes]

    def taken(self) -> list[str]:
        taken, self.commands = self.commands, []
        return taken


class _Plain:
    folder_encode = True


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def on(stub: Any) -> ImapSession:
    return session_on(stub)


def test_a_quiet_folder_costs_one_command() -> None:
    stub, looks = Stub({"Archive": [1, 2, 7]}), Looks()
    session = on(stub)
    assert looks.new(session, "Archive", "1:7") == (1, [])
    assert stub.taken() == ["STATUS"]
    stub.boxes["Archive"].append(8)
    assert looks.new(session, "Archive", "1:7") == (1, [8])
    assert stub.taken() == ["STATUS", "EXAMINE", "SEARCH"]


def test_mail_that_was_there_and_is_gone_again_keeps_no_folder_busy() -> None:
    stub, looks = Stub({"Archive": [7]}, next={"Archive": 12}), Looks()
    session = on(stub)
    assert looks.new(session, "Archive", "1:7") == (1, [])
    stub.taken()
    assert looks.new(session, "Archive", "1:7") == (1, [])
    assert stub.taken() == ["UNSELECT", "STATUS"]


def test_what_was_listed_and_not_handled_is_listed_again() -> None:
    looks, session = Looks(), on(Stub({"Archive": [7, 8]}))
    for _ in range(3):
        assert looks.new(session, "Archive", "1:7") == (1, [8])


def test_the_inbox_stays_open_and_is_searched_as_it_is() -> None:
    stub, looks = Stub({"INBOX": [1]}), Looks()
    session = on(stub)
    assert looks.new(session, "INBOX", None) == (1, [1])
    stub.taken()
    stub.boxes["INBOX"].append(2)
    assert looks.new(session, "INBOX", "1:1") == (1, [2])
    assert stub.taken() == ["NOOP", "STATUS", "SEARCH"]


def test_another_uidvalidity_starts_again() -> None:
    stub, looks = Stub({"Archive": [1, 2]}), Looks()
    session = on(stub)
    assert looks.new(session, "Archive", "1:2") == (1, [])
    stub.validity = 2
    assert looks.differs(session, "Archive")
    assert looks.new(session, "Archive", "1:2") == (2, [1, 2])
    assert not looks.differs(session, "Archive")


def test_a_folder_is_opened_now_and_then_whatever_status_says() -> None:
    time = Time()
    stub, looks = Stub({"Archive": [1]}), Looks(time)
    session = on(stub)
    looks.new(session, "Archive", "1:1")
    stub.answer = [b"Archive (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 1)"]
    stub.boxes["Archive"].append(2)
    assert looks.new(session, "Archive", "1:1") == (1, [])
    time.now = OPEN_EVERY
    assert looks.new(session, "Archive", "1:1") == (1, [2])
    assert not looks.differs_from("Archive", 1, 3)


@pytest.mark.parametrize("answer", [[], [None], [b"Archive (MESSAGES 1)"], [b"nonsense"], [b"Archive (UIDNEXT x)"]])
def test_where_status_says_too_little_the_folder_is_opened(answer: list[Any]) -> None:
    stub, looks = Stub({"Archive": [1]}, answer=answer), Looks()
    session = on(stub)
    assert looks.new(session, "Archive", None) == (1, [1])
    assert looks.new(session, "Archive", "1:1") == (1, [])
    assert not looks.differs(session, "Archive")


def test_without_unselect_an_open_folder_is_opened_anew() -> None:
    stub, looks = Stub({"Archive": [1]}, can=()), Looks()
    session = on(stub)
    looks.new(session, "Archive", None)
    stub.taken()
    assert looks.new(session, "Archive", "1:1") == (1, [])
    assert stub.taken() == ["EXAMINE"]


def test_a_missing_folder_is_named_and_forgotten() -> None:
    stub, looks = Stub({"INBOX": []}), Looks()
    with pytest.raises(FolderMissingError, match="Archive"):
        looks.new(on(stub), "Archive", None)
    assert not looks.known("Archive")


@pytest.mark.parametrize(
    ("folder", "answer"),
    [
        ("Sent", [b"Sent (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)"]),
        ("Sent Items", [b'"Sent Items" (UIDVALIDITY 5 MESSAGES 3 UIDNEXT 4)']),
        ('a"b', [b'"a\\"b" (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)']),
        ("2024", [b"2024 (messages 3 uidnext 4 uidvalidity 5) "]),
        ("Inbox", [b"INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)"]),
        ("Übersicht", [b"&ANw-bersicht (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)"]),
        ("a(b)", [b'"a(b)" (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)']),
        ("Lit", [(b"{3}", b"Lit"), b" (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)"]),
        ("Sent", [b"INBOX (MESSAGES 9 UIDNEXT 9 UIDVALIDITY 9)", b"Sent (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)"]),
        ("Sent", [b"Sent (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)", b"INBOX (MESSAGES 9 UIDNEXT 9 UIDVALIDITY 9)"]),
        ("Sent", [b"INBOX.Sent (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)"]),
    ],
)
def test_the_answer_of_the_folder_that_was_asked_for_counts(folder: str, answer: list[Any]) -> None:
    assert status(on(Stub({folder: []}, answer=answer)), folder) == Status(3, 4, 5)


def test_answers_of_other_folders_only_are_no_answer() -> None:
    others = [b"A (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)", b"B (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 5)"]
    assert status(on(Stub({"Sent": []}, answer=others)), "Sent") is None
