"""Leads a second through the actions service, beside what Odoo takes at most and what its own gateway does.

With ODOO_URL, ODOO_DB, ODOO_LOGIN and ODOO_PASSWORD on that Odoo, else on the stand-in, whose every answer takes 30 ms:
the names then end in `standin`. In one run, in turns, on different mails of the same corpus:
- bare: `load` with the columns and the context of our effect, nothing else; of 50 leads and of as many as our effect
  loads, on one connection and on two
- ours: `crm_lead` commands through worker, claims, effect, outbox and relay, without the mail in the chatter
On a real Odoo also, with mails of 5 KB of text and HTML, without and with an attachment of 40 KB:
- shown: the same commands with the whole mail in the chatter, read from a Maildir
- gateway: Odoo's `message_process` for each of such mails, on one connection and on two
The best of these is the limit. The leads that it made are deleted, by their ids.
"""

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from bench.acting import Acting, acting
from bench.commands import LEAD, commands, mailboxes
from bench.harness import Awaited, Result, alternating_awaited
from bench.mails import Mails
from bench.servers import postgres, scratch, slow_odoo
from connectors.odoo.channel import Limits
from connectors.odoo.client import OdooClient, open_odoo
from connectors.odoo.port import Cell, Loaded, OdooAccount
from schemas.command import ActionCommand
from schemas.ids import external_id
from services.actions.connections import Connections
from services.actions.effects.crm_lead import CrmLead
from services.actions.effects.loaded_rows import QUIET
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.odoo_text import as_html, subject_line
from services.actions.model import ClaimKey

T = TypeVar("T")
SETTINGS = ("ODOO_URL", "ODOO_DB", "ODOO_LOGIN", "ODOO_PASSWORD")
ANSWER_SECONDS = 0.03
CONNECTIONS = 2
BATCHES = (50, CrmLead.batch)
LEADS = 5_000
"""As from a backlog: how it begins and ends counts, but is a small part."""
BARE = 2_000
SHOWN = 200
MAILS = 12
ROUNDS = 3
DELETED_AT_ONCE = 100
WHOLE = {"id": "lead", "type": "crm_lead"}
KINDS = {"odoo.over_gateway": False, "odoo.over_gateway.attachment": True}
COLUMNS = ("id", "name", "type", "email_from", "contact_name", "description", "team_id/.id", "user_id/.id")


def run() -> list[Result]:
    """On the Odoo that the environment names, else on the stand-in."""
    with scratch() as home, postgres(home) as dsn, _account(home) as (account, where):
        rates = asyncio.run(_measure(dsn, account, Mails(home), gateway=not where))
    bare = max(rate for name, rate in rates.items() if name.startswith("bare"))
    found = [Result(f"odoo.leads{where}", "leads/s", rates["ours"], "best bare load", bare)]
    for name, attachment in () if where else KINDS.items():
        gateway = max(rates[f"gateway 1 {attachment}"], rates[f"gateway 2 {attachment}"])
        shown = rates[f"shown {attachment}"]
        found.append(Result(name, "mails/s", shown, "Odoo's own message_process", gateway))
    return found


@contextmanager
def _account(home: Path) -> Iterator[tuple[OdooAccount, str]]:
    """The Odoo, and what is added to the names of its figures."""
    given = [os.environ.get(name, "") for name in SETTINGS]
    if all(given):
        yield OdooAccount(*given), ""
    else:
        with slow_odoo(home, ANSWER_SECONDS) as url:
            yield OdooAccount(url, "maildesk", "admin", "admin"), ".standin"


async def _measure(dsn: str, account: OdooAccount, mails: Mails, *, gateway: bool) -> dict[str, float]:
    async with acting(dsn) as found, _opened(account) as odoo:
        leads = _Leads(found, account, odoo, mails)
        several = range(1, CONNECTIONS + 1)
        measures: dict[str, Awaited] = {"ours": leads.ours}
        measures |= {
            f"bare {connections} {batch}": partial(leads.bare, connections, batch)
            for connections in several
            for batch in BATCHES
        }
        for attachment in KINDS.values() if gateway else ():
            measures[f"shown {attachment}"] = partial(leads.shown, attachment=attachment)
            for connections in several:
                measure = partial(leads.gateway, connections, attachment=attachment)
                measures[f"gateway {connections} {attachment}"] = measure
        try:
            return await alternating_awaited(ROUNDS, measures)
        finally:
            await leads.delete()


@asynccontextmanager
async def _opened(account: OdooAccount) -> AsyncIterator[OdooClient]:
    odoo = open_odoo(account, Limits(concurrency=CONNECTIONS))
    try:
        yield odoo
    finally:
        await odoo.close()


class _Leads:
    """Each measure makes leads of mails that no other has; all are noted, to be deleted."""

    def __init__(self, found: Acting, account: OdooAccount, odoo: OdooClient, mails: Mails) -> None:
        self._acting = found
        self._odoo = odoo
        self._mails = mails
        connections = Connections(mailboxes(), lambda _: mails.open())
        self._effect = CrmLead(OdooSite(odoo, account.url, account.database), connections)
        self._made: list[int] = []
        self._names: list[str] = []

    async def ours(self) -> float:
        """Leads/s until the last result is published."""
        given = list(commands(uuid.uuid4(), LEADS, LEAD))
        self._names += [_name(each) for each in given]
        return LEADS / await self._acting.carry_out(self._effect, given)

    async def shown(self, *, attachment: bool) -> float:
        """Mails/s until the last result is published, each mail a lead with the mail in its chatter."""
        given = [each for each, _ in self._mails.given(uuid.uuid4(), SHOWN, WHOLE, attachment=attachment)]
        self._names += [_name(each) for each in given]
        return SHOWN / await self._acting.carry_out(self._effect, given)

    async def bare(self, connections: int, size: int) -> float:
        """Leads/s of `load` alone."""
        run = uuid.uuid4()
        rows = [_row(run, number, each) for number, each in enumerate(commands(run, BARE, LEAD))]

        async def load(batch: list[list[Cell]]) -> None:
            outcome = await self._odoo.load("crm.lead", COLUMNS, batch, context=QUIET)
            self._made += [result.id for result in outcome.results if isinstance(result, Loaded)]

        return BARE / await _seconds(load, _parts(rows, size), connections)

    async def gateway(self, connections: int, *, attachment: bool) -> float:
        """Mails/s of Odoo's gateway, which makes a lead of each and posts the mail on it."""
        given = self._mails.given(uuid.uuid4(), MAILS, WHOLE, attachment=attachment)
        mails = [raw.decode() for _, raw in given]

        async def process(mail: str) -> None:
            lead = await self._odoo.call("mail.thread", "message_process", ["crm.lead", mail])
            if not lead:
                raise RuntimeError("Odoo's gateway made no lead of a mail; is a rule of that Odoo in its way?")
            self._made.append(int(lead))

        return MAILS / await _seconds(process, mails, connections)

    async def delete(self) -> None:
        """Every lead that was made here, and none else."""
        found = await self._odoo.resolve_external_ids(self._names)
        made = [*self._made, *(record for model, record in found.values() if model == "crm.lead")]

        async def unlink(part: list[int]) -> None:
            await self._odoo.call("crm.lead", "unlink", [part])

        await _seconds(unlink, _parts(made, DELETED_AT_ONCE), CONNECTIONS)


def _parts(things: list[T], size: int) -> list[list[T]]:
    return [things[start : start + size] for start in range(0, len(things), size)]


async def _seconds(act: Callable[[T], Coroutine[Any, Any, None]], given: Sequence[T], connections: int) -> float:
    """Until all were acted on, one at a time on each connection."""
    left = iter(given)

    async def work() -> None:
        for each in left:
            await act(each)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    return time.perf_counter() - began


def _name(given: ActionCommand) -> str:
    return external_id("crm.lead", str(ClaimKey(given.scope_subject, given.rule.id, given.step.action.id, 0)))


def _row(run: UUID, number: int, given: ActionCommand) -> list[Cell]:
    event = given.event
    sender = event.sender
    name, address = (sender.name, sender.address) if sender else ("", "")
    head: list[Cell] = [f"maildesk_bench.lead_{run.hex}_{number}", subject_line(event.subject), "lead"]
    return [*head, address, name, as_html(event.excerpt), None, None]
