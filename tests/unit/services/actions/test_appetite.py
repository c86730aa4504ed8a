"""How many are claimed at once follows how soon they are done."""

from services.actions.appetite import LONG_SECONDS, MOST, Appetite


def test_it_grows_while_all_is_soon_done_up_to_a_bound() -> None:
    appetite, sizes = Appetite(50, grows=True), []
    for _ in range(6):
        sizes.append(appetite.size)
        appetite.took(appetite.size, appetite.size, 0.01)
    assert sizes == [50, 100, 200, 400, MOST, MOST]


def test_a_few_commands_say_nothing_about_many() -> None:
    appetite = Appetite(50, grows=True)
    appetite.took(49, 49, 0.01)
    assert appetite.size == 50


def test_it_shrinks_when_the_target_is_slow_or_lanes_are_crowded() -> None:
    slow, crowded = Appetite(50, grows=True), Appetite(50, grows=True)
    for each in (slow, crowded):
        each.took(50, 50, 0)
        each.took(100, 100, 0)
    slow.took(200, 200, LONG_SECONDS + 0.1)
    crowded.took(200, 99, 0.01)
    assert (slow.size, crowded.size) == (100, 100)
    for _ in range(5):
        slow.took(1, 1, LONG_SECONDS + 0.1)
    assert slow.size == 50


def test_what_could_act_twice_is_claimed_call_by_call() -> None:
    appetite = Appetite(10, grows=False)
    appetite.took(10, 10, 0)
    assert appetite.size == 10


def test_one_call_may_take_more_than_the_bound() -> None:
    appetite = Appetite(MOST + 1, grows=True)
    appetite.took(MOST + 1, MOST + 1, 0)
    assert appetite.size == MOST + 1
