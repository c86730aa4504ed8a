"""Desks: each has a state folder and an empty database of its own."""

import asyncio
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.desk import Desk, new_database

_numbers = itertools.count()
MakeDesk = Callable[[str | None], Desk]


@pytest.fixture(scope="session")
def make_desk(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> MakeDesk:
    """Makes desks on a broker: `memory`, an address, or None for the Kafka that `up` starts."""

    def make(kafka: str | None) -> Desk:
        name = f"maildesk_e2e_{os.getpid()}_{next(_numbers)}"
        folder: Path = tmp_path_factory.mktemp("desk")
        return Desk(folder / "state", asyncio.run(new_database(postgres_server, name)), kafka)

    return make


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """On the broker in memory, which starts at once."""
    return make_desk("memory")
