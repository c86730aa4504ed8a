"""`python -m bench.slow_odoo PORT SECONDS`: the Odoo stand-in, in memory, taking that long for every answer."""

import asyncio
import sys

from aiohttp import web

from connectors.odoo.standin import StandIn, create_app


def main() -> None:
    """Serve until SIGTERM."""
    standin = StandIn()
    standin.troubles.delay = float(sys.argv[2])
    web.run_app(create_app(standin), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    asyncio.set_event_loop(asyncio.new_event_loop())
    main()
