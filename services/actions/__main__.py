"""`python -m services.actions`: settings, then bootstrap, then run."""

import sys

from runtime.service import Process, run_service
from services.actions.bootstrap import run
from services.actions.settings import ActionsSettings


def main() -> int:
    """Carry out actions until stopped; returns the exit code."""
    settings = ActionsSettings()

    async def act(process: Process) -> None:
        await run(process, settings)

    return run_service(settings.service, settings, act)


if __name__ == "__main__":
    sys.exit(main())
