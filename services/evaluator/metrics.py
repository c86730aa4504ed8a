"""What the evaluator counts."""

from runtime.metrics import Named, counter, gauge, histogram

EVENTS = counter(
    "maildesk_evaluator_events_total", "Events that were evaluated, by the decision's outcome", ["outcome"]
)
_COMMANDS = counter("maildesk_evaluator_commands_total", "Commands that were emitted, by action type", ["type"])
COMMANDS = Named(_COMMANDS)
"""Looked up faster than the library does, for every command."""
DEAD_LETTERS = counter("maildesk_evaluator_dead_letters_total", "Records that were refused, by topic", ["topic"])
SECONDS = histogram(
    "maildesk_evaluator_evaluation_seconds",
    "Decoding, deciding and encoding one event; the mean of those that were taken together",
    buckets=(0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1),
)
SEND_FAILURES = counter("maildesk_evaluator_send_failures_total", "Batches that were not acknowledged at first")
LAG = gauge(
    "maildesk_evaluator_lag_records",
    "Records in this process's partitions that are not committed, by topic and group",
    ["topic", "group"],
)
WAITED = gauge(
    "maildesk_evaluator_lag_seconds",
    "Time since the oldest of those records was first seen in its topic",
    ["topic", "group"],
    unit="seconds",
)
MOST_RULES = 1_000
_RULE_MATCHES = counter(
    "maildesk_evaluator_rule_matches_total",
    "Times that a rule matched and its actions began, dry runs aside. A process names the first 1,000 rules that match "
    "after its start, the rest together as mailbox and rule `other`",
    ["mailbox", "rule"],
)
RULE_MATCHES = Named(_RULE_MATCHES, MOST_RULES)
RULESET_VERSION = gauge("maildesk_evaluator_ruleset_version", "Version of the rules that decides")
ACTIVE_RULES = gauge("maildesk_evaluator_active_rules", "Rules that are enabled, of mailboxes that exist")
