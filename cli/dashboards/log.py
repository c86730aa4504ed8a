"""What was done, and what failed, row by row: the views of the execution log."""

from grafana_foundation_sdk.models.units import DurationSeconds, Seconds, Short

from cli.dashboards.board import Board, Panels, Row
from cli.dashboards.panels import Head, sql_bars, sql_rows

_EXECUTIONS = "FROM audit.execution_log_v1 WHERE $__timeFilter(run_at)"
_DECISIONS = "FROM audit.decision_log_v1 WHERE $__timeFilter(run_at)"
_LINKS = tuple(
    (column, text, "${__value.raw}")
    for column, text in (
        ("mail_url", "Open the mail"),
        ("produced_url", "Open the record"),
        ("trace_url", "Open the trace"),
    )
)


def log() -> Board:
    """On Postgres alone."""
    return Board(
        "log",
        "MailDesk: execution log",
        "What was done, and what failed, row by row. The columns are explained in docs/reference/log.md.",
        (Row("How much", _counts()), Row("What went wrong", _wrong()), Row("Row by row", _rows())),
        sql=True,
        metrics=False,
    )


def _counts() -> Panels:
    return (
        sql_bars(
            Head("Actions by state", "One row for each action of a rule on a mail, by the start of its run.", Short),
            f"SELECT $__timeGroupAlias(run_at, $__interval), state AS metric, count(*) AS actions {_EXECUTIONS} "
            "GROUP BY 1, 2 ORDER BY 1",
        ),
        sql_bars(
            Head("Decisions by outcome", "One row for each mail and run, also where no rule acted.", Short),
            f"SELECT $__timeGroupAlias(run_at, $__interval), outcome AS metric, count(*) AS decisions {_DECISIONS} "
            "GROUP BY 1, 2 ORDER BY 1",
        ),
        sql_rows(
            Head(
                "The last 24 hours",
                "Exact, whatever time is chosen above: by mailbox, rule and action type.",
                Short,
                24,
            ),
            "SELECT mailbox, rule_id AS rule, action_type AS type, commands, succeeded, failed, skipped, retry_wait, "
            "seconds_p95, arrival_avg, last_finished_at FROM audit.stats_1d_v1 ORDER BY commands DESC LIMIT 200",
            units=(("seconds_p95", Seconds), ("arrival_avg", Seconds)),
        ),
        sql_rows(
            Head("By mailbox and rule", "The most active first; time is that of one action on average.", Short, 24),
            "SELECT mailbox, rule_id AS rule, max(rule_name) AS name, count(*) AS actions, "
            "count(*) FILTER (WHERE state = 'succeeded') AS succeeded, "
            "count(*) FILTER (WHERE state = 'skipped') AS skipped, "
            "count(*) FILTER (WHERE state = 'failed') AS failed, avg(duration) AS time "
            f"{_EXECUTIONS} GROUP BY 1, 2 ORDER BY 4 DESC LIMIT 200",
            units=(("time", Seconds),),
        ),
    )


def _wrong() -> Panels:
    return (
        sql_rows(
            Head("Failures by reason", "What to mend first; the example is one of the texts.", Short),
            "SELECT action_type AS type, reason, count(*) AS failures, max(text) AS example, max(finished_at) AS last "
            f"{_EXECUTIONS} AND state = 'failed' GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 50",
        ),
        sql_rows(
            Head("Announced and not final", "Commands still to be done, by mailbox; 0 when all is done.", Short),
            "SELECT mailbox, count(command_id) AS commands, "  # noqa: S608 - no value comes from outside
            "count(*) FILTER (WHERE state = 'retry_wait') AS tried_again, "
            "extract(epoch FROM now() - min(expected_at)) AS oldest "
            f"FROM (SELECT DISTINCT mailbox {_DECISIONS}) AS boxes LEFT JOIN audit.unfinished_v1 USING (mailbox) "
            "GROUP BY 1 ORDER BY 2 DESC LIMIT 200",
            units=(("oldest", DurationSeconds),),
        ),
    )


def _rows() -> Panels:
    return (
        sql_rows(
            Head("Actions", "The newest first, with what each made and the trace of its mail.", Short, 24),
            "SELECT run_at, mailbox, rule_id AS rule, action_type AS type, state, reason, text, duration, "
            "produced_text, produced_url, mail_url, trace_url, message_id, run, trace_id "
            f"{_EXECUTIONS} ORDER BY run_at DESC LIMIT 200",
            links=_LINKS,
            units=(("duration", Seconds),),
        ),
        sql_rows(
            Head("Decisions", "The newest first; `left_out` are rules that did not match.", Short, 24),
            "SELECT run_at, mailbox, direction, outcome, jsonb_array_length(verdicts) AS listed, "
            "verdicts_omitted AS left_out, jsonb_array_length(commands) AS commands, mail_url, trace_url, "
            "message_id, run, trace_id "
            f"{_DECISIONS} ORDER BY run_at DESC LIMIT 200",
            links=_LINKS,
        ),
    )
