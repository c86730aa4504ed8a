"""What verdicts add to the metrics, once they are written down."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from runtime.exemplars import exemplar
from schemas.ids import LIVE
from schemas.topics import action_topic
from services.actions.metrics import CLAIM_CONFLICTS, COMMANDS, DEAD_LETTERS, LATENCY_SECONDS, RETRIES
from services.actions.model import Verdict
from services.actions.states import Event, State, transition


def count(kind: str, verdicts: Sequence[Verdict], now: datetime) -> None:
    """Of one action type."""
    for (before, event), number in Counter((v.row.state, v.event) for v in verdicts).items():
        state = transition(before, event).state
        COMMANDS.labels(type=kind, state=state).inc(number)
        if state is State.FAILED:
            DEAD_LETTERS.labels(topic=action_topic(kind)).inc(number)
        if event is Event.CLAIM_BUSY:
            CLAIM_CONFLICTS.labels(type=kind).inc(number)
        if event is Event.TRANSIENT:
            RETRIES.labels(type=kind).inc(number)
    latency = LATENCY_SECONDS.labels(type=kind)
    for verdict in verdicts:
        if verdict.event is Event.SUCCEEDED and verdict.row.command.run == LIVE:
            age = now - verdict.row.command.event.recorded_at
            latency.observe(max(0.0, age.total_seconds()), exemplar(verdict.row.headers))
