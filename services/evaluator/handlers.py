"""Records to their outcomes: decode, evaluate, encode; each in one span below the record's trace."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from opentelemetry.trace import INVALID_SPAN, Span
from pydantic import ValidationError

from runtime.kafka import Outgoing, Received
from runtime.outcome import Done, Outcome, Refused
from runtime.telemetry import extract, inject, linked, span
from schemas.envelope import FOLLOWS, Encodable, encode, header
from schemas.refusal import describe_faults
from schemas.topics import (
    ACTIONS,
    AUTOMATION_DECISIONS,
    EVALUATION_BACKLOG,
    EVALUATION_REQUESTED,
    MAIL_ARRIVED,
    MAIL_SENT,
)
from services.evaluator import metrics
from services.evaluator.attempt import Subject
from services.evaluator.carried import carried
from services.evaluator.constants import MAX_VALUE_BYTES, SOURCE
from services.evaluator.decoding import DECODERS
from services.evaluator.evaluate import Evaluation, evaluate
from services.evaluator.ruleset import Ruleset
from services.evaluator.together import together

log = logging.getLogger(__name__)

LIVE_TOPICS = (MAIL_ARRIVED.name, MAIL_SENT.name, EVALUATION_REQUESTED.name)
BACKLOG_TOPICS = (EVALUATION_BACKLOG.name,)


class Handler:
    """Handles records against the rules that are in force when each is handled.

    Without `exported` nobody will ever see a span: none is made for a record that carries a trace, which is passed on
    as it came.
    """

    def __init__(self, rules: Callable[[], Ruleset], *, exported: bool = True) -> None:
        self._rules = rules
        self._exported = exported

    def handle_all(self, records: Sequence[Received]) -> list[Outcome]:
        """What `handle` makes of each; a few are worked on together where no spans are made.

        Each step is pure: where one of the records is refused, all are handled again, each alone.
        """
        traces = [] if self._exported else [carried(record) for record in records]
        if traces and all(traces):
            with suppress(Exception):  # whatever it was: the record that it came from meets it again
                return self._together(records, traces)
        return [self.handle(record) for record in records]

    def _together(self, records: Sequence[Received], traces: Sequence[dict[str, str]]) -> list[Outcome]:
        evaluations = together(records, _decoded, partial(evaluate, self._rules()))
        encoded = [_encoded(each, trace) for each, trace in zip(evaluations, traces, strict=True)]
        return [_outcome(each, outgoing) for each, outgoing in zip(evaluations, encoded, strict=True)]

    def handle(self, record: Received) -> Outcome:
        """Never raises: a record that cannot be evaluated is refused, and the next goes on."""
        if not self._exported and (trace := carried(record)):
            return self._handled(record, trace, INVALID_SPAN)
        links = linked([header(record.headers, FOLLOWS)])
        with span("evaluate", parent=extract(record.headers), links=links) as current:
            return self._handled(record, inject(), current)

    def _handled(self, record: Received, trace: dict[str, str], current: Span) -> Outcome:
        try:
            return self._evaluated(record, trace, current)
        except ValidationError as error:
            return Refused("unreadable-record", describe_faults(error))
        except Exception as error:
            log.exception("an event could not be evaluated", extra={"topic": record.topic, "offset": record.offset})
            return Refused("evaluation-failed", f"{type(error).__name__} while evaluating; this is a defect")

    def _evaluated(self, record: Received, trace: dict[str, str], current: Span) -> Outcome:
        if record.value is None:
            return Refused("empty-record", "the record has no value")
        evaluation = evaluate(self._rules(), _decoded(record))
        draft = evaluation.draft
        if current.is_recording():
            current.set_attributes(
                {"event_id": draft.event_id, "mailbox": draft.event.mailbox, "outcome": draft.found.outcome}
            )
        return _outcome(evaluation, _encoded(evaluation, trace))


def _decoded(record: Received) -> Subject:
    return DECODERS[record.topic](record.value or b"")


def _outcome(evaluation: Evaluation, records: tuple[Outgoing, ...]) -> Outcome:
    """Counts what is done. Never raises."""
    if max(len(each.value or b"") for each in records) > MAX_VALUE_BYTES:
        return Refused("record-too-large", f"what follows from it exceeds {MAX_VALUE_BYTES} bytes")
    metrics.EVENTS.labels(evaluation.draft.found.outcome).inc()
    for command in evaluation.commands:
        metrics.COMMANDS.labels(command.type).inc()
        if not command.dry_run:
            metrics.RULE_MATCHES.labels(command.event.mailbox, command.rule.id).inc()
    return Done(records)


def _encoded(evaluation: Evaluation, trace: dict[str, str]) -> tuple[Outgoing, ...]:
    """The commands, then the decision; all carry the trace of what caused them."""
    outgoing = [_outgoing(ACTIONS[command.type].name, command, trace) for command in evaluation.commands]
    return (*outgoing, _outgoing(AUTOMATION_DECISIONS.name, evaluation.draft, trace))


def _outgoing(topic: str, record: Encodable, trace: dict[str, str]) -> Outgoing:
    return Outgoing(topic, *encode(record, SOURCE, trace))
