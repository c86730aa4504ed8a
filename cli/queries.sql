-- name: counts
WITH seen AS (
    SELECT l.*, d.decided_at
    FROM ingest.ledger_v1 AS l
    LEFT JOIN LATERAL (
        SELECT min(logged_at) AS decided_at FROM audit.decision_log_v1 AS a WHERE a.event_id = l.event_id AND a.run = 'live'
    ) AS d ON true
    WHERE l.last_seen_at >= $1
)
SELECT count(*) AS mails,
       count(*) FILTER (WHERE outcome = 'dead_letter') AS dead_letters,
       count(*) FILTER (WHERE outcome <> 'dead_letter' AND (NOT primary_item OR decided_at < $1)) AS duplicates,
       count(*) FILTER (WHERE outcome <> 'dead_letter' AND primary_item AND decided_at >= $1) AS decisions,
       count(*) FILTER (WHERE outcome <> 'dead_letter' AND primary_item AND recorded_at >= $1) AS events
FROM seen

-- name: commands
SELECT action_type AS type, state, count(*) AS commands
FROM audit.execution_log_v1
WHERE logged_at >= $1
GROUP BY 1, 2
ORDER BY 1, 2

-- name: archived
SELECT count(*) FROM audit.decision_log_v1 WHERE logged_at >= $1 AND outcome = 'archived'

-- name: unexpected
SELECT count(*) FROM audit.execution_log_v1
WHERE logged_at >= $1 AND state = 'failed' AND reason = ANY ($2::text[])

-- name: undecided
SELECT (SELECT count(*) FROM ingest.event_v1 AS e
        WHERE NOT EXISTS (SELECT FROM audit.decision_log_v1 AS d WHERE d.event_id = e.event_id)
          AND e.event_id::text <> ALL ($1::text[]))
     + (SELECT count(*) FROM ingest.deferred_v1 AS q
        WHERE q.published_at IS NOT NULL
          AND NOT EXISTS (SELECT FROM audit.decision_log_v1 AS d WHERE d.event_id = q.event_id AND d.run = q.run)
          AND q.run || '/' || q.event_id <> ALL ($1::text[]))

-- name: deferred
SELECT count(*) FROM ingest.deferred_v1 WHERE published_at IS NULL AND mailbox = ANY ($1::text[])

-- name: unfinished
-- A retry is announced by nobody, so the log hears of it late: actions knows.
SELECT state, count(*) AS commands FROM (
    SELECT coalesce(state, 'not started') AS state FROM audit.unfinished_v1 WHERE command_id::text <> ALL ($1::text[])
    UNION ALL
    SELECT c.state FROM actions.command_v1 AS c
    WHERE c.state IN ('pending', 'running', 'sending', 'retry_wait')
      AND NOT EXISTS (SELECT FROM audit.unfinished_v1 AS u WHERE u.command_id = c.command_id)
) AS waiting GROUP BY 1

-- name: unpublished
SELECT (SELECT count(*) FROM ingest.event_v1 WHERE published_at IS NULL) AS events

-- name: totals
SELECT (SELECT count(*) FROM ingest.event_v1) AS events,
       (SELECT count(*) FROM audit.decision_log_v1) AS decisions,
       (SELECT count(*) FROM audit.execution_log_v1) AS log_rows

-- name: find_events
-- Where facts came late: the event with them.
SELECT event_id, e.mailbox, e.message_id, e.topic, e.traceparent,
       coalesce(convert_to((convert_from(q.request, 'UTF8')::json -> 'event')::text, 'UTF8'), e.value) AS value
FROM ingest.event_v1 AS e LEFT JOIN ingest.deferred_v1 AS q USING (event_id)
WHERE (e.message_id = ANY ($1::text[]) OR event_id::text = $2) AND ($3::text IS NULL OR e.mailbox = $3)
ORDER BY e.recorded_at
LIMIT 50

-- name: run_decision
SELECT outcome, verdicts, commands FROM audit.decision_log_v1 WHERE run = $1

-- name: decisions_of
SELECT d.decision_id, d.event_id, d.message_id, d.mailbox, d.run, d.run_at, d.trigger, d.dry_run, d.outcome,
       d.ruleset_version, d.verdicts, d.commands, e.value, q.request, q.answered_at
FROM audit.decision_log_v1 AS d
JOIN ingest.event_v1 AS e ON e.event_id = d.event_id
LEFT JOIN ingest.deferred_v1 AS q ON q.event_id = d.event_id
WHERE (d.message_id = ANY ($1::text[]) OR d.event_id::text = $2)
  AND ($3::text IS NULL OR d.mailbox = $3)
  AND ($4::text IS NULL OR d.run = $4
       OR EXISTS (SELECT FROM audit.execution_log_v1 AS x
                  WHERE x.event_id = d.event_id AND x.decision_id = d.decision_id AND x.run = $4))
ORDER BY d.run_at, d.decision_id
LIMIT $5

-- name: run_results
SELECT rule_id, action_id, action_type, state, reason, text, generation, produced_url
FROM audit.execution_log_v1 WHERE run = $1 ORDER BY finished_at

-- name: run_unfinished
SELECT count(*) FROM audit.unfinished_v1 WHERE run = $1

-- name: acted
SELECT command_id, event_id, message_id, mailbox, rule_revision, action_id, action_type, generation, finished_at, text
FROM audit.execution_log_v1
WHERE rule_id = $1 AND finished_at >= $2 AND state = 'succeeded' AND NOT dry_run AND undoes IS NULL
  AND ($3::bigint IS NULL OR rule_revision = $3)
  AND ($4::text IS NULL OR mailbox = $4)
  AND ($5::text IS NULL OR action_type = $5)
ORDER BY finished_at DESC, command_id
LIMIT $6

-- name: acted_payloads
SELECT command_id, payload FROM actions.acted_v1 WHERE command_id = ANY ($1::uuid[])

-- name: undone_before
SELECT undoes, command_id, run, state, text, finished_at,
       count(*) FILTER (WHERE state IN ('skipped', 'failed')) OVER (PARTITION BY undoes) AS in_vain
FROM audit.execution_log_v1
WHERE undoes = ANY ($1::uuid[]) AND NOT dry_run

-- name: undo_results
SELECT command_id, state, reason, text, finished_at FROM audit.execution_log_v1
WHERE command_id = ANY ($1::uuid[]) AND state IN ('succeeded', 'failed', 'skipped', 'planned')

-- name: undos_of
SELECT decision_id, command_id, rule_id, action_id, action_type, finished_at, state, reason, text, undoes
FROM audit.execution_log_v1
WHERE event_id = ANY ($1::uuid[]) AND undoes IS NOT NULL AND NOT dry_run AND ($2::text IS NULL OR rule_id = $2)
ORDER BY finished_at, command_id
LIMIT 200

-- name: log
SELECT * FROM audit.execution_log_v1
WHERE ($1::text IS NULL OR mailbox = $1)
  AND ($2::text IS NULL OR rule_id = $2)
  AND ($3::text IS NULL OR state = $3)
  AND ($4::text IS NULL OR action_type = $4)
  AND ($5::text[] IS NULL OR message_id = ANY ($5) OR event_id::text = ANY ($5))
  AND ($6::text IS NULL OR run = $6)
  AND ($7::timestamptz IS NULL OR logged_at >= $7)
ORDER BY finished_at DESC, command_id
LIMIT $8

-- name: watched
SELECT d.logged_at AS finished_at, d.mailbox, d.event_id, d.message_id, v -> 'rule' ->> 'id' AS rule_id,
       (v -> 'rule' ->> 'revision')::bigint AS rule_revision, v ->> 'outcome' AS outcome
FROM audit.decision_log_v1 AS d, jsonb_array_elements(d.verdicts) AS v
WHERE d.verdicts @> '[{"shadow": true}]' AND v @> '{"shadow": true}' AND v ->> 'outcome' <> 'not_matched' AND NOT d.dry_run
  AND ($1::text IS NULL OR d.mailbox = $1)
  AND ($2::text IS NULL OR v -> 'rule' ->> 'id' = $2)
  AND ($3::text[] IS NULL OR d.message_id = ANY ($3) OR d.event_id::text = ANY ($3))
  AND ($4::text IS NULL OR d.run = $4)
  AND ($5::timestamptz IS NULL OR d.logged_at >= $5)
ORDER BY d.logged_at DESC, d.decision_id
LIMIT $6

-- name: forget_published_events
SELECT e.event_id FROM ingest.event_v1 AS e
WHERE e.published_at IS NOT NULL
  AND (NOT EXISTS (SELECT FROM audit.decision_log_v1 AS d WHERE d.event_id = e.event_id)
       OR EXISTS (SELECT FROM audit.unfinished_v1 AS u WHERE u.event_id = e.event_id AND u.run = 'live'))

-- name: forget_published_requests
SELECT q.event_id FROM ingest.deferred_v1 AS q
WHERE q.published_at IS NOT NULL
  AND (NOT EXISTS (SELECT FROM audit.decision_log_v1 AS d WHERE d.event_id = q.event_id AND d.run = q.run)
       OR EXISTS (SELECT FROM audit.unfinished_v1 AS u WHERE u.event_id = q.event_id AND u.run = q.run))

-- name: unfinished_commands
-- All commands of the mails concerned, done ones too: what they published last (a result, the rule's next step) may be
-- what was lost, and the log has not heard of the steps behind it.
SELECT c.command_id FROM actions.command_v1 AS c
WHERE c.event_id IN (
    SELECT event_id FROM audit.unfinished_v1
    UNION ALL
    SELECT e.event_id FROM ingest.event_v1 AS e
    WHERE NOT EXISTS (SELECT FROM audit.decision_log_v1 AS d WHERE d.event_id = e.event_id)
)

-- name: failed_commands
-- Their dead letters were on the broker. The outbox keeps what it published for 7 days.
SELECT command_id FROM actions.command_v1 WHERE state = 'failed' AND updated_at >= now() - interval '7 days'

-- name: backlogs
SELECT mailbox, rule_id AS rule, run, state, published, total, begins_at, started_at
FROM ingest.backlog_v1
WHERE kind = 'rule'
ORDER BY started_at DESC, run, mailbox
LIMIT 200

-- name: runs
SELECT run, kind, mailbox, rule_id AS rule, state, published, total, begins_at, ends_at, rate, requested_by, started_at
FROM ingest.backlog_v1
ORDER BY started_at DESC, run, mailbox
LIMIT 200

-- name: run_state
SELECT run, kind, mailbox, rule_id AS rule, direction, state, published, total, begins_at, ends_at, rate, requested_by,
       started_at, moved_at
FROM ingest.backlog_v1
WHERE run = $1

-- name: run_evaluated
-- A run's decisions all have the moment of its begin, which finds their partition.
SELECT count(*) AS evaluated,
       count(*) FILTER (WHERE verdicts @> '[{"outcome": "matched"}]') AS matched,
       count(*) FILTER (WHERE verdicts @> '[{"outcome": "undecidable"}]') AS undecidable
FROM audit.decision_log_v1
WHERE mailbox = $1 AND run_at = $2 AND run = $3

-- name: run_outcomes
SELECT action_id, action_type, state, reason, count(*) AS commands
FROM audit.execution_log_v1
WHERE mailbox = $1 AND run_at = $2 AND run = $3 AND finished_at >= $2
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4

-- name: acted_before
SELECT DISTINCT event_id, action_id FROM audit.execution_log_v1
WHERE event_id = ANY ($1::uuid[]) AND rule_id = $2 AND state = 'succeeded' AND NOT dry_run AND undoes IS NULL

-- name: run_unsettled
SELECT count(*) FROM unnest($2::uuid[]) AS w (event_id)
WHERE NOT EXISTS (SELECT FROM audit.decision_log_v1 AS d WHERE d.event_id = w.event_id AND d.run = $1)
   OR EXISTS (SELECT FROM audit.unfinished_v1 AS u WHERE u.event_id = w.event_id AND u.run = $1)

-- name: late_facts
SELECT event_id, request FROM ingest.deferred_v1 WHERE event_id = ANY ($1::uuid[]) AND request IS NOT NULL

-- name: erased
SELECT event_id FROM ingest.erased_v1 WHERE event_id = ANY ($1::uuid[])

-- name: replay_evaluated
-- A run's decisions all have the moment of its begin, which finds their partition.
SELECT count(*) AS evaluated,
       count(*) FILTER (WHERE verdicts @> '[{"outcome": "matched"}]') AS matched,
       count(*) FILTER (WHERE verdicts @> '[{"outcome": "undecidable"}]') AS undecidable
FROM audit.decision_log_v1
WHERE run_at = $1 AND run = $2

-- name: replay_outcomes
SELECT rule_id || '/' || action_id AS action, action_type, state, reason, count(*) AS commands
FROM audit.execution_log_v1
WHERE run_at = $1 AND run = $2
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4
