"""Forgetting addresses beside the reading of mail, as long as the process lives."""

import logging
from collections import deque
from collections.abc import Iterable

from runtime.service import Process
from schemas.erased_pages import requests_of
from schemas.erasure import SECRET, ErasureRequested
from schemas.versions import Keyed
from services.ingest.erasing.erasures import Erasures, Producer

log = logging.getLogger(__name__)
EVERY_SECONDS = 1.0
"""Also the pages of mail that others recorded late are told of."""


class Following:
    """Follows `automation-rules`. `erasures` is None where there is no key: what is asked for waits, and is said so."""

    def __init__(self, erasures: Erasures | None, producer: Producer) -> None:
        self._erasures = erasures
        self._producer = producer
        self._asked: deque[ErasureRequested] = deque()

    def take(self, records: Iterable[Keyed]) -> None:
        """Records of the topic, in order."""
        asked = requests_of(records)
        if self._erasures is not None:
            self._asked += asked
        elif asked:
            log.error("addresses are to be erased, but a secret is missing", extra={"secret": SECRET})

    async def run(self, process: Process) -> None:
        """Until the process stops."""

        async def look() -> float:
            return 0.0 if await self.once() else EVERY_SECONDS

        await process.keep_looking("an erasure has to wait", look)

    async def once(self) -> bool:
        """One request or one page. False when there is nothing to do."""
        if self._erasures is None:
            return False
        if self._asked:
            if not await self._erasures.register(self._asked[0]):
                log.error("an address was to be erased with another key than this one", extra={"secret": SECRET})
            self._asked.popleft()
            return True
        return await self._erasures.step(self._producer)
