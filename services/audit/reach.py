"""Keeps /readyz true between batches: do Postgres and a broker still answer?"""

import asyncio

from runtime.errors import MaildeskError, TargetDownError
from runtime.postgres import Database
from runtime.service import Process

INTERVAL_SECONDS = 5.0
ANSWER_SECONDS = 3.0


class Reach:
    """Looks every few seconds. It changes what is reported only; batches find out by themselves."""

    def __init__(self, database: Database, brokers: str) -> None:
        self._database = database
        self._brokers = [address.strip() for address in brokers.split(",")]

    async def run(self, process: Process) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            for component, look in (("postgres", self._postgres), ("kafka", self._kafka)):
                try:
                    await look()
                except MaildeskError as error:
                    process.health.set(component, ready=False, detail=error.text)
                else:
                    process.health.set(component, ready=True)

    async def _postgres(self) -> None:
        await self._database.fetchval("SELECT 1")

    async def _kafka(self) -> None:
        if not any([await _listens(address) for address in self._brokers]):
            raise TargetDownError("no Kafka broker takes connections", code="kafka-down")


async def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            writer.close()
            await writer.wait_closed()
    except (OSError, ValueError):  # a TimeoutError is an OSError
        return False
    return True
