"""Is this mailbox read, and what comes of its mail?"""

from grafana_foundation_sdk.models.units import OpsPerSecond, Seconds, Short

from cli.dashboards.board import Board, Panels, Row, label_values
from cli.dashboards.panels import Head, Query, figure, lines

_OF = '{mailbox=~"$mailbox"}'


def mailbox() -> Board:
    """Mailboxes that are chosen above."""
    return Board(
        "mailbox",
        "MailDesk: mailbox",
        "Is this mailbox read, and what comes of its mail?",
        (Row("Reading", _reading()), Row("Trouble", _trouble()), Row("Logins", _logins())),
        (label_values("mailbox", "maildesk_ingest_connected", "Mailbox"),),
    )


def _reading() -> Panels:
    return (
        figure(
            Head("Mailboxes that are read", "They answered at the last look.", Short, 6),
            Query(f"sum(max by (mailbox) (maildesk_ingest_connected{_OF}))"),
            good_from=1,
        ),
        figure(
            Head("Oldest mail that Kafka has not taken", "0 when all is published.", Seconds, 6),
            Query(f"max(maildesk_ingest_oldest_pending_seconds{_OF})"),
            bad_from=300,
        ),
        figure(
            Head("Mail in the last 24 hours", "Events that Kafka has taken.", Short, 6),
            Query(f"sum(increase(maildesk_ingest_events_total{_OF}[24h]))"),
        ),
        figure(
            Head("Mail that waits for Odoo", "Its facts are missing; rules that need none have decided.", Short, 6),
            Query(f"sum(maildesk_ingest_facts_waiting{_OF}) or vector(0)"),
            bad_from=100,
        ),
        lines(
            Head("Mail", "Events that Kafka has taken, per second.", OpsPerSecond),
            Query(f"sum by (mailbox) (rate(maildesk_ingest_events_total{_OF}[$__rate_interval]))", "{{mailbox}}"),
        ),
        lines(
            Head("Rules that matched", "By rule; of all processes together, dry runs aside.", OpsPerSecond),
            Query(
                f"sum by (mailbox, rule) (rate(maildesk_evaluator_rule_matches_total{_OF}[$__rate_interval]))",
                "{{mailbox}}: {{rule}}",
            ),
        ),
    )


def _trouble() -> Panels:
    return (
        lines(
            Head(
                "Looks at mailboxes", "By cause, of all mailboxes: `told` by the source, or by the clock.", OpsPerSecond
            ),
            Query("sum by (cause) (rate(maildesk_ingest_looks_total[$__rate_interval]))", "{{cause}}"),
        ),
        lines(
            Head("Mailboxes by process", "Those that are leased to each process of ingest.", Short),
            Query("sum by (instance) (maildesk_ingest_leases)", "{{instance}}"),
        ),
        lines(
            Head("Connected", "1 when it answered at the last look, 0 when it did not.", Short, 8),
            Query(f"max by (mailbox) (maildesk_ingest_connected{_OF})", "{{mailbox}}"),
        ),
        lines(
            Head("Failed passes", "By code; the runbook says what each means.", OpsPerSecond, 8),
            Query(
                f"sum by (mailbox, code) (rate(maildesk_ingest_failures_total{_OF}[$__rate_interval])) or vector(0)",
                "{{mailbox}} {{code}}",
            ),
        ),
        lines(
            Head(
                "Seen before, or not readable",
                "Mail that the ledger had already, and mail that gave no event.",
                OpsPerSecond,
                8,
            ),
            Query(f"sum(rate(maildesk_ingest_duplicates_total{_OF}[$__rate_interval])) or vector(0)", "seen before"),
            Query(f"sum(rate(maildesk_ingest_dead_letters_total{_OF}[$__rate_interval])) or vector(0)", "not readable"),
        ),
    )


def _logins() -> Panels:
    return (
        lines(
            Head("Certificates", "Time until the server's certificate ends, by mailbox and protocol.", Seconds, 8),
            Query(
                f"min by (mailbox, protocol) (maildesk_connectors_certificate_expiry_timestamp_seconds{_OF}) - time()",
                "{{mailbox}} {{protocol}}",
            ),
        ),
        lines(
            Head(
                "Grants", "1 while the token server gives access tokens, 0 when a person has to grant again.", Short, 8
            ),
            Query(f"min by (mailbox) (maildesk_connectors_oauth_granted{_OF})", "{{mailbox}}"),
        ),
        lines(
            Head("Renewals of tokens", "Asked for, by outcome.", OpsPerSecond, 8),
            Query(
                f"sum by (mailbox, outcome) (rate(maildesk_connectors_oauth_renewals_total{_OF}[$__rate_interval]))",
                "{{mailbox}} {{outcome}}",
            ),
        ),
    )
