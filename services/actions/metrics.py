"""What the actions service counts."""

from runtime.metrics import counter, gauge, histogram

ARRIVAL_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400)

COMMANDS = counter(
    "maildesk_actions_commands_total", "Commands that reached a state, by action type.", ("type", "state")
)
RETRIES = counter("maildesk_actions_retries_total", "Attempts that are to be repeated, by action type.", ("type",))
CLAIM_CONFLICTS = counter(
    "maildesk_actions_claim_conflicts_total", "Commands that found their claim taken, by action type.", ("type",)
)
STALE_FENCES = counter(
    "maildesk_actions_stale_fences_total", "Verdicts thrown away since the lease had passed on, by type.", ("type",)
)
DEAD_LETTERS = counter(
    "maildesk_actions_dead_letters_total",
    "Dead letters, by the topic of the command: it could not be read, or it failed.",
    ("topic",),
)
PUBLISHED = counter("maildesk_actions_published_total", "Records that the relay published.")
CIRCUIT_OPEN = gauge("maildesk_actions_circuits_open", "Targets that count as down, by kind of target.", ("target",))
EFFECT_SECONDS = histogram("maildesk_actions_effect_seconds", "Time of one call of an effect, by type.", ("type",))
LATENCY_SECONDS = histogram(
    "maildesk_actions_latency_seconds",
    "From the ledger's record of a mail to its action done, live runs, by type; with the trace as exemplar.",
    ("type",),
    buckets=ARRIVAL_BUCKETS,
)
BACKLOG = gauge(
    "maildesk_actions_backlog",
    "Commands that are not final, by state; of the whole table, so every process says the same.",
    ("state",),
)
OLDEST = gauge(
    "maildesk_actions_oldest_seconds",
    "Time since the oldest command was accepted that is not final, by state; of the whole table.",
    ("state",),
    unit="seconds",
)
LAG = gauge(
    "maildesk_actions_lag_records",
    "Commands in this process's partitions that are not committed, by topic, which is also the group.",
    ("topic",),
)
WAITED = gauge(
    "maildesk_actions_lag_seconds",
    "Time since the oldest of those commands was first seen in its topic.",
    ("topic",),
    unit="seconds",
)
