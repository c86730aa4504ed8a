"""`python -m services.evaluator`: settings, then bootstrap, then run."""

import sys

from runtime.service import Process, run_service
from services.evaluator.bootstrap import run
from services.evaluator.settings import EvaluatorSettings


def main() -> int:
    """Run the evaluator until it is stopped; returns the exit code."""
    settings = EvaluatorSettings()

    async def evaluate(process: Process) -> None:
        await run(process, settings)

    return run_service(settings.service, settings, evaluate)


if __name__ == "__main__":
    sys.exit(main())
