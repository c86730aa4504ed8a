ALTER TABLE audit.execution ADD COLUMN undoes uuid;
CREATE INDEX execution_undoes ON audit.execution (undoes) WHERE undoes IS NOT NULL;

CREATE OR REPLACE VIEW audit.execution_log_v1 AS
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
    logged_at,
    undoes
FROM audit.execution;
