"""How often does this rule match, and what became of its actions?"""

from grafana_foundation_sdk.models.units import OpsPerSecond, Seconds, Short

from cli.dashboards.board import Board, Panels, Row, label_values
from cli.dashboards.panels import Head, Query, figure, lines, sql_bars, sql_rows

_OF = '{mailbox=~"$mailbox", rule=~"$rule"}'
_MATCHES = f"maildesk_evaluator_rule_matches_total{_OF}"
_ROWS = (
    "FROM audit.execution_log_v1 WHERE $__timeFilter(run_at) "
    "AND mailbox ~ '^${mailbox:regex}$' AND rule_id ~ '^${rule:regex}$'"
)


def rule() -> Board:
    """Rules that are chosen above; matches from metrics, actions from the log."""
    mailboxes = label_values("mailbox", "maildesk_evaluator_rule_matches_total", "Mailbox")
    rules = label_values("rule", 'maildesk_evaluator_rule_matches_total{mailbox=~"$mailbox"}', "Rule")
    return Board(
        "rule",
        "MailDesk: rule",
        "How often does this rule match, and what became of its actions?",
        (Row("Matches", _matches()), Row("Actions", _actions())),
        (mailboxes, rules),
        sql=True,
    )


def _matches() -> Panels:
    return (
        figure(
            Head("Matches in the last hour", "Times that these rules matched and acted; dry runs aside.", Short, 6),
            Query(f"sum(increase({_MATCHES}[1h]))"),
        ),
        figure(
            Head("Rules that matched", "Of those chosen, since their processes started.", Short, 6),
            Query(f"count(count by (mailbox, rule) ({_MATCHES}))"),
        ),
        lines(
            Head("Matches", "Times a second that a rule matched and acted, by rule.", OpsPerSecond),
            Query(f"sum by (mailbox, rule) (rate({_MATCHES}[$__rate_interval]))", "{{mailbox}}: {{rule}}"),
        ),
    )


def _actions() -> Panels:
    return (
        lines(
            Head("Results of the last five minutes", "As they pass, about: a repeat counts again. By state.", Short),
            Query(
                f"sum by (mailbox, rule, state) (maildesk_audit_live_results{_OF})", "{{mailbox}}: {{rule}} {{state}}"
            ),
        ),
        lines(
            Head("Time of one action in the last five minutes", "95 of 100 are not slower, by type.", Seconds),
            Query(f"max by (type) (maildesk_audit_live_p95_seconds{_OF})", "{{type}}"),
        ),
        sql_bars(
            Head("Actions by state", "Rows of the log: one for each action of a rule on a mail.", Short),
            "SELECT $__timeGroupAlias(run_at, $__interval), state AS metric, count(*) AS actions "
            f"{_ROWS} GROUP BY 1, 2 ORDER BY 1",
        ),
        sql_rows(
            Head("By action", "What became of each action of the rules, and how long one took.", Short),
            "SELECT rule_id AS rule, action_id AS action, action_type AS type, count(*) AS actions, "
            "count(*) FILTER (WHERE state = 'succeeded') AS succeeded, "
            "count(*) FILTER (WHERE state = 'skipped') AS skipped, "
            "count(*) FILTER (WHERE state = 'failed') AS failed, "
            f"avg(duration) AS duration {_ROWS} GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 100",
            units=(("duration", Seconds),),
        ),
        sql_rows(
            Head("Why not", "Reasons of what was skipped, failed or waits.", Short, 24),
            "SELECT rule_id AS rule, action_type AS type, state, reason, count(*) AS actions, max(text) AS example "
            f"{_ROWS} AND reason <> '' GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC LIMIT 100",
        ),
    )
