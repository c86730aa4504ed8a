"""Faust's consumer, without four tasks a record.

Faust hands every record to its stream beside three other waits: for a rebalance, for its own stop, for a crash. Handing
over mostly takes no wait at all, so it is tried at once here, and only what is left of one that waits is raced. That
doubles what Faust takes a second (`make bench ONLY=audit`).
"""

import logging
from collections.abc import Coroutine, Generator
from typing import Any

from faust.transport.drivers import aiokafka as driver
from mode.services import WaitResults


class EagerConsumer(driver.Consumer):
    """Faust's; what it promises of acknowledgement and rebalance stays as it is."""

    logger = logging.getLogger("faust.consumer")

    async def wait_first(self, *waits: Any, timeout: Any = None) -> WaitResults:
        """What Faust's would return, sooner for a first coroutine that needs no wait."""
        stopping = self._stopped.is_set() or self._crashed.is_set()
        if stopping or timeout is not None or len(waits) != 2 or self.suspend_flow.is_set():
            return await super().wait_first(*waits, timeout=timeout)
        delivery, suspension = waits
        try:
            met = delivery.send(None)
        except StopIteration as done:
            suspension.close()
            return WaitResults([delivery], [done.value], stopped=False)
        except BaseException:
            suspension.close()
            raise
        return await super().wait_first(Rest(delivery, met), suspension)


class Rest:
    """What is left of a coroutine that was begun and waits for `met`."""

    def __init__(self, begun: Coroutine[Any, Any, Any], met: Any) -> None:
        self._begun = begun
        self._met = met

    def __await__(self) -> Generator[Any, Any, Any]:
        met = self._met
        try:
            while True:
                try:
                    given = yield met
                except GeneratorExit:
                    raise
                except BaseException as error:
                    met = self._begun.throw(error)
                else:
                    met = self._begun.send(given)
        except StopIteration as done:
            return done.value
        finally:
            self._begun.close()


class EagerTransport(driver.Transport):
    """Faust's, with that consumer."""

    Consumer = EagerConsumer
