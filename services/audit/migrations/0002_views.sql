-- The public contract of the log; docs/reference/log.md describes every column.

CREATE VIEW audit.execution_log_v1 AS
SELECT
    command_id, run_at, sequence, state, reason, text, attempt,
    decision_id, event_id, run, dry_run, trigger,
    rule_id, rule_name, rule_revision, action_id, action_type,
    mailbox, conversation, message_id, content_uri,
    idempotency_key, scope, generation,
    started_at, finished_at,
    extract(epoch FROM finished_at - started_at)::double precision AS duration,
    produced ->> 'kind' AS produced_kind,
    nullif(produced ->> 'uri', '') AS produced_uri,
    nullif(produced ->> 'model', '') AS produced_model,
    nullif((produced ->> 'res_id')::bigint, 0) AS produced_id,
    nullif(produced ->> 'url', '') AS produced_url,
    produced ->> 'text' AS produced_text,
    produced -> 'details' AS produced_details,
    next_command,
    nullif(trace_id, '') AS trace_id,
    logged_at
FROM audit.execution;

CREATE VIEW audit.decision_log_v1 AS
SELECT
    decision_id, run_at, event_id, run, dry_run, trigger, direction, outcome, ruleset_version,
    mailbox, conversation, message_id, content_uri,
    verdicts, verdicts_omitted, commands,
    nullif(trace_id, '') AS trace_id,
    received_at, logged_at
FROM audit.decision;

CREATE VIEW audit.unfinished_v1 AS
SELECT
    e.command_id, e.run_at, e.decision_id, e.event_id, e.mailbox, e.run, e.expected_at,
    (SELECT max(x.state) FROM audit.execution x WHERE x.command_id = e.command_id) AS state
FROM audit.expected e
WHERE NOT EXISTS (
    SELECT FROM audit.execution x
    WHERE x.command_id = e.command_id AND x.state IN ('succeeded', 'failed', 'skipped', 'planned')
);
