"""The only place where the clients of the actions service are built and put together."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial

from connectors.mailbox.open import open_mailbox
from connectors.odoo.channel import Limits
from connectors.odoo.client import open_odoo
from connectors.odoo.loading import Patience
from connectors.smtp.client import open_smtp
from runtime.backoff import Backoff
from runtime.clients import compacted_reader, migrated_database, started
from runtime.errors import InvalidInputError
from runtime.kafka import CompactedReader, Consumer, Producer, Received
from runtime.service import Process
from runtime.settings import read_secret
from schemas.action import ACTION_TYPES
from schemas.registry import MailboxRegistry, RuleRegistry
from schemas.topics import AUTOMATION_RULES, action_topic
from services.actions.circuit import Circuits
from services.actions.connections import Connections, OpenMailbox
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
from services.actions.effects.port import Effect
from services.actions.effects.star import Star
from services.actions.effects.tag import Tag
from services.actions.effects.unavailable import Unavailable
from services.actions.engine import Engine
from services.actions.executor import Executor
from services.actions.gate import Gate
from services.actions.policy import Policy
from services.actions.relay import Relay
from services.actions.replies.book import PostgresReplyBook
from services.actions.replies.caps import Caps
from services.actions.sending import Sending
from services.actions.settings import ActionsSettings
from services.actions.standing import Standing
from services.actions.store import PostgresStore
from services.actions.upkeep import Upkeep
from services.actions.worker import Worker

FOLLOW_SECONDS = 0.5
ODOO_CALL_SECONDS = 25.0
ODOO_LOAD_SECONDS = 40.0
"""Two searches and two loads fit into the time of one effect."""


async def run(process: Process, settings: ActionsSettings) -> None:
    """Read the mailboxes, then carry out commands until the process is asked to stop."""
    if unknown := sorted(set(settings.types) - set(ACTION_TYPES)):
        raise InvalidInputError(
            f"MAILDESK_ACTIONS_TYPES names {', '.join(unknown)}; known: {', '.join(ACTION_TYPES)}", code="setting"
        )
    async with AsyncExitStack() as stack:
        database = await migrated_database(process, stack, settings)
        store, book = PostgresStore(database), PostgresReplyBook(database)
        producer = await started(process, stack, lambda: Producer(settings.kafka_bootstrap, "maildesk-actions"))
        mailboxes, rules = MailboxRegistry(), RuleRegistry()
        reader, records = await compacted_reader(process, stack, settings, AUTOMATION_RULES.name)
        _take(mailboxes, rules, records)
        process.health.facts["ruleset_version"] = mailboxes.version
        connections = Connections(mailboxes, _opener(settings))
        stack.push_async_callback(connections.close)
        parts = _reply_parts(settings, store, book)
        reply = partial(AutoReply, connections, mailboxes, parts, process.clock)
        effects = _effects(stack, settings, connections, store, reply)
        policy = _policy(settings)
        _check_lease(effects, policy)
        keyed = [effect.type for effect in effects if effect.keyed]
        await process.wait_until("postgres", lambda: store.expire_own_leases(policy.worker, keyed))
        published = asyncio.Event()
        standing = Standing(mailboxes, rules, policy)
        circuits = Circuits(process.clock, Backoff(first=1.0, longest=60.0))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_follow(process, reader, mailboxes, rules))
            tasks.create_task(Relay(store, producer, published).run(process))
            tasks.create_task(Upkeep(store, book).run(process))
            for effect in effects:
                executor = Executor(effect, policy, circuits, standing, process.clock)
                engine = Engine(effect, policy, store, executor, process.clock, published)
                consumer = await started(process, stack, _consumer_of(settings, effect.type))
                worker = Worker(effect.type, engine, store, consumer, producer, Gate(effect, circuits))
                tasks.create_task(worker.run(process))
                tasks.create_task(worker.sweep(process))


async def _follow(process: Process, reader: CompactedReader, mailboxes: MailboxRegistry, rules: RuleRegistry) -> None:
    while not process.stopping.is_set():
        _take(mailboxes, rules, await process.wait_until("rules", lambda: reader.poll(FOLLOW_SECONDS)))
        process.health.facts["ruleset_version"] = mailboxes.version


def _take(mailboxes: MailboxRegistry, rules: RuleRegistry, records: Sequence[Received]) -> None:
    mailboxes.take(records)
    rules.take(records)


def _consumer_of(settings: ActionsSettings, action_type: str) -> Callable[[], Consumer]:
    topic = action_topic(action_type)
    return lambda: Consumer(settings.kafka_bootstrap, topic, [topic])


def _opener(settings: ActionsSettings) -> OpenMailbox:
    return lambda mailbox: open_mailbox(mailbox, lambda name: read_secret(name, settings.secrets_dir))


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
    stack: AsyncExitStack,
    settings: ActionsSettings,
    connections: Connections,
    store: PostgresStore,
    reply: Callable[[], Effect],
) -> list[Effect]:
    available: dict[str, Callable[[], Effect]] = {
        "auto_reply": reply,
        "tag": lambda: Tag(connections),
        "star": lambda: Star(connections),
        "mark_read": lambda: MarkRead(connections),
        "move_folder": lambda: MoveFolder(connections),
    }
    on_odoo = _on_odoo(store, connections)
    site = _odoo_site(stack, settings) if set(on_odoo) & set(settings.types) else None
    for name, effect in on_odoo.items():
        available[name] = partial(effect, site) if site is not None else partial(_no_odoo, name)
    return [available[name]() for name in settings.types]


def _reply_parts(settings: ActionsSettings, store: PostgresStore, book: PostgresReplyBook) -> ReplyParts:
    caps = Caps.parse(settings.actions_replies_to_sender, settings.actions_replies_from_mailbox)
    return ReplyParts(
        open_smtp=lambda mailbox: open_smtp(mailbox, lambda name: read_secret(name, settings.secrets_dir)),
        book=book,
        sending=Sending(store),
        policy=ReplyPolicy(caps, timedelta(hours=settings.actions_reply_hours)),
    )


def _on_odoo(store: PostgresStore, connections: Connections) -> dict[str, Callable[[OdooSite], Effect]]:
    """They share one client: as many connections as Odoo has workers, whatever the number of types."""
    return {
        "activity": lambda site: Activity(site, store.produced),
        "attach_to_record": lambda site: AttachToRecord(site, connections),
        "crm_lead": CrmLead,
        "helpdesk_ticket": HelpdeskTicket,
        "notify_channel": NotifyChannel,
        "notify_user": NotifyUser,
    }


def _no_odoo(name: str) -> Effect:
    text = "no Odoo is configured; set MAILDESK_ODOO_URL, _DB and _LOGIN and the secret ODOO_PASSWORD"
    return Unavailable(name, "odoo-not-configured", text)


def _odoo_site(stack: AsyncExitStack, settings: ActionsSettings) -> OdooSite | None:
    if (account := settings.odoo_account) is None:
        return None
    odoo = open_odoo(account, Limits(call_seconds=ODOO_CALL_SECONDS), patience=Patience(seconds=ODOO_LOAD_SECONDS))
    stack.push_async_callback(odoo.close)
    return OdooSite(odoo, account.url, account.database)
