"""What the ingest service counts."""

from runtime.metrics import counter, gauge, histogram

MESSAGES = counter("maildesk_ingest_messages_total", "Messages read that the ledger did not know", ["mailbox"])
EVENTS = counter("maildesk_ingest_events_total", "Events acknowledged by the broker", ["mailbox"])
DUPLICATES = counter("maildesk_ingest_duplicates_total", "Messages that are a mail the ledger has already", ["mailbox"])
DEAD_LETTERS = counter(
    "maildesk_ingest_dead_letters_total", "Messages that gave no event, by code", ["mailbox", "code"]
)
FAILURES = counter("maildesk_ingest_failures_total", "Failed passes over a mailbox, by code", ["mailbox", "code"])
CONNECTED = gauge("maildesk_ingest_connected", "1 when the last pass over a mailbox succeeded, else 0", ["mailbox"])
OLDEST_PENDING = gauge(
    "maildesk_ingest_oldest_pending_seconds",
    "Age of the oldest event that the broker has not acknowledged",
    ["mailbox"],
    unit="seconds",
)
PARSE_SECONDS = histogram(
    "maildesk_ingest_parse_seconds",
    "Time to parse one mail",
    buckets=(0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1, 5, 30),
)
