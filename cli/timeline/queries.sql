-- name: events_of
-- Mail that ingest has forgotten is in the log still.
SELECT event_id FROM ingest.event_v1
WHERE (mailbox = ANY ($3::text[]) AND message_id = ANY ($1::text[])) OR event_id = $2::uuid
UNION
SELECT event_id FROM audit.decision_log_v1 WHERE message_id = ANY ($1::text[]) OR event_id = $2::uuid
LIMIT $4

-- name: conversations
SELECT conversation FROM ingest.ledger_v1 WHERE event_id = ANY ($1::uuid[]) AND conversation IS NOT NULL
UNION
SELECT conversation FROM audit.decision_log_v1 WHERE event_id = ANY ($1::uuid[])

-- name: events_in
SELECT event_id, message_id FROM ingest.ledger_v1 WHERE conversation = ANY ($1::uuid[]) AND event_id IS NOT NULL
UNION
SELECT event_id, message_id FROM audit.decision_log_v1 WHERE conversation = ANY ($1::uuid[])
LIMIT $2

-- name: ledger
SELECT l.event_id, l.mailbox, l.folder, l.uidvalidity, l.uid, l.outcome, l.message_id, l.conversation, l.direction,
       l.first_seen_at, l.recorded_at, l.published_at, l.content_uri,
       (convert_from(e.value, 'UTF8')::json ->> 'received_at')::timestamptz AS received_at
FROM ingest.ledger_v1 AS l JOIN ingest.event_v1 AS e USING (event_id)
WHERE l.event_id = ANY ($1::uuid[])
ORDER BY l.first_seen_at, l.event_id, l.folder, l.uid

-- name: late_facts
SELECT event_id, mailbox, run, array_to_string(subjects, ', ') AS subjects, recorded_at, answered_at, published_at
FROM ingest.deferred_v1 WHERE event_id = ANY ($1::uuid[])

-- name: decisions
SELECT decision_id, event_id, mailbox, message_id, conversation, direction, received_at, content_uri, run, run_at, dry_run,
       trigger, outcome, ruleset_version, verdicts, commands, trace_id, trace_url, mail_url, logged_at
FROM audit.decision_log_v1 WHERE event_id = ANY ($1::uuid[])
ORDER BY run_at, decision_id
LIMIT $2

-- name: results
SELECT command_id, event_id, mailbox, run, dry_run, rule_id, rule_revision, action_id, action_type, state, reason, text,
       attempt, generation, started_at, finished_at, produced_uri, produced_url, next_command, undoes, trace_id, logged_at
FROM audit.execution_log_v1 WHERE event_id = ANY ($1::uuid[])
ORDER BY finished_at, command_id
LIMIT $2

-- name: commands
SELECT command_id, event_id, type, rule_id, action_id, state, attempt, next_try_at, wait_reason, accepted_at
FROM actions.command_v1 WHERE command_id = ANY ($1::uuid[])
