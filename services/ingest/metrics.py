"""What the ingest service counts."""

from runtime.metrics import counter, gauge, histogram

MESSAGES = counter("maildesk_ingest_messages_total", "Messages read that the ledger did not know", ["mailbox"])
EVENTS = counter("maildesk_ingest_events_total", "Events acknowledged by the broker", ["mailbox"])
DUPLICATES = counter("maildesk_ingest_duplicates_total", "Messages that are a mail the ledger has already", ["mailbox"])
DEAD_LETTERS = counter(
    "maildesk_ingest_dead_letters_total", "Messages that gave no event, by code", ["mailbox", "code"]
)
FAILURES = counter("maildesk_ingest_failures_total", "Failed passes over a mailbox, by code", ["mailbox", "code"])
CONNECTED = gauge(
    "maildesk_ingest_connected",
    "1 when a mailbox answered at the last look, else 0; an absent Kafka or Postgres does not count",
    ["mailbox"],
)
AHEAD = gauge("maildesk_ingest_ahead", "Messages that a look at a folder has found and not read yet", ["mailbox"])
LEASES = gauge("maildesk_ingest_leases", "Mailboxes that are leased to this process")
LEASES_LOST = counter(
    "maildesk_ingest_leases_lost_total", "Leases that ended since this process did not say in time that it lives"
)
WORKERS = gauge("maildesk_ingest_workers", "Processes that share the mailboxes, as this one sees them")
MISSING_FOLDERS = gauge(
    "maildesk_ingest_missing_folders", "Folders of its configuration that the mailbox has not", ["mailbox"]
)
LOOKS = counter(
    "maildesk_ingest_looks_total",
    "Looks at mailboxes, by cause: start, told (by the source), net (nothing was told), poll (it tells nothing), retry",
    ["cause"],
)
WAITING = gauge("maildesk_ingest_waiting", "Mailboxes whose source is to tell when something is new")
HOOK_CALLS = counter(
    "maildesk_ingest_hook_calls_total",
    "Calls of Odoo that something is new, by outcome: taken, refused (token or mailbox is wrong)",
    ["outcome"],
)
OLDEST_PENDING = gauge(
    "maildesk_ingest_oldest_pending_seconds",
    "Age of the oldest event that the broker has not acknowledged",
    ["mailbox"],
    unit="seconds",
)
BACKLOG_WAITING = gauge(
    "maildesk_ingest_backlog_waiting",
    "Recorded events that are still to be handed to rules in backlogs, those that were asked for too",
    ["mailbox"],
)
FACTS = counter(
    "maildesk_ingest_facts_total",
    "Mails with facts of Odoo, by what they are about and whether they came in time",
    ["about", "outcome"],
)
FACTS_WAITING = gauge(
    "maildesk_ingest_facts_waiting",
    "Events whose evaluation waits for facts of Odoo, or whose request waits for the broker",
    ["mailbox"],
)
FACTS_WAITS = histogram(
    "maildesk_ingest_facts_wait_seconds",
    "Time from the recording of an event to the facts that it had to wait for",
    buckets=(1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 604_800),
)
PARSE_SECONDS = histogram(
    "maildesk_ingest_parse_seconds",
    "Time to parse one mail",
    buckets=(0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1, 5, 30),
)
