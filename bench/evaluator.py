"""Events/s of the evaluator on real Kafka, beside bare aiokafka loops on the same events.

`evaluator`: the service's own process (20 rules, one event in ten matches, a decision for every event and a command for
every match) against consume → pydantic validate → dump → `send`, awaited → commit. That loop re-publishes the event: it
decides nothing and writes no headers. `evaluator.fastest`: against the same loop with batches built by
hand, which regards no keys. `evaluator.decide`: `evaluate()` alone on decoded events, in process, against validate and
dump alone.
"""

import asyncio
import os
import subprocess
import sys
from functools import partial

from bench.corpus import events, mailbox, rules
from bench.evaluator_loops import BARE_GROUP, rewind
from bench.harness import Result, alternating, rate
from bench.servers import kafka, scratch
from runtime.kafka import Outgoing, Producer
from schemas.envelope import encode
from schemas.mail import MailArrived
from schemas.rule import MailboxChanged, RuleChanged, RulesetPublished
from schemas.topics import MAIL_ARRIVED
from services.console.records import change
from services.evaluator.constants import GROUP
from services.evaluator.evaluate import evaluate
from services.evaluator.ruleset import build_ruleset, compile_rule

EVENTS = 20_000
ROUNDS = 5
IN_PROCESS_ROUNDS = 7
IN_PROCESS = 4_000
UNIT = "events/s"
LOOP_SECONDS = 120
GROUPS = {"real": GROUP, "one_by_one": BARE_GROUP, "in_batches": BARE_GROUP}


def run() -> list[Result]:
    """Processes on a broker of their own, then the parts that need none."""
    with scratch() as home, kafka(home) as servers:
        asyncio.run(_publish(servers))
        rate = alternating(ROUNDS, {loop: partial(_loop, servers, loop) for loop in GROUPS})
    alone = _alone()
    return [
        Result("evaluator", UNIT, rate["real"], "bare aiokafka decode-and-encode loop", rate["one_by_one"]),
        Result("evaluator.fastest", UNIT, rate["real"], "the same loop, batches built by hand", rate["in_batches"]),
        Result("evaluator.decide", UNIT, alone["decide"], "pydantic validate and dump alone", alone["codec"]),
    ]


async def _publish(servers: str) -> None:
    box = [change(MailboxChanged(version=1, mailbox=mailbox()))]
    changes = [change(RuleChanged(version=1, revision=1, rule=rule)) for rule in rules()]
    producer = Producer(servers, "bench")
    await producer.start()
    try:
        await producer.send_all([*box, *changes, change(RulesetPublished(version=1))])
        mail = [Outgoing(MAIL_ARRIVED.name, *encode(event, "/maildesk/ingest", _TRACE)) for event in events(EVENTS)]
        for first in range(0, EVENTS, 2_000):
            await producer.send_all(mail[first : first + 2_000])
    finally:
        await producer.stop()


_TRACE = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


def _loop(servers: str, loop: str) -> float:
    asyncio.run(rewind(servers, GROUPS[loop]))
    command = [sys.executable, "-m", "bench.evaluator_loops", loop, servers, str(EVENTS)]
    env = {**os.environ, "MAILDESK_KAFKA_BOOTSTRAP": servers, "MAILDESK_LOG_LEVEL": "WARNING"}
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, timeout=LOOP_SECONDS, check=True)
    return EVENTS / float(done.stdout)


def _alone() -> dict[str, float]:
    ruleset = build_ruleset(
        1, [mailbox()], [compile_rule(RuleChanged(version=1, revision=1, rule=rule)) for rule in rules()]
    )
    mail = list(events(IN_PROCESS))
    values = [event.to_json() for event in mail]

    def decide() -> float:
        return rate(mail, lambda event: evaluate(ruleset, event))

    def codec() -> float:
        return rate(values, lambda value: MailArrived.model_validate_json(value).model_dump_json())

    return alternating(IN_PROCESS_ROUNDS, {"decide": decide, "codec": codec})
