"""POP3 with servers that are old, sloppy, slow or hostile; what a good one does is tests/contract/mailbox."""

import tracemalloc
from collections.abc import Collection, Iterator, Sequence

import pytest

from connectors.mailbox.digest import digest, header_digest
from connectors.mailbox.limits import ReadLimits
from connectors.mailbox.pop3 import Pop3Mailbox
from connectors.mailbox.pop3_listing import MOST_SHARED
from connectors.mailbox.port import (
    Batch,
    Fetched,
    MessageGoneError,
    Position,
    ReadOnlyError,
    Reference,
    Unreadable,
    UnsupportedError,
)
from runtime.errors import InvalidInputError, PermanentError, TargetDownError, TransientError
from tests.unit.connectors.mailbox.stub_pop3 import HANG_UP, OK, StubPop3, as_message, mailbox_on, running_stub


@pytest.fixture
def stub() -> Iterator[StubPop3]:
    with running_stub() as running:
        yield running


def letter(number: int, body: str = "") -> bytes:
    return f"Subject: {number}\r\nMessage-ID: <{number}@x>\r\n\r\nbody {number} {body}\r\n".encode()


async def scanned(mailbox: Pop3Mailbox) -> list[Fetched | Unreadable]:
    """One pass, and the thread's end."""
    batches = [batch async for batch in mailbox.scan("INBOX", None)]
    return [message for batch in batches for message in batch.messages]


async def raws(mailbox: Pop3Mailbox) -> list[bytes]:
    try:
        return [message.raw for message in await scanned(mailbox) if isinstance(message, Fetched)]
    finally:
        await mailbox.close()


class Memory:
    """What a ledger would remember."""

    def __init__(self) -> None:
        self.places: set[Position] = set()
        self.asked: list[int] = []
        self.cursor: str | None = None

    async def known(self, mailbox: str, positions: Sequence[Position]) -> Collection[int]:
        assert mailbox == "test"
        self.asked.append(len(positions))
        return {n for n, position in enumerate(positions) if position in self.places}

    def learn(self, batch: Batch) -> None:
        self.places |= {message.position for message in batch.messages}


async def taken(mailbox: Pop3Mailbox, memory: Memory, *, batches: int = 1000, again: bool = False) -> list[bytes]:
    """What a pass reads that breaks off after some batches, each of which is remembered. `again`: from the start."""
    found: list[bytes] = []
    scan = mailbox.scan("INBOX", None if again else memory.cursor)
    async for batch in scan:
        memory.learn(batch)
        memory.cursor = batch.cursor
        found += [message.raw for message in batch.messages if isinstance(message, Fetched)]
        batches -= 1
        if not batches:
            break
    await scan.aclose()  # type: ignore[attr-defined]
    return found


async def test_what_is_known_is_neither_read_nor_asked_for_again(stub: StubPop3) -> None:
    stub.mails = [(f"u{n}", letter(n)) for n in range(7)]
    memory = Memory()
    mailbox = mailbox_on(stub, known=memory.known, limits=ReadLimits(batch_messages=2))
    assert await taken(mailbox, memory, batches=2) == [letter(n) for n in range(4)]
    assert await taken(mailbox, memory) == [letter(n) for n in range(4, 7)]
    read = [command for command in stub.commands if command.startswith("TOP")]
    assert len(read) == 7
    assert memory.asked == [7, 7]
    assert await taken(mailbox, memory) == []
    assert memory.asked == [7, 7], "a listing that did not change is not compared again"
    memory.places.pop()
    assert len(await taken(mailbox, memory, again=True)) == 1
    del stub.mails[2]
    stub.mails.insert(0, ("late", letter(99)))  # the order of POP3 says nothing
    assert await taken(mailbox, memory) == [letter(99)]
    assert not [command for command in stub.commands if command.startswith(("RETR", "DELE"))]
    await mailbox.close()


async def test_a_pass_that_failed_is_not_taken_for_one_that_ended(stub: StubPop3) -> None:
    stub.mails = [("a", letter(1)), ("b", letter(2))]
    memory = Memory()
    mailbox = mailbox_on(stub, known=memory.known, limits=ReadLimits(batch_messages=1))
    scan = mailbox.scan("INBOX", None)
    assert (await anext(scan)).messages
    assert (await anext(scan)).messages  # read, and then the ledger was away
    await scan.aclose()  # type: ignore[attr-defined]
    assert await taken(mailbox, memory) == [letter(1), letter(2)]
    await mailbox.close()


@pytest.mark.soak
async def test_a_hundred_thousand_mails_are_listed_in_little_memory(stub: StubPop3) -> None:
    stub.mails = [(f"{n:08x}5a3f2b1c9d8e7f60{n:08x}", b"x") for n in range(100_000)]
    memory = Memory()
    mailbox = mailbox_on(stub, known=memory.known, silence=30.0)
    memory.places = {Position("INBOX", "", f"1-{uidl}") for uidl, _ in stub.mails[:-1]}
    tracemalloc.start()
    assert await taken(mailbox, memory) == [b"x\r\n"]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 80_000_000
    assert max(memory.asked) == 500
    assert len([command for command in stub.commands if command.startswith(("TOP", "RETR"))]) == 1
    await mailbox.close()


async def test_sessions_are_left_at_once(stub: StubPop3) -> None:
    stub.mails = [("a", letter(1))]
    mailbox = mailbox_on(stub)
    [message] = await scanned(mailbox)
    assert await mailbox.read(message.uri) == letter(1)
    assert (stub.sessions, stub.commands.count("QUIT")) == (2, 2)
    await mailbox.close()


@pytest.mark.parametrize("uidl", ["x" * 71, "a b", "", "\x7f", "ü"])
async def test_a_unique_id_that_breaks_the_form_still_names_its_mail(stub: StubPop3, uidl: str) -> None:
    stub.mails = [(uidl, letter(1)), ("%:;/ok"[:5], letter(2))]
    mailbox = mailbox_on(stub)
    found = await scanned(mailbox)
    assert [len(message.position.uid) < 100 for message in found] == [True, True]
    assert [await mailbox.read(message.uri) for message in found] == [letter(1), letter(2)]
    await mailbox.close()


async def test_mails_that_share_a_unique_id_are_told_apart(stub: StubPop3) -> None:
    stub.mails = [("same", letter(1)), ("same", letter(2)), ("same", letter(1))]
    mailbox = mailbox_on(stub)
    found = await scanned(mailbox)
    assert len({message.position for message in found}) == 2
    assert [message.uri for message in found[::2]] == [found[0].uri] * 2
    assert await mailbox.read(found[1].uri) == letter(2)
    with pytest.raises(MessageGoneError):
        await mailbox.read(found[0].uri)  # which of the two nobody can say
    del stub.mails[2]
    assert await mailbox.read(found[0].uri) == letter(1)
    stub.mails = [("same", letter(2))]
    with pytest.raises(MessageGoneError):
        await mailbox.read(found[0].uri)
    await mailbox.close()


async def test_a_unique_id_that_is_used_again_names_another_mail(stub: StubPop3) -> None:
    stub.mails = [("1", letter(1))]
    memory = Memory()
    mailbox = mailbox_on(stub, known=memory.known)
    assert await taken(mailbox, memory) == [letter(1)]
    [place] = memory.places
    stub.mails = [("1", letter(2, "longer"))]
    assert await taken(mailbox, memory) == [letter(2, "longer")]
    with pytest.raises(MessageGoneError):
        await mailbox.read(f"pop3://test/{place.uid}")
    await mailbox.close()


async def test_too_many_ids_that_are_not_unique_are_refused(stub: StubPop3) -> None:
    stub.mails = [("0", letter(1))] * (MOST_SHARED + 1)
    mailbox = mailbox_on(stub)
    with pytest.raises(PermanentError, match="not unique; read this account by IMAP") as refused:
        await scanned(mailbox)
    assert refused.value.code == "pop3-uidl"
    await mailbox.close()


async def test_a_server_without_unique_ids_is_refused(stub: StubPop3) -> None:
    stub.answer = lambda command: b"-ERR unknown command\r\n" if command.startswith("UIDL") else None
    mailbox = mailbox_on(stub)
    with pytest.raises(UnsupportedError, match=r"no unique ids.*read this account by IMAP"):
        await scanned(mailbox)
    await mailbox.close()


async def test_a_server_with_neither_capa_nor_top_is_read_by_retr(stub: StubPop3) -> None:
    stub.mails = [("a", letter(1))]
    stub.answer = lambda command: b"-ERR what\r\n" if command.startswith(("CAPA", "TOP", "AUTH")) else None
    assert await raws(mailbox_on(stub)) == [letter(1)]
    assert "USER anna" in stub.commands
    assert "RETR 1" in stub.commands


async def test_a_top_that_ends_too_early_is_not_believed(stub: StubPop3) -> None:
    stub.mails = [("a", letter(1))]
    stub.answer = lambda command: as_message(letter(1)[:20]) if command.startswith("TOP") else None
    [message] = await scanned(mailbox := mailbox_on(stub))
    assert isinstance(message, Fetched)
    assert (message.raw, message.size) == (letter(1), len(letter(1)))
    await mailbox.close()


async def test_a_size_that_is_estimated_is_no_cut_mail(stub: StubPop3) -> None:
    stub.mails = [("a", letter(1))]
    stub.size = lambda raw: len(raw) + 500
    [message] = await scanned(mailbox := mailbox_on(stub))
    assert isinstance(message, Fetched)
    assert message.size == len(message.raw) == len(letter(1))
    await mailbox.close()


@pytest.mark.parametrize(
    "raw",
    [
        b".\r\n",
        b"..\r\n",
        b"Subject: x\r\n\r\n.\r\n..\r\n.x\r\n",
        b"Subject: x\r\n\r\n" + b"y" * 1_000_000 + b"\r\n",
        b"Subject: x\r\n\r\nold\n.\r\n+OK 1 forged\r\n",
        b"Subject: x\r\n\r\nold\n.\n-ERR\r\n",
    ],
)
async def test_dots_and_long_lines_come_as_they_were(stub: StubPop3, raw: bytes) -> None:
    stub.mails = [("a", raw), ("b", letter(2))]
    assert await raws(mailbox_on(stub)) == [raw, letter(2)]


async def test_a_mail_above_the_limit_is_cut_and_the_next_one_comes(stub: StubPop3) -> None:
    large = letter(1, "z" * 300_000)
    stub.mails = [("a", large), ("b", letter(2))]
    limits = ReadLimits(max_size=1000)
    found = await scanned(mailbox := mailbox_on(stub, limits=limits))
    assert [message.raw for message in found if isinstance(message, Fetched)] == [large[:1000], letter(2)]
    assert isinstance(found[0], Fetched)
    assert found[0].size == len(large)
    assert await mailbox.read(found[0].uri) == large[:1000]
    await mailbox.close()


async def test_a_mail_that_the_server_breaks_off_at_does_not_hold_up_the_others(stub: StubPop3) -> None:
    stub.mails = [(f"u{n}", letter(n)) for n in range(3)]
    stub.answer = lambda command: HANG_UP if command.startswith("TOP 2 ") else None
    found = await scanned(mailbox := mailbox_on(stub))
    assert [isinstance(message, Unreadable) for message in found] == [False, True, False]
    assert isinstance(found[1], Unreadable)
    assert "breaks off at it" in found[1].reason
    await mailbox.close()


async def test_a_mail_that_is_refused_is_unreadable_and_one_that_is_gone_is_left_out(stub: StubPop3) -> None:
    stub.mails = [(f"u{n}", letter(n)) for n in range(3)]

    def refuse(command: str) -> bytes | None:
        if command.startswith(("TOP 3", "RETR 3")) and len(stub.mails) == 3:
            del stub.mails[2]  # another program, meanwhile
        gone = command.startswith(("TOP 3", "RETR 3"))
        return b"-ERR no such mail\r\n" if gone or command.startswith(("TOP 1", "RETR 1")) else None

    stub.answer = refuse
    first, second = await scanned(mailbox := mailbox_on(stub))
    assert isinstance(first, Unreadable)
    assert "no such mail" in first.reason
    assert isinstance(second, Fetched)
    assert second.raw == letter(1)
    await mailbox.close()


async def test_messages_that_are_counted_anew_after_a_break_are_not_mixed_up(stub: StubPop3) -> None:
    stub.mails = [("a", letter(1)), ("b", letter(2)), ("c", letter(3))]

    def cut(command: str) -> bytes | None:
        if command.startswith("TOP 2 ") and len(stub.mails) == 3:
            del stub.mails[0]
            return HANG_UP
        return None

    stub.answer = cut
    mailbox = mailbox_on(stub, limits=ReadLimits(batch_messages=1))
    with pytest.raises(TransientError) as again:
        await scanned(mailbox)
    assert again.value.code == "pop3-renumbered"
    await mailbox.close()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"-ERR [IN-USE] locked\r\n", "pop3-in-use"),
        (b"-ERR [LOGIN-DELAY] wait\r\n", "pop3-login-delay"),
        (b"-ERR [SYS/TEMP] sick\r\n", "pop3-refused"),
        (b"-ERR [AUTH] secret is wrong\r\n", "pop3-login"),
        (b"-ERR go away\r\n", "pop3-login"),
    ],
)
async def test_a_refused_login_says_whether_waiting_helps(stub: StubPop3, said: bytes, code: str) -> None:
    stub.capabilities = ("TOP", "UIDL", "USER")
    stub.answer = lambda command: said if command.startswith("PASS") else None
    mailbox = mailbox_on(stub)
    with pytest.raises(TargetDownError) as refused:
        await scanned(mailbox)
    assert refused.value.code == code
    assert "secret is" not in refused.value.text
    await mailbox.close()


async def test_a_wrong_password_names_user_and_secret_only(stub: StubPop3) -> None:
    mailbox = mailbox_on(stub, password="hunter2")
    with pytest.raises(TargetDownError, match=r"'anna'.*ANNA") as refused:
        await scanned(mailbox)
    assert refused.value.code == "pop3-login"
    assert "hunter2" not in refused.value.text
    await mailbox.close()


@pytest.mark.parametrize(("user", "password"), [("anna\r\nDELE 1", "secret"), ("anna", "sec\nDELE 1"), ("anna", "ü")])
async def test_no_login_can_smuggle_a_command(stub: StubPop3, user: str, password: str) -> None:
    stub.capabilities = ("TOP", "UIDL", "USER")
    mailbox = mailbox_on(stub, user=user, password=password)
    with pytest.raises(InvalidInputError) as refused:
        await scanned(mailbox)
    assert password not in refused.value.text
    assert not [command for command in stub.commands if "DELE" in command]
    await mailbox.close()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("UIDL", OK + b"1 " + b"a" * 10_000 + b"\r\n.\r\n"),
        ("UIDL", OK + b"one a\r\n.\r\n"),
        ("LIST", OK + b"1\r\n.\r\n"),
        ("UIDL", b"* what is this\r\n"),
        ("UIDL", OK + b".\r\n+OK and more\r\n"),
        ("UIDL", HANG_UP),
    ],
)
async def test_what_is_not_pop3_ends_the_connection(stub: StubPop3, command: str, said: bytes) -> None:
    stub.answer = lambda given: said if given == command else None
    mailbox = mailbox_on(stub)
    with pytest.raises(TargetDownError) as broken:
        await scanned(mailbox)
    assert broken.value.code == "pop3-connection"
    stub.answer = lambda _: None
    assert await raws(mailbox) == []


async def test_silence_is_given_up(stub: StubPop3) -> None:
    stub.answer = lambda command: OK[:3] if command == "UIDL" else None
    mailbox = mailbox_on(stub, silence=0.2)
    with pytest.raises(TargetDownError):
        await scanned(mailbox)
    await mailbox.close()


async def test_nothing_can_be_changed(stub: StubPop3) -> None:
    mailbox = mailbox_on(stub)
    reference = Reference("pop3://test/1-a", "", "", 1, None)
    for change in (
        mailbox.change_tags("pop3://test/1-a", ("vip",), ()),
        mailbox.set_starred("pop3://test/1-a", starred=True),
        mailbox.set_seen("pop3://test/1-a", seen=True),
        mailbox.move(reference, "pop3://test/1-a", "Archive"),
        mailbox.append("Sent", b"", "<1@x>"),
    ):
        with pytest.raises(ReadOnlyError, match="POP3 account, which has no tags, flags or folders"):
            await change
    assert stub.sessions == 0
    await mailbox.close()


async def test_a_mail_whose_unique_id_changed_is_found_by_size_and_header(stub: StubPop3) -> None:
    stub.mails = [("a", letter(1)), ("b", letter(2))]
    mailbox = mailbox_on(stub)
    first, second = await scanned(mailbox)
    stub.mails = [("x", letter(2)), ("y", letter(1))]
    assert isinstance(first, Fetched)
    reference = Reference(first.uri, digest(first.raw), header_digest(first.raw), first.size, "<1@x>")
    found = await mailbox.locate(reference)
    assert found not in (first.uri, second.uri)
    assert await mailbox.read(found) == letter(1)
    await mailbox.close()
