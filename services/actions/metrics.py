"""What the actions service counts."""

from runtime.metrics import counter, gauge, histogram

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
    "From the ledger's record of a mail to its action done, live runs, by type.",
    ("type",),
)
BACKLOG = gauge("maildesk_actions_backlog", "Commands that are not final, by state.", ("state",))
