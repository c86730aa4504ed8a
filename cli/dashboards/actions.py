"""Which actions are slow or fail, and how is Odoo?"""

from grafana_foundation_sdk.models.units import OpsPerSecond, PercentUnit, Seconds, Short

from cli.dashboards.board import Board, Panels, Row, label_values
from cli.dashboards.panels import Head, Query, lines

_OF = 'type=~"$type"'
_ENDED = f'maildesk_actions_commands_total{{{_OF}, state=~"succeeded|skipped|failed"}}'


def actions() -> Board:
    """Action types that are chosen above; Odoo as a whole."""
    return Board(
        "actions",
        "MailDesk: actions and Odoo",
        "Which actions are slow or fail, and how is Odoo?",
        (Row("Actions", _what()), Row("Time", _time()), Row("Waiting", _waiting()), Row("Odoo", _odoo())),
        (label_values("type", "maildesk_actions_commands_total", "Action type"),),
    )


def _what() -> Panels:
    return (
        lines(
            Head("Actions by type", "That ended, however they did.", OpsPerSecond, 8),
            Query(f"sum by (type) (rate({_ENDED}[$__rate_interval]))", "{{type}}"),
        ),
        lines(
            Head("Failed, by type", "For good; each has a dead letter.", OpsPerSecond, 8),
            Query(
                f'sum by (type) (rate(maildesk_actions_commands_total{{{_OF}, state="failed"}}[$__rate_interval]))'
                " or vector(0)",
                "{{type}}",
            ),
        ),
        lines(
            Head("Share that fails, by type", "Of those that ended; above 5 % an alert fires.", PercentUnit, 8),
            Query(
                f'sum by (type) (rate(maildesk_actions_commands_total{{{_OF}, state="failed"}}[15m]))'
                f" / sum by (type) (rate({_ENDED}[15m])) or vector(0)",
                "{{type}}",
            ),
        ),
        lines(
            Head("Tried again", "Attempts that are to be repeated.", OpsPerSecond, 8),
            Query(
                f"sum by (type) (rate(maildesk_actions_retries_total{{{_OF}}}[$__rate_interval])) or vector(0)",
                "{{type}}",
            ),
        ),
        lines(
            Head("Claims that were taken", "Commands that waited for another one on the same thing.", OpsPerSecond, 8),
            Query(
                f"sum by (type) (rate(maildesk_actions_claim_conflicts_total{{{_OF}}}[$__rate_interval])) or vector(0)",
                "{{type}}",
            ),
        ),
        lines(
            Head("Verdicts thrown away", "Since the lease had passed on to another worker.", OpsPerSecond, 8),
            Query(
                f"sum by (type) (rate(maildesk_actions_stale_fences_total{{{_OF}}}[$__rate_interval])) or vector(0)",
                "{{type}}",
            ),
        ),
    )


def _time() -> Panels:
    return (
        lines(
            Head("From arrival to action", "95 of 100 are faster, by type. Points are traces.", Seconds),
            Query(
                "histogram_quantile(0.95, sum by (le, type) "
                f"(rate(maildesk_actions_latency_seconds_bucket{{{_OF}}}[$__rate_interval])))",
                "{{type}}",
            ),
            exemplars=True,
        ),
        lines(
            Head("One call of an effect", "95 of 100 are faster, by type; a call may carry many commands.", Seconds),
            Query(
                "histogram_quantile(0.95, sum by (le, type) "
                f"(rate(maildesk_actions_effect_seconds_bucket{{{_OF}}}[$__rate_interval])))",
                "{{type}}",
            ),
        ),
    )


def _waiting() -> Panels:
    return (
        lines(
            Head("Commands that are not final", "By state; `unpublished` are results on their way to Kafka.", Short, 8),
            Query("max by (state) (maildesk_actions_backlog)", "{{state}}"),
        ),
        lines(
            Head("The oldest of them", "Time since it was accepted, by state.", Seconds, 8),
            Query("max by (state) (maildesk_actions_oldest_seconds)", "{{state}}"),
        ),
        lines(
            Head("Open circuits", "Targets that count as down, by kind.", Short, 8),
            Query("sum by (target) (maildesk_actions_circuits_open)", "{{target}}"),
        ),
    )


def _odoo() -> Panels:
    calls = "maildesk_connectors_odoo_calls_total"
    return (
        lines(
            Head("Calls of Odoo", "By method, of all services.", OpsPerSecond, 8),
            Query(f"sum by (method) (rate({calls}[$__rate_interval]))", "{{method}}"),
        ),
        lines(
            Head(
                "Time of one call", "95 of 100 are faster, by method; the wait for a connection included.", Seconds, 8
            ),
            Query(
                "histogram_quantile(0.95, sum by (le, method) "
                "(rate(maildesk_connectors_odoo_call_seconds_bucket[$__rate_interval])))",
                "{{method}}",
            ),
        ),
        lines(
            Head(
                "Errors of calls", "By code; the runbook *Odoo does not answer* says what each means.", OpsPerSecond, 8
            ),
            Query(f'sum by (outcome) (rate({calls}{{outcome!="ok"}}[$__rate_interval])) or vector(0)', "{{outcome}}"),
        ),
    )
