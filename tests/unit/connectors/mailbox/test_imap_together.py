"""Grouped changes when the server refuses, says too little, or goes away in the middle."""

from collections import Counter

import pytest

from connectors.mailbox.changes import Changed, Move, StarChange, TagChange
from connectors.mailbox.imap_together import change_together, found_in_place
from connectors.mailbox.port import MessageGoneError
from runtime.errors import OutcomeUnknownError, TargetDownError
from tests.unit.connectors.mailbox.stub_imap import StubImap, letter, placed, session_on

STAR = StarChange(starred=True)


def inbox(count: int = 50) -> StubImap:
    return StubImap(INBOX={n: letter(n) for n in range(1, count + 1)}, Archive={})


def kinds(answers: list[object]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


def test_fifty_messages_take_a_handful_of_commands() -> None:
    stub = inbox()
    session = session_on(stub)
    references = [reference for reference, _ in placed(range(1, 51))]
    assert found_in_place(session, references) == set(range(50))
    assert stub.commands == ["EXAMINE", "FETCH"]
    answers = change_together(session, TagChange(("vip",)), placed(range(1, 51)))
    assert kinds([*answers]) == {"Changed": 50}
    assert stub.commands[2:] == ["SELECT", "FETCH", "STORE"]
    assert found_in_place(session, references) == set(range(50))
    assert kinds([*change_together(session, Move("Archive"), placed(range(1, 51)))]) == {"Changed": 50}
    assert stub.commands[5:] == ["NOOP", "FETCH", "LIST", "SELECT", "FETCH", "MOVE"]


def test_a_message_with_another_header_or_size_is_not_where_it_was() -> None:
    stub = inbox(4)
    stub.boxes["INBOX"][2] = letter(9)
    stub.boxes["INBOX"][3] += b"more"
    references = [reference for reference, _ in placed(range(1, 6))]
    assert found_in_place(session_on(stub), references) == {0, 3}


@pytest.mark.parametrize("command", ["STORE", "MOVE"])
def test_a_refused_group_goes_one_by_one_and_names_the_culprit(command: str) -> None:
    stub = inbox(5)
    stub.refuse = lambda name, uids: name == command and 3 in uids
    change = STAR if command == "STORE" else Move("Archive")
    answers = change_together(session_on(stub), change, placed(range(1, 6)))
    assert [isinstance(answer, Changed) for answer in answers] == [True, True, False, True, True]
    assert answers[0] == (Changed("imap://m/INBOX;UIDVALIDITY=1/;UID=1") if command == "STORE" else answers[0])
    assert ("INBOX", 3) not in stub.flags
    assert set(stub.boxes["INBOX"]) == ({1, 2, 3, 4, 5} if command == "STORE" else {3})


def test_another_uidvalidity_is_never_touched() -> None:
    stub = inbox(3)
    session = session_on(stub)
    assert len(found_in_place(session, [reference for reference, _ in placed(range(1, 4))])) == 3
    stub.validity["INBOX"] = 2
    stub.boxes["INBOX"] = {n: letter(n + 100) for n in range(1, 4)}
    for change in (STAR, Move("Archive")):
        answers = change_together(session, change, placed(range(1, 4)))
        assert {type(answer) for answer in answers} == {MessageGoneError}
    assert stub.flags == {}
    assert set(stub.boxes["INBOX"]) == {1, 2, 3}
    assert not {"STORE", "MOVE"} & set(stub.commands)


@pytest.mark.parametrize("told", [None, b"7 1:3 9:8", b"1 1,2 1,2"])
def test_what_the_server_does_not_say_clearly_is_found_by_content(told: bytes | None) -> None:
    stub = inbox(3)
    stub.boxes["Archive"] = {40: letter(40)}
    stub.copyuid = lambda meant: told and (meant if told.startswith(b"1 ") else told)
    answers = change_together(session_on(stub), Move("Archive"), placed([3, 1, 2]))
    at = {answer.uri.rpartition("=")[2] for answer in answers if isinstance(answer, Changed)}
    assert at == {"41", "42", "43"}
    for number, answer in zip([3, 1, 2], answers, strict=True):
        assert isinstance(answer, Changed)
        assert stub.boxes["Archive"][int(answer.uri.rpartition("=")[2])] == letter(number)


def test_a_break_leaves_only_what_was_being_changed_unknown() -> None:
    stub = StubImap(INBOX={1: letter(1), 2: letter(2)}, Work={3: letter(3)}, Later={4: letter(4)})
    stub.cut = lambda name, uids: name == "STORE" and uids == [3]
    given = [*placed([1, 2]), *placed([3], "Work"), *placed([4], "Later")]
    answers = change_together(session_on(stub), STAR, given)
    assert [type(answer) for answer in answers] == [Changed, Changed, OutcomeUnknownError, TargetDownError]
    assert stub.commands[-1] == "CUT"


@pytest.mark.parametrize("tells_nothing", [False, True])
def test_a_keyword_that_was_not_kept_is_said_of_its_own_message_only(tells_nothing: bool) -> None:
    stub = inbox(3)
    stub.tells_nothing = tells_nothing
    stub.forgets.add(2)
    answers = change_together(session_on(stub), TagChange(("vip",)), placed([1, 2, 3]))
    assert [getattr(answer, "code", "") for answer in answers] == ["", "flag-refused", ""]


def test_a_message_that_goes_while_it_is_changed_is_gone() -> None:
    stub = inbox(3)
    stub.expunges.add(2)
    answers = change_together(session_on(stub), STAR, placed([1, 2, 3]))
    assert [type(answer) for answer in answers] == [Changed, MessageGoneError, Changed]
