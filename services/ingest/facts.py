"""The step between parsing and the ledger: what active rules need of Odoo is read once and frozen into the event."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from connectors.odoo.port import Odoo
from runtime.clock import Clock
from runtime.errors import MaildeskError
from schemas.facts import FactSubject, OdooFacts
from schemas.registry import Direction
from services.ingest.asked import Asked
from services.ingest.gate import Gate
from services.ingest.metrics import FACTS
from services.ingest.model import Feed, Prepared, Unusable
from services.ingest.odoo_reading import Findings, Letter, read_odoo

log = logging.getLogger(__name__)
MAX_NAMED = 10_000
Recorded = Callable[[Sequence[UUID]], Awaitable[set[UUID]]]
"""Which of these events the ledger has."""
AskedOf = Callable[[str, Direction], Asked]
"""Mailbox and direction → what its active rules ask."""


@dataclass(frozen=True, slots=True)
class FactReader:
    """Reads facts, or says what is missing; never raises for Odoo's sake. `odoo` None: none is configured."""

    odoo: Odoo | None
    asked_of: AskedOf
    gate: Gate
    clock: Clock
    seconds: float = 5.0
    named: set[str] = field(default_factory=set)
    """What rules name and Odoo does not have, as far as it is in the log already."""

    async def prepared(
        self, feed: Feed, ready: Sequence[Prepared | Unusable], recorded: Recorded
    ) -> list[Prepared | Unusable]:
        """The same mails, with their facts where rules need some and the ledger does not have the mail yet."""
        asked = self.asked_of(feed.mailbox, feed.direction)
        mails = [mail for mail in ready if isinstance(mail, Prepared)]
        if not asked.subjects or not mails:
            return list(ready)
        known = await recorded([mail.event_id for mail in mails])
        new = [mail for mail in mails if mail.event_id not in known]
        facts = await self.read(asked, [mail.mail for mail in new], self.seconds)
        for subject in asked.subjects:
            missing = sum(subject in one.missing for one in facts)
            FACTS.labels(subject, "missing").inc(missing)
            FACTS.labels(subject, "read").inc(len(facts) - missing)
        found = dict(zip((mail.event_id for mail in new), facts, strict=True))
        return [replace(mail, odoo=found.get(mail.event_id)) if isinstance(mail, Prepared) else mail for mail in ready]

    async def read(self, asked: Asked, letters: Sequence[Letter], seconds: float) -> list[OdooFacts]:
        """The facts of each mail. What Odoo does not answer within `seconds`, all mails together, is missing."""
        findings = Findings()
        if self.odoo is not None and asked.subjects and letters and self.gate.allow():
            await self._within(seconds, self.odoo, asked, letters, findings)
        missing: tuple[FactSubject, ...] = tuple(each for each in asked.subjects if each not in findings.found)
        at = self.clock.now()
        return [
            OdooFacts(
                read_at=at,
                missing=missing,
                **{subject: answers[number] for subject, answers in findings.found.items()},
            )
            for number in range(len(letters))
        ]

    async def _within(
        self, seconds: float, odoo: Odoo, asked: Asked, letters: Sequence[Letter], findings: Findings
    ) -> None:
        try:
            async with asyncio.timeout(seconds):
                await read_odoo(odoo, asked, letters, findings)
        except TimeoutError:
            self._failed("time-out", f"Odoo did not answer within {seconds:g} s")
        except MaildeskError as error:
            self._failed(error.code, error.text)
        except Exception as error:  # an answer in no shape that Odoo's have: mail is not stopped by it
            self._failed("unexpected", f"unexpected {type(error).__name__} in what Odoo answered")
        else:
            self.gate.answered()
        self._tell(findings.unknown - self.named)

    def _tell(self, unknown: set[str]) -> None:
        """Once each: a rule that names what is not there would be silent for ever."""
        if unknown and len(self.named) < MAX_NAMED:
            self.named.update(unknown)
            log.warning(
                "rules name fields or models that this Odoo does not have, or does not show; correct them",
                extra={"names": sorted(unknown)},
            )

    def _failed(self, code: str, text: str) -> None:
        self.gate.failed()
        log.warning(
            "Odoo does not give the facts that rules need; they are read later",
            extra={"code": code, "detail": text, "try": self.gate.failures},
        )
