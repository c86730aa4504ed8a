"""Is automation healthy?"""

from grafana_foundation_sdk.models.units import OpsPerSecond, PercentUnit, Seconds, Short

from cli.dashboards.board import Board, Panels, Row
from cli.dashboards.panels import Head, Query, figure, lines

_DEAD = '{__name__=~"maildesk_.+_dead_letters_total"}'
_OLDEST = (
    "max(maildesk_ingest_oldest_pending_seconds"
    ' or maildesk_evaluator_lag_seconds{topic!="evaluation-backlog"}'
    ' or maildesk_actions_oldest_seconds{state=~"pending|running"})'
)
_ENDED = 'maildesk_actions_commands_total{state=~"succeeded|skipped|failed"}'


def overview() -> Board:
    """The first look: six figures, then the flow of mail and what became of it."""
    return Board(
        "overview",
        "MailDesk: overview",
        "Is automation healthy? Green figures above, and mail that goes in comes out as actions below.",
        (Row("Now", _now()), Row("Flow", _flow()), Row("What becomes of it", _outcomes())),
    )


def _now() -> Panels:
    return (
        figure(
            Head("Services that answer", "Of ingest, evaluator, actions and audit: those with a process.", Short, 4),
            Query('count(sum by (service) (up{job="maildesk"} == 1)) or vector(0)'),
            good_from=4,
        ),
        figure(
            Head("Alerts", "MailDesk's alerts that fire; each names its runbook.", Short, 4),
            Query('count(ALERTS{alertname=~"Maildesk.+", alertstate="firing"}) or vector(0)'),
            bad_from=1,
        ),
        figure(
            Head("Mailboxes that cannot be read", "They did not answer at the last look.", Short, 4),
            Query("count(max by (mailbox) (maildesk_ingest_connected) == 0) or vector(0)"),
            bad_from=1,
        ),
        figure(
            Head(
                "Oldest mail that waits",
                "In ingest, evaluator or actions; what is tried again later aside.",
                Seconds,
                4,
            ),
            Query(_OLDEST),
            bad_from=300,
        ),
        figure(
            Head("Odoo's circuits", "Open ones: Odoo, or its gateway for a mailbox, counts as down.", Short, 4),
            Query('sum(max by (target) (maildesk_actions_circuits_open{target=~"odoo|odoo-gateway"}))'),
            bad_from=1,
        ),
        figure(
            Head("Dead letters", "Put aside in the last hour, by any service.", Short, 4),
            Query(f"sum(increase({_DEAD}[1h])) or vector(0)"),
            bad_from=1,
        ),
    )


def _flow() -> Panels:
    return (
        lines(
            Head(
                "Mail, decisions, actions",
                "Events published, decided, and actions that ended, per second.",
                OpsPerSecond,
            ),
            Query("sum(rate(maildesk_ingest_events_total[$__rate_interval]))", "mail"),
            Query("sum(rate(maildesk_evaluator_events_total[$__rate_interval]))", "decisions"),
            Query(f"sum(rate({_ENDED}[$__rate_interval]))", "actions"),
        ),
        lines(
            Head(
                "From arrival to action",
                "From the moment a mail is written down to its action done, live runs. Points are traces.",
                Seconds,
            ),
            *(
                Query(
                    f"histogram_quantile({share}, "
                    "sum by (le) (rate(maildesk_actions_latency_seconds_bucket[$__rate_interval])))",
                    name,
                )
                for share, name in ((0.5, "median"), (0.95, "95 of 100"), (0.99, "99 of 100"))
            ),
            exemplars=True,
        ),
    )


def _outcomes() -> Panels:
    return (
        lines(
            Head("Decisions by outcome", "`commands`: a rule matched; the others say why none acted.", OpsPerSecond, 8),
            Query("sum by (outcome) (rate(maildesk_evaluator_events_total[$__rate_interval]))", "{{outcome}}"),
        ),
        lines(
            Head("Actions by end", "`skipped` had been done before or need not be done.", OpsPerSecond, 8),
            Query(f"sum by (state) (rate({_ENDED}[$__rate_interval]))", "{{state}}"),
        ),
        lines(
            Head("Share of actions that fail", "Of those that ended; above 5 % an alert fires.", PercentUnit, 8),
            Query(
                '(sum(rate(maildesk_actions_commands_total{state="failed"}[15m])) or vector(0))'
                f" / (sum(rate({_ENDED}[15m])) > 0)",
                "failed",
            ),
        ),
    )
