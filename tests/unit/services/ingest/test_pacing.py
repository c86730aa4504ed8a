from runtime.clock import FakeClock
from services.ingest.pacing import GATHER, Pace


def test_a_look_that_took_long_is_followed_by_a_longer_pause() -> None:
    pace = Pace(2.0, FakeClock())
    for new, seconds, pause in ((0, 0.1, 2.0), (0, 1.0, 4.0), (0, 100.0, 60.0), (3, 100.0, 2.0)):
        pace.looked(new=new, seconds=seconds, called=False)
        assert pace.pause() == pause


def test_who_wants_to_be_asked_seldom_is_asked_seldom() -> None:
    pace = Pace(300.0, FakeClock())
    for new, seconds in ((0, 0.1), (3, 0.1), (0, 100.0)):
        pace.looked(new=new, seconds=seconds, called=False)
        assert pace.pause() == 300.0


def test_who_calls_with_news_is_followed_soon() -> None:
    pace = Pace(2.0, FakeClock())
    for _ in range(5):
        assert pace.rest() == GATHER
        pace.looked(new=1, seconds=0.5, called=True)


def test_who_calls_for_nothing_is_followed_less_and_less_often_until_there_is_news() -> None:
    clock = FakeClock()
    pace = Pace(2.0, clock)
    rests = []
    for _ in range(8):
        pace.looked(new=0, seconds=0.01, called=True)
        rests.append(pace.rest())
    assert rests == sorted(rests)
    assert (rests[0], rests[-1]) == (2 * GATHER, 2.0)
    clock.advance(5)
    assert pace.rest() == GATHER, "after silence a call counts again"
    pace.looked(new=1, seconds=0.01, called=True)
    assert pace.rest() == GATHER


def test_looks_without_a_call_say_nothing_about_calls() -> None:
    pace = Pace(2.0, FakeClock())
    for called in (True, True, False):
        pace.looked(new=0, seconds=0.01, called=called)
    assert pace.rest() == GATHER
