-- name: lock_mailbox
-- A worker that is stopped in the middle must not keep the lock from the one that takes over.
SELECT set_config('idle_in_transaction_session_timeout', '20s', true),
       pg_advisory_xact_lock(hashtextextended('maildesk-ingest-' || $1, 0)),
       pg_advisory_xact_lock_shared(hashtext('maildesk-ingest-erasure'))

-- name: held
SELECT true FROM ingest.lease WHERE mailbox = $1 AND worker = $2 AND fence = $3 FOR SHARE

-- name: cursor
SELECT cursor FROM ingest.cursor WHERE mailbox = $1 AND folder = $2

-- name: known_places
SELECT w.n::int AS n
FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS w (folder, uidvalidity, uid, n)
JOIN ingest.item AS i
  ON i.mailbox = $1 AND i.place = md5(w.folder || chr(31) || w.uidvalidity || chr(31) || w.uid)::uuid

-- name: touch
UPDATE ingest.item AS i SET last_seen_at = $5::timestamptz
FROM unnest($2::text[], $3::text[], $4::text[]) AS w (folder, uidvalidity, uid)
WHERE i.mailbox = $1 AND i.place = md5(w.folder || chr(31) || w.uidvalidity || chr(31) || w.uid)::uuid
  AND (i.last_seen_at < $7::timestamptz OR i.last_seen_at <= $5::timestamptz - $6::interval)

-- name: existing_events
SELECT event_id FROM ingest.event WHERE event_id = ANY ($1::uuid[])

-- name: conversations
SELECT message_id, conversation FROM ingest.reference WHERE mailbox = $1 AND message_id = ANY ($2::text[])

-- name: contacts
SELECT address FROM ingest.contact WHERE mailbox = $1 AND address = ANY ($2::text[])

-- name: answered
SELECT conversation FROM ingest.answered WHERE mailbox = $1 AND conversation = ANY ($2::uuid[])

-- name: originals
SELECT DISTINCT ON (message_id)
       message_id, event_id, content_uri, content_digest, content_header_digest, content_size
FROM ingest.event
WHERE mailbox = $1 AND message_id = ANY ($2::text[])
ORDER BY message_id, direction, seq

-- name: stems
SELECT stem, conversation, last_at FROM ingest.subject_stem WHERE mailbox = $1 AND stem = ANY ($2::uuid[])

-- name: forget_stems
-- Apart from the insert, which may meet the very row that is deleted.
DELETE FROM ingest.subject_stem WHERE mailbox = $1 AND recorded_at < $2::timestamptz - interval '60 days'

-- name: insert_stems
INSERT INTO ingest.subject_stem AS t (mailbox, stem, conversation, last_at, recorded_at)
SELECT $1, stem, conversation, last_at, $5
FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) AS w (stem, conversation, last_at)
ON CONFLICT (mailbox, stem, conversation) DO UPDATE
SET last_at = greatest(t.last_at, EXCLUDED.last_at), recorded_at = EXCLUDED.recorded_at

-- name: insert_events
INSERT INTO ingest.event (event_id, mailbox, direction, conversation, message_id, topic, key, value, headers, content_uri,
                          content_digest, content_header_digest, content_size, received_at, recorded_at)
SELECT event_id, $1, direction, conversation, message_id, topic, key, value, headers, content_uri,
       content_digest, content_header_digest, content_size, received_at, $15
FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::bytea[], $8::bytea[], $9::jsonb[], $10::text[],
            $11::text[], $12::text[], $13::bigint[], $14::timestamptz[])
     WITH ORDINALITY
     AS w (event_id, direction, conversation, message_id, topic, key, value, headers, content_uri,
           content_digest, content_header_digest, content_size, received_at, n)
ORDER BY n

-- name: insert_dead_letters
INSERT INTO ingest.dead_letter (dead_letter_id, mailbox, code, topic, key, value, headers, content_uri, recorded_at)
SELECT dead_letter_id, $1, code, topic, key, value, headers, content_uri, $9
FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::jsonb[], $8::text[])
     AS w (dead_letter_id, code, topic, key, value, headers, content_uri)
ON CONFLICT (dead_letter_id) DO NOTHING

-- name: insert_items
INSERT INTO ingest.item (mailbox, folder, uidvalidity, uid, outcome, event_id, dead_letter_id, first_seen_at, last_seen_at)
SELECT $1, folder, uidvalidity, uid, outcome, event_id, dead_letter_id, $8, $8
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::text[])
     AS w (folder, uidvalidity, uid, outcome, event_id, dead_letter_id)
ON CONFLICT (mailbox, place) DO NOTHING

-- name: insert_references
INSERT INTO ingest.reference (mailbox, message_id, conversation)
SELECT $1, message_id, conversation FROM unnest($2::text[], $3::uuid[]) AS w (message_id, conversation)
ON CONFLICT (mailbox, message_id) DO NOTHING

-- name: insert_contacts
INSERT INTO ingest.contact (mailbox, address, first_seen_at)
SELECT $1, address, $3 FROM unnest($2::text[]) AS w (address)
ON CONFLICT (mailbox, address) DO NOTHING

-- name: insert_answered
INSERT INTO ingest.answered (mailbox, conversation)
SELECT $1, conversation FROM unnest($2::uuid[]) AS w (conversation)
ON CONFLICT (mailbox, conversation) DO NOTHING

-- name: unpublished
(SELECT event_id, NULL::text AS dead_letter_id, topic, key, value, headers, recorded_at, seq
 FROM ingest.event WHERE mailbox = $1 AND published_at IS NULL ORDER BY seq LIMIT $2)
UNION ALL
(SELECT NULL::uuid, dead_letter_id, topic, key, value, headers, recorded_at, seq
 FROM ingest.dead_letter WHERE mailbox = $1 AND published_at IS NULL ORDER BY seq LIMIT $2)
ORDER BY dead_letter_id NULLS FIRST, seq

-- name: mark_events
-- Not waiting for the disk: a mark that is lost with the server repeats a record with the same bytes.
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
UPDATE ingest.event SET published_at = $2 FROM quick WHERE event_id = ANY ($1::uuid[]) AND published_at IS NULL

-- name: mark_dead_letters
UPDATE ingest.dead_letter SET published_at = $2 WHERE dead_letter_id = ANY ($1::text[]) AND published_at IS NULL

-- name: move_cursor
-- Not waiting for the disk: a cursor that is lost with the server has mail read again that the ledger knows.
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO ingest.cursor (mailbox, folder, cursor, moved_at)
SELECT $1, $2, $3, $4 FROM quick
WHERE $5::text IS NULL OR EXISTS (
    SELECT FROM ingest.lease WHERE mailbox = $1 AND worker = $5 AND fence = $6::bigint FOR SHARE
)
ON CONFLICT (mailbox, folder) DO UPDATE SET cursor = EXCLUDED.cursor, moved_at = EXCLUDED.moved_at
WHERE ingest.cursor.cursor IS DISTINCT FROM EXCLUDED.cursor

-- name: publish_again
UPDATE ingest.event SET published_at = NULL WHERE event_id = ANY ($1::uuid[])

-- name: count_recorded
SELECT count(*) FROM ingest.event WHERE mailbox = ANY ($1::text[]) AND received_at >= $2

-- name: along_the_index
-- Where the planner has no statistics yet, it would sort all that is left for each page.
SET LOCAL enable_sort = off

-- name: recorded_before
SELECT event_id, received_at, value, (SELECT d.value FROM ingest.deferred AS d WHERE d.event_id = e.event_id) AS request
FROM ingest.event AS e
WHERE mailbox = $1 AND received_at >= $2
  AND (received_at, event_id) < (coalesce($3::timestamptz, 'infinity'), coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
ORDER BY received_at DESC, event_id DESC
LIMIT $5

-- name: insert_deferred
INSERT INTO ingest.deferred (event_id, mailbox, subjects, recorded_at)
SELECT event_id, $1, string_to_array(subjects, ' '), $4
FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS w (event_id, subjects, n)
ORDER BY n

-- name: waiting
SELECT event_id, d.subjects, e.value, e.headers
FROM ingest.deferred AS d JOIN ingest.event AS e USING (event_id)
WHERE d.mailbox = ANY ($1::text[]) AND d.value IS NULL AND e.published_at IS NOT NULL
ORDER BY d.tries, d.seq
LIMIT $2

-- name: tried
UPDATE ingest.deferred SET tries = tries + 1 WHERE event_id = ANY ($1::uuid[])

-- name: answer
UPDATE ingest.deferred AS d
SET topic = w.topic, key = w.key, value = w.value, headers = w.headers, answered_at = $6
FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[], $5::jsonb[]) AS w (event_id, topic, key, value, headers)
WHERE d.event_id = w.event_id AND d.value IS NULL

-- name: unpublished_requests
SELECT event_id, NULL::text AS dead_letter_id, topic, key, value, headers, recorded_at
FROM ingest.deferred
WHERE mailbox = ANY ($1::text[]) AND value IS NOT NULL AND published_at IS NULL
ORDER BY seq
LIMIT $2

-- name: mark_requests
UPDATE ingest.deferred SET published_at = $2 WHERE event_id = ANY ($1::uuid[]) AND published_at IS NULL

-- name: publish_requests_again
UPDATE ingest.deferred SET published_at = NULL WHERE event_id = ANY ($1::uuid[])

-- name: count_waiting
SELECT mailbox, count(*)::int AS events FROM ingest.deferred WHERE published_at IS NULL GROUP BY mailbox
