"""`python -m services.audit`, with live statistics that take longer to stop than all the rest."""

import asyncio
import sys
from typing import Any

from services.audit import live
from services.audit.__main__ import main

SECONDS = 3.0


async def slowly(app: Any) -> None:
    """Stop it, later."""
    await asyncio.sleep(SECONDS)
    await stop(app)


if __name__ == "__main__":
    stop, vars(live)["_stop"] = live._stop, slowly
    sys.exit(main())
