"""Messages that Odoo cannot send together are asked for in halves; one that it cannot send alone stops no other."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from connectors.mailbox.odoo_halving import letters_of
from connectors.odoo.channel import TOO_LARGE
from connectors.odoo.port import Odoo
from runtime.errors import OutcomeUnknownError

LATE = OutcomeUnknownError("Odoo did not answer in time", code="odoo-outcome-unknown")
LARGE = OutcomeUnknownError("Odoo answers with too much", code=TOO_LARGE)


class Slow:
    """Sends at most `most` units of bodies in one answer; `sizes` by message. Refuses all from call `down` on."""

    def __init__(self, sizes: dict[int, int], most: int, error: OutcomeUnknownError = LATE, down: int = 1_000) -> None:
        self._sizes = sizes
        self._most = most
        self._error = error
        self._down = down
        self.asked: list[list[int]] = []

    async def fields_get(self, _model: str) -> dict[str, dict[str, Any]]:
        return {name: {} for name in ("message_id", "subject", "body")}

    async def search_read(
        self, _model: str, domain: Sequence[Any], fields: Sequence[str], *, limit: int, order: str
    ) -> list[dict[str, Any]]:
        assert (limit, order) == (len(domain[0][2]), "id")
        ids = list(domain[0][2])
        self.asked.append(ids)
        if len(self.asked) >= self._down or ("body" in fields and sum(self._sizes[i] for i in ids) > self._most):
            raise self._error
        return [{"id": each} for each in ids]


async def lost(odoo: Slow) -> dict[int, str]:
    letters = await letters_of(cast("Odoo", odoo), sorted(odoo._sizes), sent=False)
    return {letter.id: letter.lost for letter in letters}


@pytest.mark.parametrize("error", [LATE, LARGE])
async def test_what_is_too_much_together_comes_in_halves(error: OutcomeUnknownError) -> None:
    odoo = Slow(dict.fromkeys(range(1, 51), 1), 13, error)
    assert await lost(odoo) == dict.fromkeys(range(1, 51), "")
    assert max(odoo.asked, key=len) == list(range(1, 51))
    assert len(odoo.asked) == 7


async def test_one_that_cannot_be_sent_alone_is_given_up_after_two_tries_and_the_others_come() -> None:
    odoo = Slow({1: 1, 2: 99, 3: 1, 4: 1}, 13)
    found = await lost(odoo)
    assert (list(found), [each for each in found if found[each]]) == ([1, 2, 3, 4], [2])
    assert "two tries" in found[2]
    assert "did not answer in time" in found[2]
    assert odoo.asked.count([2]) == 3


async def test_an_odoo_that_answers_nothing_at_all_is_no_defect_of_the_mail() -> None:
    odoo = Slow({1: 1}, 13, down=1)
    with pytest.raises(OutcomeUnknownError):
        await lost(odoo)
    assert odoo.asked == [[1], [1]]
