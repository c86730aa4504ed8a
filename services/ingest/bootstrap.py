"""The composition root: the only place where the service's clients are built."""

import asyncio
import logging
import ssl
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from connectors.mailbox.odoo_scan import OdooHost
from connectors.mailbox.open import open_mailbox
from connectors.mailbox.port import Position
from connectors.oauth.tokens import Tokens
from connectors.odoo.channel import Limits
from connectors.odoo.client import open_odoo
from connectors.odoo.port import Odoo
from runtime.backoff import Backoff
from runtime.clients import compacted_reader, migrated_database, started
from runtime.clock import SystemClock
from runtime.errors import InvalidInputError, TransientError
from runtime.kafka import CompactedReader, Producer, Received
from runtime.secrets import SecretFolder
from runtime.service import Main, Process
from schemas.erasure import SECRET as ERASURE_SECRET
from schemas.erasure import ErasureKey
from schemas.topics import AUTOMATION_RULES
from services.ingest.backlog.following import follow_backlogs
from services.ingest.backlog.runs import Backlogs
from services.ingest.backlog.store import BacklogStore
from services.ingest.catch_up import SECONDS as CATCH_UP_SECONDS
from services.ingest.catch_up import CatchUp
from services.ingest.erasing.erasures import Erasures
from services.ingest.erasing.following import Following
from services.ingest.facts import FactReader
from services.ingest.fleet import Fleet, Opener
from services.ingest.gate import Gate
from services.ingest.handlers import BatchHandler
from services.ingest.hook.calls import Calls
from services.ingest.hook.http import SECRET, Hook, serve
from services.ingest.hook.spread import Spread
from services.ingest.parse.mail import parse_mail
from services.ingest.progress import Progress
from services.ingest.publisher import Relay
from services.ingest.reader import Reading
from services.ingest.rules import Rules
from services.ingest.settings import IngestSettings
from services.ingest.shards.fences import Fences
from services.ingest.shards.keeper import LOOKS, Keeper
from services.ingest.shards.leases import Leases, Worker
from services.ingest.status import StatusBoard
from services.ingest.store import Ledger
from services.ingest.waiting import Waiting

log = logging.getLogger(__name__)
FOLLOW_SECONDS = 0.5
CATCH_UP_EVERY = 1.0
Topic = tuple[CompactedReader, list[Received]]


def bootstrap(settings: IngestSettings) -> Main:
    """The service's `main`, with real clients."""

    def main(process: Process) -> Coroutine[Any, Any, None]:
        return run(process, settings)

    return main


async def run(process: Process, settings: IngestSettings) -> None:
    """Wait for Postgres, Kafka and the mailboxes, then read them until the process is asked to stop."""
    async with AsyncExitStack() as stack:
        database = await migrated_database(process, stack, settings)
        producer = await started(process, stack, lambda: Producer(settings.kafka_bootstrap, "maildesk-ingest"))
        topic = await compacted_reader(process, stack, settings, AUTOMATION_RULES.name)
        rules, board = Rules(), StatusBoard(process.health)
        odoo, gate = _odoo(stack, settings), _gate(process)
        facts = FactReader(odoo, rules.asked, gate, process.clock, settings.ingest_facts_timeout)
        worker = Worker(settings.ingest_worker, f"{settings.ingest_worker}/{uuid4().hex[:12]}")
        fences = Fences(worker.id)
        key = _erasure_key(settings)
        ledger = Ledger(database, process.clock.now(), fences, key)
        erasing = Following(Erasures(database, key) if key else None, producer)
        relay = Relay(ledger, producer, process.clock)
        handler = BatchHandler(ledger, relay, parse_mail, facts, process.clock, Progress(board, process.clock))
        lease = settings.ingest_lease_seconds
        calls = Calls(process.clock) if settings.ingest_hook_port else None
        reading = replace(_reading(process, settings, handler, relay, ledger, board), calls=calls)
        fleet = Fleet(_opener(process, settings, _host(stack, settings), ledger), reading, lease / LOOKS)
        keeper = Keeper(Leases(database, worker, lease), fleet, fences, board, lease)
        stack.push_async_callback(keeper.leave)
        stack.push_async_callback(fleet.close)
        late = FactReader(odoo, rules.asked, _gate(process), process.clock)
        catch_up = CatchUp(Waiting(database), late, gate, producer, board, process.clock)
        backlogs = Backlogs(BacklogStore(database), producer, process.clock, settings.ingest_backlog_rate)
        hook = await _hook(stack, settings, Spread(database, calls), rules) if calls else None
        async with asyncio.TaskGroup() as tasks:
            beside = (
                tasks.create_task(keeper.follow(process)),
                tasks.create_task(_catch_up(process, keeper, catch_up, rules)),
                tasks.create_task(follow_backlogs(process, keeper.reads, backlogs, rules)),
                tasks.create_task(erasing.run(process)),
                *([tasks.create_task(hook.pass_on(process)), tasks.create_task(hook.listen(process))] if hook else ()),
            )
            await _follow(process, settings, _Followers(keeper, rules, erasing), topic)
            for task in beside:
                task.cancel()


async def _hook(stack: AsyncExitStack, settings: IngestSettings, spread: Spread, rules: Rules) -> Spread:
    """Listen to Odoo's calls. Raises InvalidInputError when the secret is missing or the port is taken."""

    def hosted() -> list[str]:
        return [key for key, mailbox in rules.mailboxes.items() if mailbox.source.kind == "odoo"]

    hook = Hook(SecretFolder(settings.secrets_dir)(SECRET), hosted, spread.call)
    runner, port = await serve(hook, settings.http_host, settings.ingest_hook_port)
    stack.push_async_callback(runner.cleanup)
    log.info("listening for calls of Odoo", extra={"port": port})
    return spread


def _gate(process: Process) -> Gate:
    return Gate(process.clock, Backoff(first=1.0, longest=60.0))


def _odoo(stack: AsyncExitStack, settings: IngestSettings) -> Odoo | None:
    if (account := settings.odoo_account) is None:
        return None
    odoo = open_odoo(account, Limits(call_seconds=CATCH_UP_SECONDS))
    stack.push_async_callback(odoo.close)
    return odoo


def _reading(
    process: Process, settings: IngestSettings, handler: BatchHandler, relay: Relay, ledger: Ledger, board: StatusBoard
) -> Reading:
    return Reading(
        handler=handler,
        relay=relay,
        ledger=ledger,
        board=board,
        clock=process.clock,
        poll=settings.ingest_poll,
        net=settings.ingest_net,
        backoff=Backoff(first=0.5, longest=settings.ingest_retry_longest),
    )


def _opener(process: Process, settings: IngestSettings, host: OdooHost | None, ledger: Ledger) -> Opener:
    secrets = SecretFolder(settings.secrets_dir)
    tokens = Tokens(secrets, SystemClock())
    # One for all: each holds the system's authorities, which is most of what a connection would take of memory.
    context = ssl.create_default_context()

    async def known(mailbox: str, positions: Sequence[Position]) -> set[int]:
        return await ledger.known(mailbox, positions, process.clock.now())

    return lambda mailbox: open_mailbox(mailbox, secrets, odoo=host, tokens=tokens, ssl_context=context, known=known)


def _host(stack: AsyncExitStack, settings: IngestSettings) -> OdooHost | None:
    """Where mailboxes lie that Odoo hosts. With connections of its own: reading them must not hold up facts."""
    if (account := settings.odoo_account) is None or (odoo := _odoo(stack, settings)) is None:
        return None
    return OdooHost(odoo, account.database, account.login)


def _erasure_key(settings: IngestSettings) -> ErasureKey | None:
    """None where nobody set one. Raises InvalidInputError when it is too short."""
    try:
        return ErasureKey(SecretFolder(settings.secrets_dir)(ERASURE_SECRET))
    except InvalidInputError:
        return None
    except ValueError as error:
        raise InvalidInputError(str(error), code="setting") from None


@dataclass(frozen=True, slots=True)
class _Followers:
    """Who is told of what `automation-rules` holds."""

    keeper: Keeper
    rules: Rules
    erasing: Following


async def _follow(process: Process, settings: IngestSettings, followers: _Followers, topic: Topic) -> None:
    """Share out the mailboxes in force, and follow their changes."""
    reader, records = topic
    keeper, rules = followers.keeper, followers.rules
    while not process.stopping.is_set():
        followers.erasing.take(records)
        if rules.take(records):
            mailboxes = {key: box for key, box in rules.mailboxes.items() if settings.reads(key)}
            keeper.want(rules.version, mailboxes)
        records = await _next(process, reader)


async def _catch_up(process: Process, keeper: Keeper, catch_up: CatchUp, rules: Rules) -> None:
    """Look after the events that wait for facts."""

    async def look() -> float:
        done = await catch_up.look([key for key in sorted(rules.mailboxes) if keeper.reads(key)])
        return 0.0 if done else CATCH_UP_EVERY

    await process.keep_looking("events that wait for facts of Odoo cannot be looked after", look)


async def _next(process: Process, reader: CompactedReader) -> list[Received]:
    try:
        records = await reader.poll(FOLLOW_SECONDS)
    except TransientError as error:
        process.health.set("rules", ready=False, detail=error.text)
        await process.pause(FOLLOW_SECONDS)
        return []
    process.health.set("rules", ready=True)
    return records
