"""Every topic, declared once. Manifests, documentation and `maildesk topics create` are made from here.

A partition count never changes in place: make a new topic and drain the old one.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.action import ACTION_TYPES
from schemas.command import ActionCommand
from schemas.dead_letter import DeadLetter, DeadLetterHandled
from schemas.decision import Decision
from schemas.erasure import ErasureRequested, EventsErased
from schemas.evaluation import EvaluationRequested
from schemas.mail import MailArrived, MailSent, Published
from schemas.result import ExecutionResult
from schemas.rule import MailboxChanged, RuleChanged, RulesetPublished

DAY_MS = 24 * 60 * 60 * 1000
MAX_MESSAGE_BYTES = 6 * 1024 * 1024
"""The largest record that a topic takes; the producer's limit (runtime/kafka.py) is the same."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic. `retention_ms` -1: for ever. `compaction_lag_ms`: how long each record surely stays readable.
    `segment_ms`: after how long a file is closed, since only closed ones are deleted; 0: Kafka's default.
    """

    name: str
    records: tuple[type[Published], ...]
    key: str
    partitions: int
    retention_ms: int
    cleanup: Literal["delete", "compact"] = "delete"
    compaction_lag_ms: int = 0
    segment_ms: int = 0

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings in Kafka's own names."""
        settings = {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
        }
        if self.segment_ms:
            settings["segment.ms"] = str(self.segment_ms)
        if self.compaction_lag_ms:
            settings["min.compaction.lag.ms"] = str(self.compaction_lag_ms)
        return settings


_CONVERSATION = "mailbox/conversation"


def _conversation_topic(name: str, record: type[Published], days: int) -> Topic:
    return Topic(name, (record,), _CONVERSATION, partitions=6, retention_ms=days * DAY_MS)


def action_topic(action_type: str) -> str:
    """The topic of an action type: `move_folder` → `actions-move-folder`."""
    return "actions-" + action_type.replace("_", "-")


def dead_letter_topic(topic: str) -> str:
    """Where a topic's dead letters go."""
    return f"{topic}-dlq"


MAIL_ARRIVED = _conversation_topic("mail-arrived", MailArrived, 90)
MAIL_SENT = _conversation_topic("mail-sent", MailSent, 90)
EVALUATION_REQUESTED = _conversation_topic("evaluation-requested", EvaluationRequested, 14)
EVALUATION_BACKLOG = _conversation_topic("evaluation-backlog", EvaluationRequested, 14)
AUTOMATION_RULES = Topic(
    "automation-rules",
    (RuleChanged, MailboxChanged, RulesetPublished, ErasureRequested, EventsErased),
    "rule/<id>, mailbox/<id>, ruleset, erasure/<digest> or erased/<digest>/<page>",
    partitions=1,
    retention_ms=-1,
    cleanup="compact",
    compaction_lag_ms=60 * 60 * 1000,
)
ACTIONS = {kind: _conversation_topic(action_topic(kind), ActionCommand, 14) for kind in ACTION_TYPES}
AUTOMATION_DECISIONS = _conversation_topic("automation-decisions", Decision, 90)
AUTOMATION_RESULTS = _conversation_topic("automation-results", ExecutionResult, 90)

PRIMARY = (
    MAIL_ARRIVED,
    MAIL_SENT,
    EVALUATION_REQUESTED,
    EVALUATION_BACKLOG,
    AUTOMATION_RULES,
    *ACTIONS.values(),
    AUTOMATION_DECISIONS,
    AUTOMATION_RESULTS,
)
DEAD_LETTERS = tuple(
    Topic(
        dead_letter_topic(topic.name),
        (DeadLetter, DeadLetterHandled),
        "as in the topic",
        partitions=1,
        retention_ms=90 * DAY_MS,
    )
    for topic in PRIMARY
)
AUDIT_LIVE_CHANGELOG = Topic(
    "maildesk-audit-live-results-changelog",
    (),
    "partition, mailbox, rule, action and minute",
    partitions=AUTOMATION_RESULTS.partitions,
    retention_ms=60 * 60 * 1000,
    segment_ms=10 * 60 * 1000,
)
"""The windows of the live statistics, as Faust keeps them for a restart of audit; nobody else reads or writes it."""
TOPICS: tuple[Topic, ...] = (*PRIMARY, AUDIT_LIVE_CHANGELOG, *DEAD_LETTERS)
