-- name: applied
SELECT true FROM audit.erasure WHERE digest = $1 AND $2 = ANY (pages)

-- name: note_events
INSERT INTO audit.erased (event_id, digest) SELECT event_id, $2 FROM unnest($1::uuid[]) AS w (event_id)
ON CONFLICT (event_id) DO NOTHING

-- name: limit
SET LOCAL lock_timeout = '5s'

-- name: alone
-- Waits for those who are writing rows and did not see the events yet; who comes later sees them.
LOCK TABLE audit.decision, audit.execution IN SHARE ROW EXCLUSIVE MODE

-- name: empty_decisions
-- The trigger takes the content out.
UPDATE audit.decision SET message_id = NULL WHERE event_id = ANY ($1::uuid[])

-- name: empty_executions
UPDATE audit.execution SET message_id = NULL WHERE event_id = ANY ($1::uuid[])

-- name: note_page
INSERT INTO audit.erasure AS a (digest, pages, rows)
VALUES ($1, ARRAY[$2::integer], jsonb_build_object('decision', $3::bigint, 'execution', $4::bigint))
ON CONFLICT (digest) DO UPDATE
SET pages = array_append(a.pages, $2::integer),
    rows = jsonb_build_object('decision', (a.rows ->> 'decision')::bigint + $3::bigint,
                              'execution', (a.rows ->> 'execution')::bigint + $4::bigint)
WHERE NOT $2 = ANY (a.pages)
