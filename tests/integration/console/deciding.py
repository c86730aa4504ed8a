"""Decisions made as the evaluator makes them with what is stored, and written as audit writes them."""

import asyncio
from collections.abc import Sequence

from runtime.migrations import migrate
from runtime.postgres import connect
from schemas.evaluation import EvaluationRequested
from schemas.mail import MailArrived, MailSent
from schemas.rule import RuleChanged
from schemas.topics import EVALUATION_REQUESTED
from services.audit.store import AuditStore
from services.console.past import set_as_of
from services.console.reading import current_version
from services.evaluator.evaluate import evaluate
from services.evaluator.ruleset import build_ruleset, compile_rule
from tests.integration.audit.test_store import entries
from tests.integration.console.recording import record

ANSWER = """
INSERT INTO ingest.deferred (event_id, mailbox, subjects, recorded_at, topic, key, value, headers, answered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', $8)
"""


def decided(dsn: str, event: MailArrived | MailSent, *requests: EvaluationRequested) -> None:
    """The event is in the ledger; it and each request are decided with the rules of now, and logged."""

    async def run() -> None:
        database = await connect(dsn, name="tests", pool_size=1)
        await record(database, [event])
        await migrate(database, "audit")
        version = await current_version(database)
        past = await set_as_of(database, version)
        rules = [RuleChanged(version=each.version, revision=each.revision, rule=each.rule) for each in past.rules]
        ruleset = build_ruleset(version, [each.mailbox for each in past.mailboxes], map(compile_rule, rules))
        subjects: Sequence[MailArrived | MailSent | EvaluationRequested] = (event, *requests)
        await AuditStore(database).write(entries(*[evaluate(ruleset, each).decision for each in subjects]))
        await database.close()

    asyncio.run(run())


def answered(dsn: str, request: EvaluationRequested) -> None:
    """Odoo answered late: ingest froze this request."""
    event = request.event
    answer = (
        event.event_id,
        event.mailbox,
        list(request.deferred),
        event.recorded_at,
        EVALUATION_REQUESTED.name,
        request.record_key.encode(),
        request.to_json(),
        request.requested_at,
    )

    async def run() -> None:
        database = await connect(dsn, name="tests", pool_size=1)
        await migrate(database, "ingest")
        await database.execute(ANSWER, *answer)
        await database.close()

    asyncio.run(run())
