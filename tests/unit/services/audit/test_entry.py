from datetime import timedelta

from runtime.outcome import Refused
from services.audit.decode import decode
from services.audit.entry import Entry, newest
from tests.unit.services.audit.samples import NOON, number, received, result


def entry(sequence: int, **changes: object) -> Entry:
    decoded = decode(received(result(sequence, **changes)), "")
    assert not isinstance(decoded, Refused)
    return decoded


def test_the_highest_rank_of_a_row_is_kept() -> None:
    assert [kept.rank for kept in newest([entry(2), entry(3), entry(1)])] == [3]


def test_of_equals_the_first_is_kept() -> None:
    first, again = entry(1, text="first"), entry(1, text="again")
    assert newest([first, again]) == [first]


def test_rows_come_in_the_order_of_their_ids() -> None:
    later = entry(1, command_id=number(3), run_at=NOON + timedelta(days=1))
    kept = newest([entry(1, command_id=number(9)), later, entry(1, command_id=number(3))])
    assert [(row.row_id, row.run_at) for row in kept] == sorted((row.row_id, row.run_at) for row in kept)
    assert len(kept) == 3
