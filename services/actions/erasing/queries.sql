-- name: applied
SELECT true FROM actions.erasure WHERE digest = $1 AND $2 = ANY (pages)

-- name: note_events
INSERT INTO actions.erased (event_id, digest) SELECT event_id, $2 FROM unnest($1::uuid[]) AS w (event_id)
ON CONFLICT (event_id) DO NOTHING

-- name: alone
-- Waits for those who are writing commands down and did not see the events yet; who comes later sees them.
LOCK TABLE actions.command IN SHARE ROW EXCLUSIVE MODE

-- name: limit
SET LOCAL lock_timeout = '5s'

-- name: make_due
UPDATE actions.command SET erasure = 'due' WHERE event_id = ANY ($1::uuid[]) AND erasure IS NULL

-- name: forget_placements
DELETE FROM actions.placement WHERE event_id = ANY ($1::uuid[])

-- name: note_page
INSERT INTO actions.erasure AS a (digest, pages, rows) VALUES ($1, ARRAY[$2::integer], jsonb_build_object('placement', $3::bigint))
ON CONFLICT (digest) DO UPDATE
SET pages = array_append(a.pages, $2::integer),
    rows = a.rows || jsonb_build_object('placement', coalesce((a.rows ->> 'placement')::bigint, 0) + $3::bigint)
WHERE NOT $2 = ANY (a.pages)

-- name: due
SELECT c.command_id, c.payload, c.result, c.event_id,
       (SELECT e.digest FROM actions.erased AS e WHERE e.event_id = c.event_id) AS digest
FROM actions.command AS c
WHERE c.erasure = 'due' AND c.state NOT IN ('running', 'sending')
ORDER BY c.seq LIMIT $1
FOR UPDATE SKIP LOCKED

-- name: empty_commands
UPDATE actions.command AS c SET payload = w.payload, result = w.result, erasure = 'done'
FROM unnest($1::uuid[], $2::bytea[], $3::jsonb[]) AS w (command_id, payload, result)
WHERE c.command_id = w.command_id

-- name: empty_claims
UPDATE actions.claim SET produced = produced || '{"uri": "", "text": "", "details": {}}'
WHERE command_id = ANY ($1::uuid[]) AND produced IS NOT NULL

-- name: forget_published
DELETE FROM actions.outbox WHERE command_id = ANY ($1::uuid[]) AND published_at IS NOT NULL

-- name: unpublished
SELECT id, value, headers FROM actions.outbox WHERE command_id = ANY ($1::uuid[]) AND published_at IS NULL FOR UPDATE

-- name: empty_outbox
UPDATE actions.outbox AS o SET value = w.value FROM unnest($1::bigint[], $2::bytea[]) AS w (id, value) WHERE o.id = w.id

-- name: forget_outbox
DELETE FROM actions.outbox WHERE id = ANY ($1::bigint[])

-- name: count
UPDATE actions.erasure AS a
SET rows = a.rows || (
        SELECT jsonb_object_agg(name, coalesce((a.rows ->> name)::bigint, 0) + number)
        FROM unnest($2::text[], $3::bigint[]) AS w (name, number)
    )
WHERE digest = $1
