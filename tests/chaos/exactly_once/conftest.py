"""Several combinations run at once; each test waits for its own."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.chaos.exactly_once.effects import ROWS
from tests.chaos.exactly_once.points import Point
from tests.chaos.exactly_once.servers import AT_ONCE, Servers, running
from tests.chaos.exactly_once.survival import survive

Combination = tuple[str, Point]


class Ahead:
    """Begins the next few combinations of this session, in order, whenever one is asked for."""

    def __init__(self, servers: Servers, order: list[Combination]) -> None:
        self.servers = servers
        self._order = order
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._begun: dict[Combination, Future[None]] = {}

    def wait_for(self, wanted: Combination) -> None:
        """Raises what it raised."""
        place = self._order.index(wanted)
        for row, point in self._order[place : place + AT_ONCE]:
            if (row, point) not in self._begun:
                self._begun[row, point] = self._pool.submit(survive, self.servers, ROWS[row], point)
        self._begun[wanted].result()

    def close(self) -> None:
        """Nothing new is begun."""
        self._pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def ahead(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: str
) -> Iterator[Ahead]:
    """Of the tests that were selected."""
    selected = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    order = [(str(each["row"]), Point(each["point"])) for each in selected if {"row", "point"} <= each.keys()]
    with running(tmp_path_factory.mktemp("once"), postgres_server) as servers:
        found = Ahead(servers, order)
        yield found
        found.close()
