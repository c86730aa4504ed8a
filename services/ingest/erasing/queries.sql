-- name: alone
-- Whoever records mail holds this lock shared: who was asked before has recorded, who comes after knows of the erasure.
SELECT pg_advisory_xact_lock(hashtext('maildesk-ingest-erasure'))

-- name: known
SELECT digest FROM ingest.erasure WHERE digest = $1 AND requested_at >= $2

-- name: register
INSERT INTO ingest.erasure AS held (digest, key_check, requested_at) VALUES ($1, $2, $3)
ON CONFLICT (digest) DO UPDATE
SET requested_at = excluded.requested_at, key_check = excluded.key_check, cursor = DEFAULT, walked_at = NULL
WHERE held.requested_at < excluded.requested_at

-- name: in_force
SELECT digest, key_check, requested_at FROM ingest.erasure

-- name: next
SELECT digest, requested_at, cursor FROM ingest.erasure WHERE walked_at IS NULL
ORDER BY requested_at, digest LIMIT 1
FOR UPDATE SKIP LOCKED

-- name: events
SELECT event_id, mailbox, conversation, message_id, received_at, value FROM ingest.event
WHERE event_id > $1 ORDER BY event_id LIMIT $2

-- name: addresses
SELECT DISTINCT address FROM ingest.contact WHERE address > $1 ORDER BY address LIMIT $2

-- name: forget_contacts
DELETE FROM ingest.contact WHERE address = ANY ($1::text[]) AND first_seen_at < $2

-- name: empty_events
UPDATE ingest.event AS e SET value = w.value, message_id = NULL, content_uri = ''
FROM unnest($1::uuid[], $2::bytea[]) AS w (event_id, value)
WHERE e.event_id = w.event_id

-- name: forget_requests
DELETE FROM ingest.deferred WHERE event_id = ANY ($1::uuid[])

-- name: forget_references
DELETE FROM ingest.reference AS r
USING unnest($1::text[], $2::text[]) AS w (mailbox, message_id)
WHERE r.mailbox = w.mailbox AND r.message_id = w.message_id

-- name: forget_stems
DELETE FROM ingest.subject_stem AS s
USING unnest($1::text[], $2::uuid[]) AS w (mailbox, conversation)
WHERE s.mailbox = w.mailbox AND s.conversation = w.conversation

-- name: note_erased
INSERT INTO ingest.erased (event_id, digest) SELECT * FROM unnest($1::uuid[], $2::text[]) ON CONFLICT (event_id) DO NOTHING

-- name: move
UPDATE ingest.erasure AS a
SET cursor = $2, walked_at = CASE WHEN $3 THEN now() END,
    rows = a.rows || (
        SELECT coalesce(jsonb_object_agg(name, coalesce((a.rows ->> name)::bigint, 0) + number), '{}')
        FROM unnest($4::text[], $5::bigint[]) AS w (name, number) WHERE number > 0
    )
WHERE digest = $1

-- name: unnumbered
SELECT digest FROM ingest.erasure AS a
WHERE walked_at IS NOT NULL AND EXISTS (SELECT FROM ingest.erased AS e WHERE e.digest = a.digest AND page IS NULL)
ORDER BY digest LIMIT 1
FOR UPDATE SKIP LOCKED

-- name: number
WITH page AS (
    UPDATE ingest.erasure SET pages = pages + 1 WHERE digest = $1 RETURNING digest, pages
), made AS (
    INSERT INTO ingest.erased_page (digest, page) SELECT digest, pages FROM page
)
UPDATE ingest.erased AS e SET page = page.pages FROM page
WHERE e.event_id IN (SELECT event_id FROM ingest.erased WHERE digest = $1 AND page IS NULL ORDER BY event_id LIMIT $2)

-- name: unpublished
SELECT digest, page, array_agg(event_id ORDER BY event_id) AS events
FROM ingest.erased_page JOIN ingest.erased USING (digest, page)
WHERE published_at IS NULL
GROUP BY digest, page ORDER BY digest, page LIMIT 20

-- name: mark
UPDATE ingest.erased_page AS p SET published_at = now()
FROM unnest($1::text[], $2::integer[]) AS w (digest, page)
WHERE p.digest = w.digest AND p.page = w.page

-- name: publish_again
UPDATE ingest.erased_page SET published_at = NULL
