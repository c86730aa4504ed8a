-- name: start
INSERT INTO ingest.backlog (run, mailbox, rule_id, direction, begins_at, started_at, recorded_until, moved_at, total)
SELECT $1, $2, $3, $4, $5, $6, $7, $6, count(*)
FROM ingest.event WHERE mailbox = $2 AND direction = $4 AND received_at >= $5 AND recorded_at <= $6
ON CONFLICT (run, mailbox) DO NOTHING

-- name: ask
INSERT INTO ingest.backlog (run, mailbox, rule_id, direction, begins_at, started_at, recorded_until, moved_at, total,
                            kind, ends_at, rate, requested_by)
SELECT $1, $2, $3, $4, $5, $6, $7, $6, count(*), 'backlog', $8, $9, $10
FROM ingest.event
WHERE mailbox = $2 AND direction = $4 AND received_at >= $5 AND received_at < coalesce($8::timestamptz, 'infinity') AND recorded_at <= $6
ON CONFLICT (run, mailbox) DO NOTHING

-- name: cancel_run
UPDATE ingest.backlog SET state = 'cancelled', moved_at = $2 WHERE run = $1 AND state = 'running' AND kind = 'backlog'
RETURNING run

-- name: cancel
UPDATE ingest.backlog AS b SET state = 'cancelled', moved_at = $4
WHERE b.state = 'running' AND b.kind = 'rule' AND b.mailbox = ANY ($1::text[])
  AND NOT EXISTS (
      SELECT FROM unnest($2::text[], $3::text[]) AS w (run, mailbox) WHERE w.run = b.run AND w.mailbox = b.mailbox
  )

-- name: next_run
SELECT run, mailbox, rule_id, direction, begins_at, ends_at, started_at, recorded_until, last_received_at, last_event_id,
       rate, requested_by
FROM ingest.backlog AS b
WHERE state = 'running' AND recorded_until <= $3 AND coalesce(due_at, '-infinity') <= $3 AND CASE kind
    WHEN 'rule' THEN EXISTS (
        SELECT FROM unnest($1::text[], $2::text[]) AS w (run, mailbox) WHERE w.run = b.run AND w.mailbox = b.mailbox
    )
    ELSE EXISTS (
        SELECT FROM unnest($4::text[], $5::text[]) AS o (mailbox, direction)
        WHERE o.mailbox = b.mailbox AND o.direction = b.direction
    )
END
ORDER BY moved_at, run, mailbox
LIMIT 1
FOR UPDATE SKIP LOCKED

-- name: along_the_index
-- Where the planner has no statistics yet, it would sort all that is left for each page.
SET LOCAL enable_sort = off

-- name: page
SELECT event_id, received_at, value, (SELECT d.value FROM ingest.deferred AS d WHERE d.event_id = e.event_id) AS request,
       (SELECT pair ->> 1 FROM jsonb_array_elements(headers) AS pair WHERE pair ->> 0 = 'traceparent' LIMIT 1) AS traceparent
FROM ingest.event AS e
WHERE mailbox = $1 AND direction = $2 AND received_at >= $3 AND recorded_at <= $4 AND received_at < coalesce($8::timestamptz, 'infinity')
  AND (received_at, event_id)
      > (coalesce($5::timestamptz, '-infinity'), coalesce($6::uuid, '00000000-0000-0000-0000-000000000000'))
ORDER BY received_at, event_id
LIMIT $7

-- name: move
UPDATE ingest.backlog
SET last_received_at = $3, last_event_id = $4, published = published + $5, moved_at = $6, due_at = $7
WHERE run = $1 AND mailbox = $2

-- name: finish
UPDATE ingest.backlog SET state = 'done', total = published, moved_at = $3 WHERE run = $1 AND mailbox = $2

-- name: left
SELECT mailbox, sum(greatest(total - published, 0))::bigint AS events
FROM ingest.backlog WHERE state = 'running' AND mailbox = ANY ($1::text[]) GROUP BY mailbox
