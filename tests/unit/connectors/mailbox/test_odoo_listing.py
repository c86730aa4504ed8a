"""What Odoo hides of a page does not end the list."""

from collections.abc import Sequence
from typing import Any, cast

from connectors.mailbox.odoo_listing import HIDDEN, PAGE, listed
from connectors.odoo.port import Odoo


class Hiding:
    """As `mail.message._search` of Odoo 17: a page is cut first, then what the account may not read is taken out."""

    def __init__(self, readable: set[int], last: int) -> None:
        self._readable = readable
        self._last = last
        self.limits: list[int] = []
        self.counts = 0

    async def search_read(
        self, model: str, domain: Sequence[Any], fields: Sequence[str], *, limit: int, order: str
    ) -> list[dict[str, Any]]:
        assert (model, list(fields), order) == ("mail.message", ["create_date"], "id")
        self.limits.append(limit)
        page = self._asked(domain)[:limit]
        return [{"id": each, "create_date": "2026-03-01 12:00:00"} for each in page if each in self._readable]

    async def call(self, model: str, method: str, args: Sequence[Any]) -> int:
        assert (model, method) == ("mail.message", "search_count")
        self.counts += 1
        asked = self._asked(args[0])
        return sum(each in asked for each in self._readable)

    def _asked(self, domain: Sequence[Any]) -> range:
        lows = [value for _, how, value in domain if how == ">"]
        highs = [value for _, how, value in domain if how == "<="]
        return range(max(lows) + 1, min([*highs, self._last]) + 1)


async def ids(odoo: Hiding, after: int = 0, *, thorough: bool) -> list[int]:
    pages = [page async for page in listed(cast("Odoo", odoo), [], after, thorough=thorough)]
    assert all(0 < len(page) <= PAGE for page in pages)
    return [row.id for page in pages for row in page]


async def test_everything_comes_once_and_in_order() -> None:
    every = set(range(1, 3_501))
    assert await ids(Hiding(every, 3_500), thorough=False) == sorted(every)
    assert await ids(Hiding(every, 3_500), 3_000, thorough=False) == list(range(3_001, 3_501))


async def test_a_page_that_is_short_is_not_the_end() -> None:
    readable = {1, 2_500, 2_501, 9_000}
    assert await ids(Hiding(readable, 9_000), thorough=True) == sorted(readable)


async def test_what_is_behind_hidden_pages_is_looked_for_when_it_is_thorough() -> None:
    readable = {1, 3_000_000}
    assert await ids(Hiding(readable, 3_000_000), thorough=False) == [1]
    assert await ids(Hiding(readable, 3_000_000), thorough=True) == [1, 3_000_000]


async def test_an_idle_look_is_one_call() -> None:
    odoo = Hiding(set(), 5)
    assert await ids(odoo, 5, thorough=False) == []
    assert odoo.limits == [PAGE]


async def test_no_answer_holds_more_than_a_bounded_page_however_far_the_next_message_lies() -> None:
    odoo = Hiding({3_000_000, *range(3_100_001, 3_160_001)}, 3_400_000)
    assert len(await ids(odoo, thorough=True)) == 60_001
    assert max(odoo.limits) == HIDDEN
    assert odoo.counts < 40


async def test_a_thorough_look_at_nothing_new_adds_two_calls() -> None:
    odoo = Hiding(set(), 5)
    assert await ids(odoo, 5, thorough=True) == []
    assert (odoo.limits, odoo.counts) == ([PAGE, HIDDEN], 1)
