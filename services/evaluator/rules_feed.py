"""Keeps the rules in force up to date: reads `automation-rules` to its end, then follows it."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Protocol

from runtime.kafka import Outgoing, Received
from runtime.service import Process
from schemas.refusal import Refusal, bury
from services.evaluator import metrics
from services.evaluator.builder import RulesetBuilder
from services.evaluator.constants import SERVICE
from services.evaluator.ruleset import Ruleset
from services.evaluator.worker import Publisher

log = logging.getLogger(__name__)
POLL_SECONDS = 0.5
YIELD_EVERY = 100
"""Rules compiled before others may run: 10,000 take well over a second."""


class Changes(Protocol):
    """The topic, after what was there at start."""

    async def poll(self, seconds: float) -> list[Received]:
        """What is new."""


class RulesFeed:
    """Swaps the ruleset as a whole, so that an event is decided by one version."""

    def __init__(self, process: Process, publisher: Publisher) -> None:
        self._process = process
        self._publisher = publisher
        self._builder = RulesetBuilder()
        self._current = self._builder.ruleset

    def current(self) -> Ruleset:
        """The rules in force now."""
        return self._current

    async def take(self, records: Iterable[Received]) -> None:
        """Records of the topic, in order. What cannot be read is published as a dead letter."""
        letters: list[Outgoing] = []
        for number, record in enumerate(records):
            if number % YIELD_EVERY == 0:
                await asyncio.sleep(0)
            if refused := self._builder.feed(record):
                log.warning("refused a rule", extra={"code": refused.code, "detail": refused.text})
                metrics.DEAD_LETTERS.labels(record.topic).inc()
                refusal = Refusal(SERVICE, refused.code, refused.text, self._process.clock.now())
                letters.append(Outgoing(*bury(record, refusal)))
        self._swap()
        await self._publisher.publish(letters)

    async def follow(self, changes: Changes) -> None:
        """Until the process is asked to stop."""
        while not self._process.stopping.is_set():
            if records := await changes.poll(POLL_SECONDS):
                await self.take(records)

    def _swap(self) -> None:
        ruleset = self._builder.ruleset
        if ruleset is self._current and "ruleset_version" in self._process.health.facts:
            return
        self._current = ruleset
        self._process.health.facts["ruleset_version"] = ruleset.version
        metrics.RULESET_VERSION.set(ruleset.version)
        metrics.ACTIVE_RULES.set(ruleset.active_rules)
        log.info(
            "rules in force",
            extra={"version": ruleset.version, "rules": ruleset.active_rules, "waiting": self._builder.waiting},
        )
