"""Finds what there is to look at: mailboxes and rules from a file or from Postgres, and how to reach the rest.

What cannot be found is itself a finding: with Postgres down, Kafka and Odoo are still looked at.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.connection import bootstrap_servers
from cli.doctor.finding import Finding, found_error
from cli.doctor.house import House
from cli.rule_files import load_rule_file
from cli.state_dir import Running, StateDir
from connectors.odoo.channel import Limits
from connectors.odoo.client import open_odoo
from connectors.odoo.settings import OdooSettings
from runtime.errors import InvalidInputError, MaildeskError
from runtime.postgres import Database, connect
from runtime.secrets import SecretFolder
from runtime.settings import configured_dsn
from sandbox.postgres import given_dsn
from schemas.mailbox import Mailbox
from schemas.rule import Rule
from services.console.reading import known_mailboxes, known_rules

ODOO_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """The options. `seconds`: the longest wait for any one answer."""

    mailbox: str | None = None
    file: Path | None = None
    offline: tuple[str, ...] = ()
    seconds: float = 5.0


@asynccontextmanager
async def gathered(asked: Asked) -> AsyncIterator[tuple[House, list[Finding]]]:
    """What to look at, and what went wrong in finding it. Raises InvalidInputError for a wrong file or mailbox."""
    settings, running, troubles = OdooSettings(), StateDir().running(), list[Finding]()
    async with AsyncExitStack() as stack:
        database = await _database(asked, running, troubles, stack)
        mailboxes, rules = await _configured(asked, database, troubles)
        house = House(mailboxes, rules, SecretFolder(settings.secrets_dir), asked.seconds, database=database)
        house.kafka = _kafka(running) if "kafka" not in asked.offline else None
        house.services = dict(running.services) if running else {}
        if "odoo" not in asked.offline:
            await _odoo(settings, house, troubles, stack)
        yield house, troubles


def _kafka(running: Running | None) -> str | None:
    """Not the broker in memory that `maildesk up` falls back to: it makes topics on first use, and tells little."""
    found = bootstrap_servers()
    in_memory = running is not None and found == running.kafka and not StateDir().broker
    return None if in_memory else found


async def _database(
    asked: Asked, running: Running | None, troubles: list[Finding], stack: AsyncExitStack
) -> Database | None:
    """Nothing is started for it: an embedded one is looked at only while it runs."""
    dsn = configured_dsn() or given_dsn() or (running.postgres if running else None)
    if "postgres" in asked.offline:
        return None
    if dsn is None:
        if asked.file is None:
            text = "no platform runs here, and no Postgres is configured; only what the environment names is looked at"
            remedy = "start `maildesk up`, set MAILDESK_POSTGRES_DSN, or give --file FILE"
            troubles.append(Finding("postgres-unknown", "Postgres", text, remedy))
        return None
    try:
        async with asyncio.timeout(asked.seconds):
            database = await connect(dsn, name="doctor", pool_size=2)
    except TimeoutError:
        text = f"it does not answer within {asked.seconds:.0f} s"
        troubles.append(Finding("postgres-down", "Postgres", text, "check MAILDESK_POSTGRES_DSN, and that it runs"))
        return None
    except MaildeskError as error:
        troubles.append(found_error(error, "Postgres", "check MAILDESK_POSTGRES_DSN, and that it runs"))
        return None
    stack.push_async_callback(database.close)
    return database


async def _configured(
    asked: Asked, database: Database | None, troubles: list[Finding]
) -> tuple[tuple[Mailbox, ...], tuple[Rule, ...]]:
    mailboxes: tuple[Mailbox, ...] = ()
    rules: tuple[Rule, ...] = ()
    if asked.file is not None:
        found = load_rule_file(asked.file)
        mailboxes, rules = tuple(found.mailboxes or ()), tuple(found.rules or ())
    elif database is not None:
        try:
            mailboxes, rules = tuple(await known_mailboxes(database)), tuple(await known_rules(database))
        except MaildeskError as error:
            troubles.append(
                found_error(error, "Postgres", "apply the mailboxes and rules: maildesk mailboxes apply FILE")
            )
    if asked.mailbox is None or (database is None and asked.file is None):
        return mailboxes, rules
    if asked.mailbox not in {mailbox.id for mailbox in mailboxes}:
        known = ", ".join(sorted(mailbox.id for mailbox in mailboxes)) or "none"
        raise InvalidInputError(f"there is no mailbox {asked.mailbox}; there are: {known}")
    of_it = tuple(rule for rule in rules if rule.mailbox == asked.mailbox)
    return tuple(mailbox for mailbox in mailboxes if mailbox.id == asked.mailbox), of_it


async def _odoo(settings: OdooSettings, house: House, troubles: list[Finding], stack: AsyncExitStack) -> None:
    """Set the account, or say why there is none."""
    try:
        account = settings.odoo_account
    except InvalidInputError as error:
        troubles.append(found_error(error, f"Odoo {settings.odoo_url}"))
        return
    if account is None:
        return
    limits = Limits(connect_seconds=house.seconds, call_seconds=house.seconds * 2, concurrency=ODOO_AT_ONCE)
    house.odoo, house.account = open_odoo(account, limits, clock=house.clock), account
    stack.push_async_callback(house.odoo.close)
