"""A replay's loop: read, hand on, note how far it is. Who dies in between hands the same bytes on once more.

The ids of what follows are made of run and event, so that nothing is done twice then.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cli.replay.selecting import Slice, slices
from cli.replay.window import Window
from runtime.clock import Clock
from runtime.errors import PermanentError
from runtime.kafka import Lane, Outgoing
from runtime.kafka_scan import Scan, Span
from schemas.envelope import encode
from schemas.evaluation import EvaluationRequested
from schemas.mail import MailArrived, MailSent
from schemas.topics import EVALUATION_BACKLOG
from services.console.replays import Hold, Progress, Replay

SOURCE = "/maildesk/cli"
AT_ONCE = 50
SHARE = 0.2
"""Of what a second may bring is handed on together, so that the pauses are short."""
Events = Sequence[MailArrived | MailSent]


class Sink(Protocol):
    """Where requests are published."""

    async def send_all(self, records: Sequence[Outgoing]) -> None:
        """All of them, acknowledged; raises TransientError when any is not."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a replay works with. `completed`: the events that may be evaluated again, with the facts that Odoo
    gave late.

    `moved`: told of each step, in records read.
    """

    scan: Scan
    sink: Sink
    hold: Hold
    window: Window
    completed: Callable[[Events], Awaitable[Events]]
    moved: Callable[[int], None]


class ReplayLostError(PermanentError):
    """It was cancelled, or another process took it up."""

    default_code = "replay-lost"


async def pump(replay: Replay, around: Around, clock: Clock) -> None:
    """To the end of what there was when it was asked for. Raises ReplayLostError, TransientError."""
    wanted = replay.wanted
    at_once = max(1, min(AT_ONCE, int(wanted.rate * SHARE)))
    spans, due = dict(replay.spans), clock.monotonic()
    async for records in around.scan.read({lane: span for lane, span in spans.items() if span[0] < span[1]}):
        for found in slices(records, wanted, at_once):
            if found.events:
                await clock.sleep(max(0.0, due - clock.monotonic()))
                due = max(due, clock.monotonic()) + len(found.events) / wanted.rate
                found.events = list(await around.completed(found.events))
                await around.sink.send_all(
                    [request(replay, event, found.follows.get(event.event_id, "")) for event in found.events]
                )
            await _note(replay, found, spans, around)
            if found.events:
                await around.window.add([event.event_id for event in found.events])
    await around.hold.finish()


async def _note(replay: Replay, found: Slice, spans: dict[Lane, Span], around: Around) -> None:
    for record in found.records:
        lane = (record.topic, record.partition)
        spans[lane] = (record.offset + 1, spans[lane][1])
    progress = Progress(spans, len(found.records), found.refused, len(found.events))
    if not await around.hold.move(progress):
        raise ReplayLostError(
            f"{replay.run} was cancelled, or another process went on with it; see `maildesk replay show {replay.run}`"
        )
    around.moved(len(found.records))


def request(replay: Replay, event: MailArrived | MailSent, follows: str = "") -> Outgoing:
    """The same bytes each time. `follows`: the trace of the mail."""
    found = EvaluationRequested(
        run=replay.run,
        event=event,
        rule=replay.wanted.rule,
        dry_run=replay.wanted.dry_run,
        backlog=replay.wanted.rule is not None,
        requested_at=replay.requested_at,
        requested_by=replay.requested_by,
    )
    key, value, headers = encode(found, SOURCE, follows=follows)
    return Outgoing(EVALUATION_BACKLOG.name, key, value, headers)
