-- name: admit
WITH fresh AS (
    INSERT INTO actions.reply (command_id, mailbox) VALUES ($1, $2)
    ON CONFLICT (command_id) DO NOTHING
    RETURNING command_id
), counted AS (
    INSERT INTO actions.reply_count AS c (subject, seconds, slot, replies, cap)
    SELECT w.subject, w.seconds, floor(extract(epoch FROM now()) / w.seconds)::bigint, 1, w.cap
    FROM unnest($3::text[], $4::integer[], $5::integer[]) AS w (subject, seconds, cap)
    CROSS JOIN fresh
    WHERE w.cap > 0
    ORDER BY w.subject, w.seconds
    ON CONFLICT (subject, seconds, slot) DO UPDATE SET replies = c.replies + 1, cap = excluded.cap
        WHERE c.replies < excluded.cap
    RETURNING c.subject, c.seconds
)
SELECT w.subject, w.seconds, w.cap
FROM unnest($3::text[], $4::integer[], $5::integer[]) AS w (subject, seconds, cap)
WHERE EXISTS (SELECT FROM fresh)
  AND NOT EXISTS (SELECT FROM counted AS c WHERE c.subject = w.subject AND c.seconds = w.seconds)
ORDER BY w.seconds, w.subject

-- name: note_taken
UPDATE actions.reply SET taken_at = coalesce(taken_at, now()) WHERE command_id = $1

-- name: was_taken
SELECT EXISTS (SELECT FROM actions.reply WHERE command_id = $1 AND taken_at IS NOT NULL)

-- name: purge
WITH counts AS (
    DELETE FROM actions.reply_count
    WHERE (slot + 1) * seconds < extract(epoch FROM now()) - 86400
)
DELETE FROM actions.reply
WHERE command_id IN (SELECT command_id FROM actions.reply WHERE counted_at < now() - $1::interval LIMIT 5000)
