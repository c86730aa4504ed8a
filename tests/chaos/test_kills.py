"""kill -9 of any service at a random moment: the same log, decisions, leads and mailbox as without it."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chaos.conftest import Calm, MakeScene
from tests.chaos.killing import Killer, plan
from tests.chaos.runs import MAILS, write_figures
from tests.e2e.outcome import STATE

Say = Callable[[str], None]
SOAK_RUNS = 4
SOAK_KILLS = 6


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """A line that is seen without -s too."""

    def write(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")

    return write


def test_the_calm_run_is_what_the_mails_ask_for(calm: Calm) -> None:
    outcome = calm.outcome
    assert calm.totals == {"events": MAILS, "decisions": MAILS, "rows": 3_000}
    assert {row[STATE] for row in outcome.log} == {"succeeded"}
    assert len(outcome.leads) == 201, "one a conversation with an offer"
    assert Counter(place.folder for place in outcome.mailbox.values()) == {"Done": 600, "INBOX": MAILS - 600}
    assert len(outcome.mailbox) == MAILS


def _run_with_kills(
    scene: MakeScene, calm: Calm, folder: Path, seed: int, kills: int
) -> tuple[Counter[str], dict[str, object]]:
    shaken = scene(folder)
    assert shaken.desk.dsn is not None
    began = time.monotonic()
    with shaken.desk.started(*shaken.arguments, "--exit-when-idle", "--json") as running:
        killer = Killer(running, shaken.desk.dsn, calm.totals)
        asyncio.run(killer.carry_out(plan(seed, kills), seconds=240))
        summary = running.result(240)
    outcome = shaken.outcome()
    assert outcome.differences(calm.outcome) == {}
    assert summary["mails"] == summary["decisions"] + summary["duplicates"] + summary["dead_letters"] == MAILS
    assert summary["unexpected_failures"] == 0
    assert killer.done.total() == kills, "some kill came after the end"
    return killer.done, {
        "seed": seed,
        "kills": dict(sorted(killer.done.items())),
        "mails": MAILS,
        "decisions": len(outcome.decisions),
        "log_rows": len(outcome.log),
        "leads": len(outcome.leads),
        "seconds": round(time.monotonic() - began, 1),
        "calm_seconds": calm.seconds,
    }


@pytest.mark.timeout(600)
def test_three_kills(scene: MakeScene, calm: Calm, tmp_path: Path, say: Say) -> None:
    _, figures = _run_with_kills(scene, calm, tmp_path, seed=11, kills=3)
    say(f"chaos: {write_figures(tmp_path / 'figures.json', figures)}")


@pytest.mark.soak
@pytest.mark.timeout(3_000)
def test_many_kills(scene: MakeScene, calm: Calm, tmp_path: Path, say: Say) -> None:
    kills: Counter[str] = Counter()
    for seed in range(1, SOAK_RUNS + 1):
        done, figures = _run_with_kills(scene, calm, tmp_path / str(seed), seed, SOAK_KILLS)
        kills += done
        say(f"chaos: {write_figures(tmp_path / f'figures-{seed}.json', figures)}")
    assert kills.total() >= 20
    say(f"chaos: {kills.total()} kills in all: {dict(kills)}")
