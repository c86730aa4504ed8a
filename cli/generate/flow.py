"""Who writes and who reads a topic. Services know only their own ends; the reference shows both."""

from dataclasses import dataclass

from schemas import topics
from schemas.topics import ACTIONS, Topic


@dataclass(frozen=True, slots=True)
class Flow:
    """A topic's purpose and its two ends, as names of services."""

    purpose: str
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]


_FLOWS = {
    topics.MAIL_ARRIVED.name: Flow("A message came into a mailbox.", ("ingest",), ("evaluator",)),
    topics.MAIL_SENT.name: Flow("A mailbox sent a message.", ("ingest",), ("evaluator",)),
    topics.EVALUATION_REQUESTED.name: Flow(
        "Evaluate this event again: a manual run, dry run or forced rerun.", ("cli",), ("evaluator",)
    ),
    topics.EVALUATION_BACKLOG.name: Flow(
        "Evaluate these events again: replays and backlogs, apart from live mail.", ("console",), ("evaluator",)
    ),
    topics.AUTOMATION_RULES.name: Flow(
        "The current rules and mailboxes, and what was erased. Read from its beginning at every start, then followed.",
        ("console", "ingest"),
        ("ingest", "evaluator", "actions", "audit"),
    ),
    topics.AUTOMATION_DECISIONS.name: Flow(
        "For every event: which rules were tried, which matched, and why.", ("evaluator",), ("audit",)
    ),
    topics.AUTOMATION_RESULTS.name: Flow("What became of a command, after every attempt.", ("actions",), ("audit",)),
    topics.AUDIT_LIVE_CHANGELOG.name: Flow(
        "The windows of the live statistics, for a restart. No contract: it is Faust's own.", ("audit",), ("audit",)
    ),
}


def flow(topic: Topic) -> Flow:
    """The flow of a declared topic. Raises KeyError for one that nobody described."""
    if topic.name.endswith("-dlq"):
        source = topic.name.removesuffix("-dlq")
        origin = _FLOWS.get(source) or _action_flow(source)
        writers = {"cli", *origin.read_by, *(origin.written_by if "ingest" in origin.written_by else ())}
        purpose = f"What could not be handled on `{source}`, failed, or could not be put there; and what became of it."
        return Flow(purpose, tuple(sorted(writers)), ("cli",))
    return _FLOWS.get(topic.name) or _action_flow(topic.name)


def _action_flow(name: str) -> Flow:
    kinds = {topic.name: kind for kind, topic in ACTIONS.items()}
    return Flow(f"Carry out one `{kinds[name]}` action.", ("evaluator", "actions", "cli"), ("actions",))
