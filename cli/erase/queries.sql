-- name: events
SELECT event_id, value FROM ingest.event_v1 WHERE event_id > $1 ORDER BY event_id LIMIT 1000

-- name: counts
SELECT (SELECT count(*) FROM actions.command_v1 WHERE event_id = ANY ($1::uuid[])) AS "actions.command",
       (SELECT count(*) FROM audit.decision_log_v1 WHERE event_id = ANY ($1::uuid[])) AS "audit.decision",
       (SELECT count(*) FROM audit.execution_log_v1 WHERE event_id = ANY ($1::uuid[])) AS "audit.execution"

-- name: status
SELECT c.requested_at, c.published_at IS NOT NULL AS published, coalesce(i.events, 0) AS events,
       i.requested_at >= c.requested_at AND i.done AS searched, i.pages, i.rows AS ingest_rows,
       a.pages AS actions_pages, a.done AS actions_done, a.rows AS actions_rows,
       u.pages AS audit_pages, u.done AS audit_done, u.rows AS audit_rows
FROM console.erasure AS c
LEFT JOIN ingest.erasure_v1 AS i USING (digest)
LEFT JOIN actions.erasure_v1 AS a USING (digest)
LEFT JOIN audit.erasure_v1 AS u USING (digest)
WHERE digest = $1
