"""`python -m connectors.odoo.standin --state FILE`: database `maildesk`, users admin/admin and reader/reader."""

import argparse
import asyncio
import contextlib
import signal
from pathlib import Path

from connectors.odoo.standin.app import serve


async def _run(host: str, port: int, state: Path | None) -> None:
    task = asyncio.ensure_future(serve(host, port, state))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def main() -> None:
    """Parse the arguments and serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="connectors.odoo.standin", description="A small Odoo for runs and tests.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8069)
    parser.add_argument("--state", type=Path, help="journal of its records; in memory without one")
    given = parser.parse_args()
    asyncio.run(_run(given.host, given.port, given.state))


if __name__ == "__main__":
    main()
