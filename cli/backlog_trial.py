"""What a run would do: the rule is asked about every recorded mail, here and now, and nothing is published."""

from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from cli.backlog_asking import Question, checked
from cli.backlog_tally import Step, Tally
from cli.progress import SQL
from runtime.postgres import Database
from schemas.evaluation import EvaluationRequested
from schemas.mail import MailArrived, MailEvent, MailSent
from schemas.registry import Direction
from schemas.rule import RuleChanged, Trigger
from services.console.reading import current_version, known_mailboxes
from services.evaluator.attempt import Attempt
from services.evaluator.evaluate import decide
from services.evaluator.facts import Facts
from services.evaluator.ruleset import Ruleset, build_ruleset, compile_rule
from services.ingest.recorded import Recorded, recorded

_EVENT: TypeAdapter[MailArrived | MailSent] = TypeAdapter(MailEvent)
_NEVER_HERE = frozenset({"auto_reply"})
"""Actions that a backlog skips (services/actions/replies/guards.py)."""


async def attempt(database: Database, question: Question) -> Tally:
    """Count, page by page. `would act` is the most that can be: another mail's claim may make it `already done`.

    Raises InvalidInputError.
    """
    stored, direction = await checked(database, question)
    version = await current_version(database)
    rule = compile_rule(RuleChanged(version=version, revision=stored.revision, rule=stored.rule))
    ruleset = build_ruleset(version, await known_mailboxes(database), [rule])
    facts = {"dry_run": True, "mailbox": question.mailbox, "rule": question.rule, "enabled": stored.rule.enabled}
    found = Tally(facts | {"mode": stored.rule.mode}, 0)
    async for page in recorded(database, [question.mailbox], question.since):
        wanted = [each for each in page if question.until is None or each.received_at < question.until]
        before = await database.fetch(SQL["acted_before"], [each.event_id for each in wanted], question.rule)
        done = {(row["event_id"], row["action_id"]) for row in before}
        for each in wanted:
            _take(found, ruleset, each, question.rule, direction, done)
    return found


def _take(
    found: Tally, ruleset: Ruleset, each: Recorded, rule: str, direction: Direction, done: set[tuple[UUID, str]]
) -> None:
    try:
        event = _event(each)
    except ValidationError:  # recorded by another version: what it says is not known here
        found.recorded += 1
        found.undecidable += 1
        return
    if event.direction != direction:
        return
    found.recorded += 1
    trigger: Trigger = "incoming" if direction == "incoming" else "after_send"
    evaluation = decide(
        ruleset, Attempt(event, "backlog-trial", event.recorded_at, trigger, rule, dry_run=True), Facts(event)
    )
    found.evaluated += 1
    outcomes = {verdict.outcome for verdict in evaluation.decision.verdicts}
    found.matched += "matched" in outcomes
    found.undecidable += bool(outcomes & {"undecidable", "deferred"})
    for command in evaluation.commands:
        for step in (command.step, *command.slip):
            key = Step(step.action.id, step.action.type)
            found.count(key, _would(step.action.type, step.skip, done=(each.event_id, step.action.id) in done))


def _would(kind: str, skip: str | None, *, done: bool) -> str:
    if kind in _NEVER_HERE:
        return "skipped: backlog"
    if skip is not None:
        return f"skipped: {skip.partition(':')[0]}"
    return "already done" if done else "would act"


def _event(each: Recorded) -> MailArrived | MailSent:
    if each.request is not None:
        return EvaluationRequested.model_validate_json(each.request).event
    return _EVENT.validate_json(each.value)
