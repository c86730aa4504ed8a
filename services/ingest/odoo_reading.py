"""The facts of a batch of mails, read of Odoo: a few calls however many mails there are."""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from connectors.odoo.errors import ModelMissingError, usable_without
from connectors.odoo.port import Odoo
from connectors.odoo.routing import Routed, Thread, find_records
from connectors.odoo.senders import find_partners
from connectors.odoo.snapshots import Found, read_snapshots
from runtime.errors import PermanentError
from schemas.facts import FactSubject, Snapshot
from schemas.mail import Address
from schemas.needs import Need
from services.ingest.asked import Asked
from services.ingest.hosted import NOWHERE, Home, homes_of

log = logging.getLogger(__name__)


class Letter(Protocol):
    """What of a mail finds its partner and its record; a parsed mail and an event both have it."""

    @property
    def sender(self) -> Address | None: ...
    @property
    def to(self) -> tuple[Address, ...]: ...
    @property
    def references(self) -> tuple[str, ...]: ...
    @property
    def in_reply_to(self) -> tuple[str, ...]: ...
    @property
    def hosted(self) -> int | None: ...


Answers = Sequence[Snapshot | None]
"""For each mail the snapshot, with id 0 when there is no such record; None when it cannot be told."""


@dataclass(slots=True)
class Findings:
    """What was found so far, by subject; it grows while Odoo answers, so that a time-out loses only the rest."""

    found: dict[FactSubject, Answers] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    """Models, and fields of models, that rules name and this Odoo does not have."""

    def note(self, found: Found) -> Found:
        """Remember what was not there."""
        self.unknown.update(f"{found.model}: {path}" for path in found.unknown)
        return found


async def read_odoo(odoo: Odoo, asked: Asked, letters: Sequence[Letter], findings: Findings) -> None:
    """Fill the findings. Raises TransientError when Odoo is away, PermanentError when no Odoo answers there."""
    jobs: list[Coroutine[Any, Any, None]] = []
    homes = await homes_of(odoo, [letter.hosted for letter in letters if letter.hosted is not None])
    if asked.message is not None:
        jobs.append(_note("message", _messages(odoo, asked.message, letters, findings), len(letters), findings))
    if asked.partner is not None:
        jobs.append(_note("partner", _partners(odoo, asked.partner, letters, homes, findings), len(letters), findings))
    if asked.records:
        jobs.append(_note("record", _records(odoo, asked.records, letters, homes, findings), len(letters), findings))
    for ended in await asyncio.gather(*jobs, return_exceptions=True):
        if isinstance(ended, BaseException):
            raise ended


async def _note(subject: FactSubject, read: Awaitable[Answers], many: int, findings: Findings) -> None:
    """What Odoo refuses for good is no fact: the domains that need it are undecidable, and no mail waits for it."""
    try:
        findings.found[subject] = await read
    except PermanentError as error:
        usable_without(error)
        log.warning("Odoo refuses to be asked what rules need", extra={"code": error.code, "subject": subject})
        findings.found[subject] = [None] * many


async def _messages(odoo: Odoo, need: Need, letters: Sequence[Letter], findings: Findings) -> Answers:
    """Of mail that lies in Odoo; one that was deleted there meanwhile cannot be told."""
    found = findings.note(await read_snapshots(odoo, need, {letter.hosted or 0 for letter in letters}))
    return [found.records.get(letter.hosted or 0) for letter in letters]


async def _partners(
    odoo: Odoo, need: Need, letters: Sequence[Letter], homes: Mapping[int, Home], findings: Findings
) -> Answers:
    senders = ["" if each.hosted or not each.sender else each.sender.address for each in letters]
    partners = await find_partners(odoo, {address for address in senders if address})
    authors = [homes.get(letter.hosted or 0, NOWHERE).author for letter in letters]
    wanted = [author or partners.get(sender) for author, sender in zip(authors, senders, strict=True)]
    found = findings.note(await read_snapshots(odoo, need, {each for each in wanted if each is not None}))
    return [found.nobody if each is None else found.records.get(each) for each in wanted]


async def _records(
    odoo: Odoo, needs: Sequence[Need], letters: Sequence[Letter], homes: Mapping[int, Home], findings: Findings
) -> Answers:
    threads = [Thread() if letter.hosted else _thread(letter) for letter in letters]
    filed = [homes.get(letter.hosted or 0, NOWHERE).routed for letter in letters]
    routed = [own or route for own, route in zip(filed, await find_records(odoo, threads), strict=True)]
    found: dict[str, Found] = {}
    for need in needs:
        ids = {each[1] for each in routed if each and each[0] == need.model}
        try:
            found[need.model] = findings.note(await read_snapshots(odoo, need, ids))
        except ModelMissingError:
            findings.unknown.add(need.model)  # no mail belongs to a record of it
    nobody = found[needs[0].model].nobody if needs[0].model in found else Snapshot(model=needs[0].model, id=0)
    return [_record(each, found, nobody) for each in routed]


def _record(routed: Routed | None, found: dict[str, Found], nobody: Snapshot) -> Snapshot | None:
    if routed is None:
        return nobody
    model, ident = routed
    return found[model].records.get(ident) if model in found else Snapshot(model=model, id=ident)


def _thread(letter: Letter) -> Thread:
    return Thread(letter.references, letter.in_reply_to, [each.address for each in letter.to])
