"""The only place where the parts of the actions service are put together; its clients come from `clients.py`."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from runtime.backoff import Backoff
from runtime.collector import spare_the_collector
from runtime.errors import InvalidInputError
from runtime.kafka import CompactedReader, Received
from runtime.lag import Behind, LagMeter, watch_lag
from runtime.service import Process
from schemas.action import ACTION_TYPES
from schemas.registry import MailboxRegistry, RuleRegistry
from schemas.topics import action_topic
from services.actions.circuit import Circuits
from services.actions.clients import Clients
from services.actions.connections import Connections
from services.actions.effects.activity import Activity
from services.actions.effects.attach_to_record import AttachToRecord
from services.actions.effects.auto_reply import AutoReply, ReplyParts, ReplyPolicy
from services.actions.effects.crm_lead import CrmLead
from services.actions.effects.helpdesk_ticket import HelpdeskTicket
from services.actions.effects.mark_read import MarkRead
from services.actions.effects.move_folder import MoveFolder
from services.actions.effects.notify_channel import NotifyChannel
from services.actions.effects.notify_user import NotifyUser
from services.actions.effects.odoo_site import OdooSite
from services.actions.effects.port import Effect, Undoable
from services.actions.effects.star import Star
from services.actions.effects.tag import Tag
from services.actions.effects.unavailable import Unavailable
from services.actions.engine import Engine
from services.actions.erasing.erasures import Erasures
from services.actions.executor import Executor
from services.actions.gate import Gate
from services.actions.metrics import LAG, WAITED
from services.actions.policy import Policy
from services.actions.relay import Relay
from services.actions.replies.book import PostgresReplyBook
from services.actions.replies.caps import Caps
from services.actions.sending import Sending
from services.actions.settings import ActionsSettings
from services.actions.standing import Standing
from services.actions.store import PostgresStore
from services.actions.undoing import Undoing
from services.actions.upkeep import Upkeep
from services.actions.worker import Worker

FOLLOW_SECONDS = 0.5


async def run(process: Process, settings: ActionsSettings, clients: Clients | None = None) -> None:
    """Read the mailboxes, then carry out commands until the process is asked to stop."""
    clients = clients or Clients(settings)
    if unknown := sorted(set(settings.types) - set(ACTION_TYPES)):
        raise InvalidInputError(
            f"MAILDESK_ACTIONS_TYPES names {', '.join(unknown)}; known: {', '.join(ACTION_TYPES)}", code="setting"
        )
    async with AsyncExitStack() as stack:
        stack.push_async_callback(clients.close)
        database = await clients.database(process, stack)
        store, book = PostgresStore(database), PostgresReplyBook(database)
        producer = await clients.producer(process, stack)
        mailboxes, rules = MailboxRegistry(), RuleRegistry()
        reader, records = await clients.rules(process, stack)
        erasures = Erasures(database)
        followers = _Followers(mailboxes, rules, erasures)
        followers.take(records)
        process.health.facts["ruleset_version"] = mailboxes.version
        connections = Connections(mailboxes, clients.mailbox)
        stack.push_async_callback(connections.close)
        parts = _reply_parts(settings, clients, store, book)
        reply = partial(AutoReply, connections, mailboxes, parts, process.clock)
        on_odoo = _on_odoo(store, connections, settings.actions_max_attempts)
        site = _odoo_site(stack, settings, clients) if set(on_odoo) & set(settings.types) else None
        effects = [Undoing(effect, store) for effect in _effects(settings, connections, site, on_odoo, reply)]
        policy = _policy(settings)
        _check_lease(effects, policy)
        keyed = [effect.type for effect in effects if effect.keyed]
        await process.wait_until("postgres", lambda: store.expire_own_leases(policy.worker, keyed))
        published = asyncio.Event()
        standing = Standing(mailboxes, rules, policy)
        circuits = Circuits(process.clock, Backoff(first=1.0, longest=60.0))
        spare_the_collector()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_follow(process, reader, followers))
            tasks.create_task(Relay(store, producer, published).run(process))
            tasks.create_task(Upkeep(store, book, erasures).run(process))
            for effect in effects:
                executor = Executor(effect, policy, circuits, standing, process.clock)
                engine = Engine(effect, policy, store, executor, process.clock, published)
                consumer = await clients.consumer(process, stack, effect.type)
                worker = Worker(effect.type, engine, store, consumer, producer, Gate(effect, circuits))
                tasks.create_task(worker.run(process))
                meter = LagMeter(consumer, [action_topic(effect.type)], process.clock)
                tasks.create_task(watch_lag(process, meter, _report_lag))
                tasks.create_task(worker.sweep(process))


def _report_lag(topics: Mapping[str, Behind]) -> None:
    for topic, behind in topics.items():
        LAG.labels(topic=topic).set(behind.records)
        WAITED.labels(topic=topic).set(behind.seconds)


@dataclass(frozen=True, slots=True)
class _Followers:
    """Who is told of what `automation-rules` holds."""

    mailboxes: MailboxRegistry
    rules: RuleRegistry
    erasures: Erasures

    def take(self, records: Sequence[Received]) -> None:
        self.mailboxes.take(records)
        self.rules.take(records)
        self.erasures.take(records)


async def _follow(process: Process, reader: CompactedReader, followers: _Followers) -> None:
    while not process.stopping.is_set():
        followers.take(await process.wait_until("rules", lambda: reader.poll(FOLLOW_SECONDS)))
        process.health.facts["ruleset_version"] = followers.mailboxes.version


def _check_lease(effects: Sequence[Effect], policy: Policy) -> None:
    longest = max((effect.seconds for effect in effects), default=0.0)
    if policy.lease.total_seconds() < longest:
        raise InvalidInputError(
            f"MAILDESK_ACTIONS_LEASE_SECONDS must be at least {longest:.0f}, the longest that an action may take",
            code="setting",
        )


def _policy(settings: ActionsSettings) -> Policy:
    return Policy(
        worker=settings.actions_worker,
        lease=timedelta(seconds=settings.actions_lease_seconds),
        max_attempts=settings.actions_max_attempts,
        backoff=Backoff(first=settings.actions_retry_first_seconds, longest=settings.actions_retry_longest_seconds),
        lane_bound=timedelta(seconds=settings.actions_lane_seconds),
        target_patience=timedelta(hours=settings.actions_target_hours),
    )


def _effects(
    settings: ActionsSettings,
    connections: Connections,
    site: OdooSite | None,
    on_odoo: Mapping[str, Callable[[OdooSite], Undoable]],
    reply: Callable[[], Undoable],
) -> list[Undoable]:
    available: dict[str, Callable[[], Undoable]] = {
        "auto_reply": reply,
        "tag": lambda: Tag(connections),
        "star": lambda: Star(connections),
        "mark_read": lambda: MarkRead(connections),
        "move_folder": lambda: MoveFolder(connections),
    }
    for name, effect in on_odoo.items():
        available[name] = partial(effect, site) if site is not None else partial(_no_odoo, name)
    return [available[name]() for name in settings.types]


def _reply_parts(
    settings: ActionsSettings, clients: Clients, store: PostgresStore, book: PostgresReplyBook
) -> ReplyParts:
    caps = Caps.parse(settings.actions_replies_to_sender, settings.actions_replies_from_mailbox)
    return ReplyParts(
        open_smtp=clients.smtp,
        book=book,
        sending=Sending(store),
        policy=ReplyPolicy(caps, timedelta(hours=settings.actions_reply_hours)),
    )


def _on_odoo(
    store: PostgresStore, connections: Connections, attempts: int
) -> dict[str, Callable[[OdooSite], Undoable]]:
    """They share one client: as many connections as Odoo has workers, whatever the number of types."""
    return {
        "activity": lambda site: Activity(site, store.produced),
        "attach_to_record": lambda site: AttachToRecord(site, connections),
        "crm_lead": lambda site: CrmLead(site, connections, attempts),
        "helpdesk_ticket": lambda site: HelpdeskTicket(site, connections, attempts),
        "notify_channel": NotifyChannel,
        "notify_user": NotifyUser,
    }


def _no_odoo(name: str) -> Undoable:
    text = "no Odoo is configured; set MAILDESK_ODOO_URL, _DB and _LOGIN and the secret ODOO_PASSWORD"
    return Unavailable(name, "odoo-not-configured", text)


def _odoo_site(stack: AsyncExitStack, settings: ActionsSettings, clients: Clients) -> OdooSite | None:
    if (account := settings.odoo_account) is None:
        return None
    odoo = clients.odoo(account)
    stack.push_async_callback(odoo.close)
    return OdooSite(odoo, account.url, account.database)
