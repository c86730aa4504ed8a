"""The gate before a worker's topic: closed while the one target of all its commands is down."""

import logging

from runtime.errors import MaildeskError
from runtime.kafka import Consumer
from runtime.service import Process
from services.actions.circuit import Circuits
from services.actions.effects.port import Effect

log = logging.getLogger(__name__)


class Gate:
    """Opens and closes with the circuit of the effect's shared target; an effect without one is always open."""

    def __init__(self, effect: Effect, circuits: Circuits) -> None:
        self._effect = effect
        self._target = effect.shared_target
        self._circuits = circuits
        self._paused = False
        self._tries = 0

    def is_closed(self) -> bool:
        """Whether nothing should begin now."""
        return self._target is not None and self._circuits.is_open(self._target)

    async def ask(self, process: Process) -> None:
        """Ask the target at start, so that one that is away is named before the first command."""
        if self._target is not None:
            await self._probe(self._target)
            self._show(process, self._target)

    async def keep(self, process: Process, consumer: Consumer) -> None:
        """Pause while the target is down, asking it when a pause is over; resume when it answers.

        A paused consumer stays in its group; partitions that it is given meanwhile are paused with the others.
        """
        if self._target is None:
            return
        if self.is_closed() and self._circuits.wait_seconds(self._target) == 0:
            await self._probe(self._target)
        if self.is_closed():
            if not self._paused:
                log.warning("paused: %s is down", self._target, extra={"detail": self._circuits.reason(self._target)})
            consumer.pause()
        elif self._paused:
            log.warning("resumed: %s answers again", self._target)
            consumer.resume()
        if self.is_closed() or self._paused:
            self._show(process, self._target)
        self._paused = self.is_closed()

    def _show(self, process: Process, target: str) -> None:
        closed = self.is_closed()
        process.health.set(target, ready=not closed, detail=self._circuits.reason(target) if closed else "")

    async def _probe(self, target: str) -> None:
        try:
            await self._effect.probe()
        except MaildeskError as error:
            self._tries += 1
            log.warning("waiting for %s", target, extra={"code": error.code, "detail": error.text, "try": self._tries})
            self._circuits.trip(target, error.text)
        else:
            self._tries = 0
            self._circuits.answered(target)
