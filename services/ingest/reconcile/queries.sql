-- name: known_places
SELECT w.n::int AS n
FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS w (folder, uidvalidity, uid, n)
JOIN ingest.item AS i
  ON i.mailbox = $1 AND i.place = md5(w.folder || chr(31) || w.uidvalidity || chr(31) || w.uid)::uuid

-- name: count_places
SELECT count(*) FROM ingest.item WHERE mailbox = $1 AND folder = $2

-- name: rewind
UPDATE ingest.cursor SET cursor = $3, moved_at = $4 WHERE mailbox = $1 AND folder = $2

-- name: begin_again
DELETE FROM ingest.cursor WHERE mailbox = $1 AND folder = $2

-- name: unpublished
SELECT 'event' AS kind, event_id::text AS id, content_uri, recorded_at
FROM ingest.event WHERE mailbox = $1 AND published_at IS NULL AND recorded_at < $2
UNION ALL
SELECT 'dead letter', dead_letter_id, content_uri, recorded_at
FROM ingest.dead_letter WHERE mailbox = $1 AND published_at IS NULL AND recorded_at < $2
UNION ALL
SELECT 'facts of Odoo', event_id::text, e.content_uri, d.answered_at
FROM ingest.deferred AS d JOIN ingest.event AS e USING (event_id)
WHERE d.mailbox = $1 AND d.published_at IS NULL AND d.answered_at < $2
ORDER BY 4, 2
LIMIT $3

-- name: along_the_index
-- Where the planner has no statistics yet, it would sort all that is left for each page.
SET LOCAL enable_sort = off

-- name: published_page
SELECT event_id, content_uri, received_at, recorded_at, published_at,
       (SELECT d.published_at FROM ingest.deferred AS d WHERE d.event_id = e.event_id) AS facts_published_at
FROM ingest.event AS e
WHERE mailbox = $1 AND received_at >= $2 AND published_at IS NOT NULL
  AND (received_at, event_id)
      > (coalesce($3::timestamptz, '-infinity'), coalesce($4::uuid, '00000000-0000-0000-0000-000000000000'))
ORDER BY received_at, event_id
LIMIT $5

-- name: dead_letters
SELECT count(*) FROM ingest.dead_letter WHERE mailbox = $1 AND recorded_at >= $2
