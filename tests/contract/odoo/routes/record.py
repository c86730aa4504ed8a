"""Records the table anew: `python -m tests.contract.odoo.routes.record`, with the four ODOO_ settings."""

import asyncio
import os
import sys

from connectors.odoo.client import open_odoo
from connectors.odoo.port import OdooAccount
from tests.contract.odoo.routes.recording import record, write

SETTINGS = ("ODOO_URL", "ODOO_DB", "ODOO_LOGIN", "ODOO_PASSWORD")


async def main() -> None:
    """Asks and writes."""
    given = [os.environ.get(name, "") for name in SETTINGS]
    if not all(given):
        sys.exit(f"set {', '.join(SETTINGS)}")
    odoo = open_odoo(OdooAccount(*given))
    recording = await record(odoo)
    await odoo.close()
    cases = sum(len(world["answers"]) for world in recording.values())
    sys.stdout.write(f"{cases} cases in {write(recording).name}\n")


if __name__ == "__main__":
    asyncio.run(main())
