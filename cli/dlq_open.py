"""The dead letters of the platform that runs here, or of your brokers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from cli.connection import bootstrap_servers
from cli.patience import one_line_only
from runtime.errors import InvalidInputError, TargetDownError
from runtime.kafka_scan import Scan, TopicScan
from schemas.action import ACTION_TYPES
from schemas.topics import ACTIONS, DEAD_LETTERS, dead_letter_topic

TOPICS = tuple(topic.name for topic in DEAD_LETTERS)
OF_COMMANDS = tuple(dead_letter_topic(topic.name) for topic in ACTIONS.values())


@asynccontextmanager
async def open_scan(topics: Sequence[str]) -> AsyncIterator[Scan]:
    """Raises TargetDownError when no broker is known; whether it answers shows when the scan starts."""
    bootstrap = bootstrap_servers()
    if bootstrap is None:
        raise TargetDownError("no broker is known: start `maildesk up`, or set MAILDESK_KAFKA_BOOTSTRAP")
    scan = TopicScan(bootstrap, topics, "maildesk-cli")
    try:
        with one_line_only():
            yield scan
    finally:
        await scan.stop()


def topics_of(topic: str | None, action_type: str | None, *, every: Sequence[str] = TOPICS) -> tuple[str, ...]:
    """Which topics to read; with or without `-dlq`. Raises InvalidInputError for one that there is not."""
    if action_type is not None:
        if action_type not in ACTION_TYPES:
            raise InvalidInputError(f"there is no action type {action_type!r}; known: {', '.join(ACTION_TYPES)}")
        every = (dead_letter_topic(ACTIONS[action_type].name),)
    if topic is None:
        return tuple(every)
    name = topic if topic.endswith("-dlq") else dead_letter_topic(topic)
    if name not in TOPICS:
        raise InvalidInputError(f"there is no topic {topic!r}; `maildesk topics list` shows all")
    if name not in every:
        raise InvalidInputError(f"letters of {action_type} commands are on {every[0]}, not on {name}")
    return (name,)
