"""One subcommand per service: `maildesk ingest` is `python -m services.ingest`."""

import importlib
from collections.abc import Callable

import typer

SERVICES = {
    "ingest": "Read mailboxes and publish mail-arrived and mail-sent.",
    "evaluator": "Decide by the rules; publish decisions and commands.",
    "actions": "Carry out commands, each exactly once.",
    "audit": "Write the execution log.",
}


def add_services(app: typer.Typer) -> None:
    """Add them. They take no options: every setting is an environment variable (`maildesk settings`)."""
    for name, text in SERVICES.items():
        app.command(name, help=f"{text} Runs until stopped; settings come from the environment.")(_runner(name))


def _runner(name: str) -> Callable[[], None]:
    def run() -> None:
        raise typer.Exit(importlib.import_module(f"services.{name}.__main__").main())

    return run
