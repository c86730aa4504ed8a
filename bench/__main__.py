"""`python -m bench [--only NAME]`: run the benchmarks, print a table, keep the figures in `bench/results.json`."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.harness import Result
from bench.machine import machine_facts
from bench.results import entry, merge, read, table, write

BENCHES = (
    "evaluator", "rules", "memory", "latency", "replay", "claims", "audit", "imap", "ingest", "parse", "odoo", "flood",
)  # fmt: skip
WIDTH = 140
"""Characters of the table at least, also where there is no terminal."""
RESULTS = Path(__file__).resolve().parent / "results.json"


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"One of {', '.join(BENCHES)}; may be repeated.")] = None,
) -> None:
    """Measure, each value beside its named limit. What a figure means: docs/reference/benchmarks.md."""
    names = _chosen(only)
    err = Console(stderr=True)
    machine = machine_facts()
    fresh = []
    for name in names:
        with err.status(f"measuring {name}"):
            found = [entry(result, machine) for result in _bench(name)()]
        write(RESULTS, merge(read(RESULTS), found, [name]))
        fresh += found
    out = Console()
    Console(width=max(out.width, WIDTH)).print(table(fresh))
    err.print(f"written to {RESULTS}", markup=False)


def _chosen(only: Sequence[str] | None) -> tuple[str, ...]:
    if unknown := [name for name in only or () if name not in BENCHES]:
        raise typer.BadParameter(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    return tuple(dict.fromkeys(only)) if only else BENCHES


def _bench(name: str) -> Callable[[], list[Result]]:
    """Imported when it runs: what one benchmark loads must not weigh on another."""
    run: Callable[[], list[Result]] = import_module(f"bench.{name}").run
    return run


if __name__ == "__main__":
    typer.run(main)
