"""What the audit service counts."""

from runtime.metrics import counter, gauge, histogram

ROWS = counter("maildesk_audit_rows_total", "Rows inserted or replaced in the log, by kind", ["kind"])
RECORDS = counter("maildesk_audit_records_total", "Records handled, repeats too, by topic", ["topic"])
DEAD_LETTERS = counter("maildesk_audit_dead_letters_total", "Records sent to the dead letters, by code", ["code"])
RETRIES = counter("maildesk_audit_retries_total", "Tries after a transient error, by what was tried", ["doing"])
BATCH_SECONDS = histogram(
    "maildesk_audit_batch_seconds", "From taking a batch to the end of all its writes, by topic", ["topic"]
)
DELAY_SECONDS = histogram(
    "maildesk_audit_delay_seconds", "From the publishing of a record to its row, by topic", ["topic"]
)
LAG = gauge(
    "maildesk_audit_lag_records", "Records in this process's partitions that are not written yet, by topic", ["topic"]
)
DEFAULT_ROWS = gauge("maildesk_audit_default_rows", "Rows in the default partitions, which should be empty")
LIVE_RESULTS = gauge(
    "maildesk_audit_live_results",
    "Results of the last five minutes, about: a repeat counts again; the hundred busiest groups, and (other)",
    ["mailbox", "rule", "type", "state"],
)
LIVE_SECONDS = gauge(
    "maildesk_audit_live_p95_seconds",
    "What 95 % of these attempts did not exceed, up to the next edge of the buckets",
    ["mailbox", "rule", "type"],
    unit="seconds",
)
