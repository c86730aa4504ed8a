"""The columns of the log, from the contracts. The order is that of queries.sql."""

from datetime import UTC, datetime
from typing import get_args
from uuid import UUID

from pydantic import TypeAdapter

from schemas.decision import Decision, EmittedCommand, Verdict
from schemas.result import ExecutionResult, FinalState
from services.audit.entry import Entry, Expected

FINAL_STATES = frozenset(get_args(FinalState))
_BIGINT = 2**63
_VERDICTS = TypeAdapter(tuple[Verdict, ...])
_COMMANDS = TypeAdapter(tuple[EmittedCommand, ...])


def _utc(moment: datetime) -> datetime:
    """Raises OverflowError for the first and the last hours that a datetime can name."""
    return moment.astimezone(UTC)


def _bounded(*numbers: int) -> None:
    if not all(-_BIGINT <= number < _BIGINT for number in numbers):
        raise OverflowError("a number does not fit 64 bits")


def decision_entry(decision: Decision, trace_id: str) -> Entry:
    """A decision announces the first command of every rule that matched. Raises OverflowError."""
    _bounded(decision.ruleset_version, decision.verdicts_omitted)
    run_at = _utc(decision.run_at)

    def expected(command_id: UUID) -> Expected:
        return Expected(command_id, run_at, decision.decision_id, decision.event_id, decision.mailbox, decision.run)

    return Entry(
        kind="decision",
        row_id=decision.decision_id,
        run_at=run_at,
        rank=0,
        values=(
            decision.decision_id,
            run_at,
            decision.event_id,
            decision.run,
            decision.mailbox,
            decision.conversation,
            decision.message_id,
            decision.content_uri,
            decision.direction,
            decision.trigger,
            decision.outcome,
            decision.ruleset_version,
            decision.dry_run,
            _VERDICTS.dump_json(decision.verdicts).decode(),
            decision.verdicts_omitted,
            _COMMANDS.dump_json(decision.commands).decode(),
            trace_id,
            _utc(decision.received_at),
        ),
        expects=tuple(expected(command.command_id) for command in decision.commands),
    )


def execution_entry(result: ExecutionResult, trace_id: str) -> Entry:
    """A final result announces the command of the next step, when there is one. Raises OverflowError."""
    produced = result.produced
    _bounded(result.sequence, result.attempt, result.rule.revision, result.generation, produced.res_id)
    run_at = _utc(result.run_at)
    final = result.state in FINAL_STATES
    following = result.next_command if final else None
    return Entry(
        kind="execution",
        row_id=result.command_id,
        run_at=run_at,
        rank=result.sequence,
        values=(
            result.command_id,
            run_at,
            result.sequence,
            result.state,
            result.reason,
            result.text,
            result.attempt,
            result.decision_id,
            result.event_id,
            result.run,
            result.rule.id,
            result.rule.name,
            result.rule.revision,
            result.trigger,
            result.action,
            result.type,
            result.mailbox,
            result.conversation,
            result.message_id,
            result.content_uri,
            result.idempotency_key,
            result.scope,
            result.generation,
            result.dry_run,
            _utc(result.started_at) if result.started_at else None,
            _utc(result.finished_at),
            produced.model_dump_json(),
            result.next_command,
            trace_id,
            result.undoes,
        ),
        expects=(
            (Expected(following, run_at, result.decision_id, result.event_id, result.mailbox, result.run),)
            if following
            else ()
        ),
        final=final,
    )
