"""Where does mail wait: topics, lag, dead letters, processes."""

from grafana_foundation_sdk.models.units import BytesIEC, OpsPerSecond, Seconds, Short

from cli.dashboards.board import Board, Panels, Row
from cli.dashboards.panels import Head, Query, lines

_RATE = "[$__rate_interval]"
_DEAD = '{__name__=~"maildesk_.+_dead_letters_total"}'


def pipeline() -> Board:
    """Everything between the services, and the processes themselves."""
    return Board(
        "pipeline",
        "MailDesk: pipeline",
        "Where does mail wait? Topics and lag, work by service, dead letters, processes.",
        (
            Row("Lag", _lag()),
            Row("Work", _work()),
            Row("Time", _time()),
            Row("Trouble", _trouble()),
            Row("Processes", _processes()),
        ),
    )


def _lag() -> Panels:
    return (
        lines(
            Head("Lag in records", "Records that are not done, by topic, of all consumer groups.", Short),
            Query('sum by (topic) ({__name__=~"maildesk_(evaluator|actions|audit)_lag_records"})', "{{topic}}"),
        ),
        lines(
            Head("Lag in seconds", "Time since the oldest of them was first seen in its topic.", Seconds),
            Query('max by (topic) ({__name__=~"maildesk_(evaluator|actions)_lag_seconds"})', "{{topic}}"),
        ),
    )


def _work() -> Panels:
    return (
        lines(
            Head("Published by ingest", "Events of mail, all mailboxes together.", OpsPerSecond, 6),
            Query(f"sum(rate(maildesk_ingest_events_total{_RATE}))", "events"),
        ),
        lines(
            Head("Published by the evaluator", "Decisions, and the commands among them by type.", OpsPerSecond, 6),
            Query(f"sum(rate(maildesk_evaluator_events_total{_RATE}))", "decisions"),
            Query(f"sum by (type) (rate(maildesk_evaluator_commands_total{_RATE}))", "{{type}}"),
        ),
        lines(
            Head("Published by actions", "Results and next commands that the relay sent.", OpsPerSecond, 6),
            Query(f"sum(rate(maildesk_actions_published_total{_RATE}))", "records"),
        ),
        lines(
            Head("Written by audit", "Rows of the log, by kind.", OpsPerSecond, 6),
            Query(f"sum by (kind) (rate(maildesk_audit_rows_total{_RATE}))", "{{kind}}"),
        ),
    )


def _quantile(name: str, by: str = "") -> str:
    return f"histogram_quantile(0.95, sum by (le{by}) (rate({name}_bucket{_RATE})))"


def _time() -> Panels:
    return (
        lines(
            Head("To parse one mail", "95 of 100 are faster.", Seconds, 6),
            Query(_quantile("maildesk_ingest_parse_seconds"), "ingest"),
        ),
        lines(
            Head("To decide about one mail", "Decoding, deciding and encoding; 95 of 100 are faster.", Seconds, 6),
            Query(_quantile("maildesk_evaluator_evaluation_seconds"), "evaluator"),
        ),
        lines(
            Head("A batch of audit", "From taking it to the end of its writes; 95 of 100 are faster.", Seconds, 6),
            Query(_quantile("maildesk_audit_batch_seconds", ", topic"), "{{topic}}"),
        ),
        lines(
            Head("From record to row", "How late the log is; 95 of 100 are faster.", Seconds, 6),
            Query(_quantile("maildesk_audit_delay_seconds", ", topic"), "{{topic}}"),
        ),
    )


def _trouble() -> Panels:
    return (
        lines(
            Head("Dead letters", "Put aside, by service.", OpsPerSecond, 8),
            Query(
                f'sum by (service) (rate({{__name__=~"maildesk_.+_dead_letters_total"}}{_RATE})) or vector(0)',
                "{{service}}",
            ),
        ),
        lines(
            Head("Batches that Kafka did not acknowledge at first", "Sent again by the evaluator.", OpsPerSecond, 8),
            Query(f"sum(rate(maildesk_evaluator_send_failures_total{_RATE}))", "evaluator"),
        ),
        lines(
            Head("Audit's second tries", "After a transient error, by what was tried.", OpsPerSecond, 8),
            Query(f"sum by (doing) (rate(maildesk_audit_retries_total{_RATE})) or vector(0)", "{{doing}}"),
        ),
    )


def _processes() -> Panels:
    return (
        lines(
            Head("Memory", "Resident, by service and process.", BytesIEC, 6),
            Query('process_resident_memory_bytes{job="maildesk"}', "{{service}} {{instance}}"),
        ),
        lines(
            Head("Processor", "Cores in use, by service and process.", Short, 6),
            Query(f'rate(process_cpu_seconds_total{{job="maildesk"}}{_RATE})', "{{service}} {{instance}}"),
        ),
        lines(
            Head("Age", "Time since a process started; a fall is a restart.", Seconds, 6),
            Query('time() - process_start_time_seconds{job="maildesk"}', "{{service}} {{instance}}"),
        ),
        lines(
            Head("Version of the rules", "That the evaluators decide by; they differ for a moment only.", Short, 6),
            Query("maildesk_evaluator_ruleset_version", "{{instance}}"),
        ),
    )
