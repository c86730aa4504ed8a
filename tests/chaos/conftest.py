"""The calm run that every other is compared with."""

import asyncio
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.kafka_jars import missing_tools
from tests.chaos.runs import Scene, make_scene
from tests.e2e.desk import Desk, new_database
from tests.e2e.outcome import Outcome

_numbers = itertools.count()
MakeScene = Callable[[Path], Scene]


@dataclass(frozen=True, slots=True)
class Calm:
    """What a run without trouble leaves behind."""

    outcome: Outcome
    totals: dict[str, int]
    seconds: float


@pytest.fixture(scope="session")
def scene(postgres_server: str) -> MakeScene:
    """Makes scenes on the real Kafka that `up` starts, each with its own database, mailbox and Odoo."""
    if missing := missing_tools():
        pytest.skip(f"real Kafka needs {' and '.join(missing)}: apt-get install default-jre-headless maven")

    def make(folder: Path) -> Scene:
        dsn = asyncio.run(new_database(postgres_server, f"maildesk_chaos_{os.getpid()}_{next(_numbers)}"))
        return make_scene(folder, Desk(folder / "state", dsn, kafka=None))

    return make


@pytest.fixture(scope="session")
def calm(scene: MakeScene, tmp_path_factory: pytest.TempPathFactory) -> Calm:
    """Run once for all."""
    quiet = scene(tmp_path_factory.mktemp("calm"))
    summary = quiet.desk.up(*quiet.arguments, seconds=280)
    outcome = quiet.outcome()
    totals = {
        "events": len({row[0] for row in outcome.decisions}),
        "decisions": len(outcome.decisions),
        "rows": len(outcome.log),
    }
    return Calm(outcome, totals, summary["seconds"])
