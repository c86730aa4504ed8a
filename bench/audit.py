"""Rows/s of the audit service that catches up, on real Kafka and Postgres.

`audit.rows`: the service's own process, from raw records to committed rows, against the aim. `audit.rows.over_bare`:
the same against a Faust app that takes the same batches and does nothing with them.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.corpus import events, mailbox, rules
from bench.harness import Result, alternating
from bench.servers import kafka, postgres, scratch
from runtime.kafka import Outgoing, Producer
from runtime.postgres import connect
from schemas.command import RuleReference
from schemas.decision import Decision
from schemas.envelope import encode
from schemas.ids import LIVE, command_id, result_id
from schemas.result import ExecutionResult, Produced
from schemas.rule import RuleChanged
from schemas.topics import AUTOMATION_DECISIONS, AUTOMATION_RESULTS, Topic
from services.audit.live import GROUP as LIVE_GROUP
from services.audit.stream import GROUP
from services.evaluator.evaluate import evaluate
from services.evaluator.ruleset import build_ruleset, compile_rule

MAILS = 10_000
RECORDS = 2 * MAILS
"""A decision and a result for each mail; each becomes a row."""
AIM = 3_000
ROUNDS = 2
UNIT = "rows/s"
LOOP_SECONDS = 120
PUBLISHED_AT_ONCE = 2_000
_TRACE = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


def run() -> list[Result]:
    """Processes on a broker and a database of their own."""
    with scratch() as home, kafka(home) as servers, postgres(home) as dsn:
        asyncio.run(_publish(servers))
        rate = alternating(ROUNDS, {loop: partial(_loop, servers, dsn, loop) for loop in ("service", "bare")})
    return [
        Result("audit.rows", UNIT, rate["service"], "aim", float(AIM)),
        Result(
            "audit.rows.over_bare",
            UNIT,
            rate["service"],
            "Faust taking the same batches, and nothing else",
            rate["bare"],
        ),
    ]


async def _publish(servers: str) -> None:
    producer = Producer(servers, "bench")
    await producer.start()
    try:
        sent = list(_records())
        for first in range(0, len(sent), PUBLISHED_AT_ONCE):
            await producer.send_all(sent[first : first + PUBLISHED_AT_ONCE])
    finally:
        await producer.stop()


def _records() -> Iterator[Outgoing]:
    changes = [compile_rule(RuleChanged(version=1, revision=1, rule=rule)) for rule in rules()]
    ruleset = build_ruleset(1, [mailbox()], changes)
    for event in events(MAILS):
        decision = evaluate(ruleset, event).decision
        yield Outgoing(AUTOMATION_DECISIONS.name, *encode(decision, "/maildesk/evaluator", _TRACE))
        yield Outgoing(AUTOMATION_RESULTS.name, *encode(_result(decision), "/maildesk/actions", _TRACE))


def _result(decision: Decision) -> ExecutionResult:
    command = command_id(decision.event_id, LIVE, "bench", "lead")
    began = decision.run_at + timedelta(seconds=1)
    return ExecutionResult(
        result_id=result_id(command, 1),
        command_id=command,
        sequence=1,
        decision_id=decision.decision_id,
        event_id=decision.event_id,
        run=LIVE,
        run_at=decision.run_at,
        rule=RuleReference(id="bench", revision=1, name="Bench"),
        trigger="incoming",
        action="lead",
        type="crm_lead",
        mailbox=decision.mailbox,
        conversation=decision.conversation,
        message_id=decision.message_id,
        content_uri=decision.content_uri,
        state="succeeded",
        attempt=1,
        idempotency_key=f"message:{decision.event_id}/bench/lead/0",
        scope="message",
        generation=0,
        dry_run=False,
        started_at=began,
        finished_at=began + timedelta(seconds=0.4),
        produced=Produced(kind="record", model="crm.lead", res_id=4711, text="lead 4711", details={"reused": False}),
    )


def _loop(servers: str, dsn: str, loop: str) -> float:
    asyncio.run(_afresh(servers, dsn))
    command = [sys.executable, "-m", "bench.audit_loops", loop, str(RECORDS)]
    env = {
        **os.environ,
        "MAILDESK_KAFKA_BOOTSTRAP": servers,
        "MAILDESK_POSTGRES_DSN": dsn,
        "MAILDESK_LOG_LEVEL": "WARNING",
    }
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, timeout=LOOP_SECONDS, check=True)
    return RECORDS / float(done.stdout)


async def _afresh(servers: str, dsn: str) -> None:
    """An empty log, and groups that begin at the first record."""
    database = await connect(dsn, name="bench", pool_size=1)
    try:
        if await database.fetchval("SELECT to_regclass('audit.decision')"):
            await database.execute("TRUNCATE audit.decision, audit.execution, audit.expected")
    finally:
        await database.close()
    await _rewind(servers, GROUP, (AUTOMATION_DECISIONS, AUTOMATION_RESULTS))
    await _rewind(servers, LIVE_GROUP, (AUTOMATION_RESULTS,))


async def _rewind(servers: str, group: str, topics: Sequence[Topic]) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
        consumer.assign(partitions)
        await consumer.commit(dict.fromkeys(partitions, 0))
    finally:
        await consumer.stop()
