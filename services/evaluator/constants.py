"""Names and bounds that several parts of the evaluator share."""

from schemas.topics import MAX_MESSAGE_BYTES

SERVICE = "evaluator"
SOURCE = f"/maildesk/{SERVICE}"
"""CloudEvents `source` of everything the evaluator publishes."""

GROUP = "evaluator"
BACKLOG_GROUP = "evaluator-backlog"

MAX_VALUE_BYTES = MAX_MESSAGE_BYTES - 64 * 1024
"""No value larger than this is published: key, headers and the batch around it need room in what a topic takes."""
