"""What a worker has in hand: in order, a conversation at a time, and how far its offsets may move."""

import asyncio
from collections.abc import Sequence

import pytest

from services.actions.in_hand import Held, InHand
from tests.unit.services.actions.making import command, mail

BIG = 500


def filled(hand: InHand, offset: int, *numbers: int, talks: int = BIG) -> None:
    """One poll of these mails; of `talks` conversations."""
    hand.add([command(mail(n, conversation=n % talks)) for n in numbers], {("actions-tag", 0): offset})


def names(several: Sequence[Held]) -> list[int]:
    return [held.command.event.event_id.int for held in several]


async def test_first_in_first_out_up_to_what_is_asked_for() -> None:
    hand = InHand()
    filled(hand, 3, 1, 2, 3)
    filled(hand, 5, 4, 5)
    assert [names(await hand.take(2)), names(await hand.take(BIG))] == [[1, 2], [3, 4, 5]]


async def test_of_a_conversation_that_is_taken_nothing_more_is_given_until_that_is_done() -> None:
    hand = InHand()
    filled(hand, 6, 1, 2, 3, 4, 5, 6, talks=2)
    odd = await hand.take(1)
    even = await hand.take(BIG)
    assert (names(odd), names(even)) == ([1], [2, 4, 6])
    waiting = asyncio.create_task(hand.take(BIG))
    await asyncio.sleep(0)
    hand.done(even)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.01)
    hand.done(odd)
    assert names(await waiting) == [3, 5]


async def test_offsets_move_to_the_end_of_what_was_read_together_once_that_and_all_before_is_done() -> None:
    hand = InHand()
    filled(hand, 2, 1, 2)
    filled(hand, 4, 3, 4)
    filled(hand, 5, 5)
    one, two, *rest = [(await hand.take(1)) for _ in range(5)]
    for each in (two, *rest):
        hand.done(each)
    assert hand.upto() is None
    assert hand.held == 1
    hand.done(one)
    assert hand.upto() == {("actions-tag", 0): 5}
    assert hand.upto() is None, "it was told"
    assert hand.held == 0


async def test_a_poll_without_a_command_is_done_at_once() -> None:
    hand = InHand()
    filled(hand, 7)
    assert hand.upto() == {("actions-tag", 0): 7}


async def test_everyone_who_waits_is_told_of_what_comes_and_of_the_end() -> None:
    hand = InHand()
    waiting = [asyncio.create_task(hand.take(1)) for _ in range(3)]
    await asyncio.sleep(0)
    filled(hand, 1, 1, 2)
    await asyncio.sleep(0)
    assert sum(task.done() for task in waiting) == 2
    hand.close()
    assert sorted(names(each) for each in await asyncio.gather(*waiting)) == [[], [1], [2]]
    filled(hand, 2, 3)
    assert await hand.take(1) == []
