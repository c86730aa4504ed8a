"""The caps of replies, on the fake and on Postgres."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from runtime.clock import FakeClock
from runtime.errors import InvalidInputError
from runtime.migrations import migrate
from runtime.postgres import Database
from services.actions.effects.port import DeclinedError
from services.actions.replies.book import PostgresReplyBook
from services.actions.replies.caps import Cap, Caps, ReplyBook
from services.actions.replies.memory_book import MemoryReplyBook

WIDE = Caps(sender=(100, 100, 100), mailbox=(100, 100, 100))


@pytest.fixture
def fake_book() -> ReplyBook:
    """In memory."""
    return MemoryReplyBook(FakeClock())


@pytest.fixture
async def postgres_book(database: Database) -> ReplyBook:
    """The real one."""
    await migrate(database, "actions")
    return PostgresReplyBook(database)


@pytest.fixture(params=["fake_book", "postgres_book"])
def book(request: pytest.FixtureRequest) -> ReplyBook:
    """The book of this round."""
    found: ReplyBook = request.getfixturevalue(request.param)
    return found


async def admitted(book: ReplyBook, caps: list[Cap], command: UUID | None = None) -> bool:
    try:
        await book.admit(command or uuid4(), "support", caps)
    except DeclinedError as error:
        return error.code != "reply-cap"
    return True


@pytest.mark.parametrize(
    ("caps", "said"),
    [
        (Caps(sender=(2, 9, 9)), "2 replies to this sender in 10 minutes"),
        (Caps(sender=(9, 2, 9)), "2 replies to this sender in an hour"),
        (Caps(sender=(9, 9, 2)), "2 replies to this sender in a day"),
        (Caps(mailbox=(2, 9, 9)), "2 replies from this mailbox in 10 minutes"),
        (Caps(mailbox=(9, 2, 9), sender=(9, 9, 9)), "2 replies from this mailbox in an hour"),
        (Caps(mailbox=(9, 9, 2), sender=(9, 9, 9)), "2 replies from this mailbox in a day"),
    ],
)
async def test_each_cap_holds_and_is_named(book: ReplyBook, caps: Caps, said: str) -> None:
    wanted = caps.of("support", "anna@example.org")
    assert [await admitted(book, wanted) for _ in range(2)] == [True, True]
    with pytest.raises(DeclinedError, match=said):
        await book.admit(uuid4(), "support", wanted)


async def test_one_sender_does_not_use_up_anothers_and_one_mailbox_not_anothers(book: ReplyBook) -> None:
    caps = Caps(sender=(1, 1, 1), mailbox=(2, 2, 2))
    assert await admitted(book, caps.of("support", "a@x"))
    assert not await admitted(book, caps.of("support", "a@x"))
    assert await admitted(book, caps.of("support", "b@x"))
    assert not await admitted(book, caps.of("support", "c@x"))
    assert await admitted(book, caps.of("sales", "a@x"))


async def test_what_is_over_one_cap_counts_for_none(book: ReplyBook) -> None:
    tight, wide = Caps(sender=(1, 9, 9), mailbox=(3, 3, 3)), WIDE
    assert await admitted(book, tight.of("support", "a@x"))
    for _ in range(5):
        assert not await admitted(book, tight.of("support", "a@x"))
    assert [await admitted(book, tight.of("support", f"{n}@x")) for n in range(3)] == [True, True, False]
    assert await admitted(book, wide.of("support", "a@x"))


async def test_a_command_counts_once_however_often_it_asks(book: ReplyBook) -> None:
    caps, command = Caps(sender=(1, 1, 1)).of("support", "a@x"), uuid4()
    assert [await admitted(book, caps, command) for _ in range(3)] == [True, True, True]
    assert not await admitted(book, caps)


async def test_nothing_is_let_through_a_cap_of_zero(book: ReplyBook) -> None:
    assert not await admitted(book, Caps(sender=(0, 9, 9)).of("support", "a@x"))
    assert not await admitted(book, Caps(mailbox=(9, 9, 0)).of("support", "a@x"))


async def test_many_at_once_keep_the_cap(book: ReplyBook) -> None:
    caps = Caps(sender=(5, 5, 5), mailbox=(7, 7, 7))
    found = await asyncio.gather(*(admitted(book, caps.of("support", f"{n % 2}@x")) for n in range(30)))
    assert sum(found) == 7


async def test_what_the_server_took_is_noted(book: ReplyBook) -> None:
    command = uuid4()
    assert not await book.was_taken(command)
    await book.admit(command, "support", WIDE.of("support", "a@x"))
    assert not await book.was_taken(command)
    for _ in range(2):
        await book.note_taken(command)
        assert await book.was_taken(command)


async def test_the_next_slot_is_free() -> None:
    clock = FakeClock()
    book, caps = MemoryReplyBook(clock), Caps(sender=(1, 2, 9)).of("support", "a@x")
    assert [await admitted(book, caps), await admitted(book, caps)] == [True, False]
    clock.advance(600)
    assert [await admitted(book, caps), await admitted(book, caps)] == [True, False]
    clock.advance(600)
    assert not await admitted(book, caps)
    clock.advance(3_600)
    assert await admitted(book, caps)


async def test_old_slots_are_forgotten_and_this_one_is_not(database: Database) -> None:
    await migrate(database, "actions")
    book = PostgresReplyBook(database)
    command, caps = uuid4(), Caps(sender=(1, 1, 1)).of("support", "a@x")
    await book.admit(command, "support", caps)
    await database.execute("INSERT INTO actions.reply_count VALUES ('old', 600, 1, 1, 1)")
    await book.purge(timedelta(days=30))
    assert await database.fetchval("SELECT count(*) FROM actions.reply_count") == 6
    assert not await admitted(book, caps)
    # A cap is kept when its slots begin anew: the same slots, pushed into the past.
    await database.execute("UPDATE actions.reply_count SET slot = slot - 1")
    assert await admitted(book, caps)


@pytest.mark.parametrize("text", ["", "3", "3,5", "3,5,10,20", "3,5,x", "3,5,-1", "3,5,1000001", "\u0663,5,10"])
def test_a_setting_that_is_no_cap_is_named(text: str) -> None:
    with pytest.raises(InvalidInputError, match="MAILDESK_ACTIONS_REPLIES_TO_SENDER"):
        Caps.parse(text, "1,2,3")


def test_settings_are_caps() -> None:
    assert Caps.parse("1, 2,3", "4,5,0") == Caps(sender=(1, 2, 3), mailbox=(4, 5, 0))
