-- name: read_only
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

-- name: lock_version
SELECT value FROM console.version FOR UPDATE

-- name: raise_version
UPDATE console.version SET value = value + 1 RETURNING value

-- name: version
SELECT value FROM console.version

-- name: moment
SELECT now()

-- name: mailboxes
SELECT id, revision, version, document, author, changed_at,
       (SELECT r.changed_at FROM console.mailbox_revision AS r WHERE r.id = m.id AND r.revision = 1) AS connected_at
FROM console.mailbox AS m
ORDER BY id

-- name: mailbox
SELECT id, revision, version, document, author, changed_at FROM console.mailbox WHERE id = $1

-- name: rules
SELECT id, owner, revision, version, document, author, changed_at FROM console.rule
ORDER BY mailbox, (document ->> 'order')::integer, id COLLATE "C"

-- name: rule
SELECT id, owner, revision, version, document, author, changed_at FROM console.rule WHERE id = $1

-- name: rule_revisions
SELECT id, owner, revision, version, document, author, changed_at, deleted FROM console.rule_revision
WHERE id = $1 ORDER BY revision

-- name: last_rule_revisions
SELECT id, max(revision) AS revision FROM console.rule_revision GROUP BY id

-- name: activations
SELECT DISTINCT ON (id) id, revision
FROM (
    SELECT id, revision, enabled, lag(enabled, 1, false) OVER (PARTITION BY id ORDER BY revision) AS enabled_before
    FROM (
        SELECT id, revision, NOT deleted AND coalesce((document ->> 'enabled')::boolean, true) AS enabled
        FROM console.rule_revision WHERE id = ANY ($1::text[])
    ) AS told
) AS turns
WHERE enabled AND NOT enabled_before
ORDER BY id, revision DESC

-- name: deleted_rules
SELECT DISTINCT ON (id) id, version FROM console.rule_revision r
WHERE NOT EXISTS (SELECT FROM console.rule WHERE rule.id = r.id)
ORDER BY id, revision DESC

-- name: save_mailboxes
WITH saved AS (
    INSERT INTO console.mailbox_revision (id, revision, version, document, author)
    SELECT id, revision, $3, document, $5
    FROM unnest($1::text[], $2::integer[], $4::jsonb[]) AS given (id, revision, document)
    RETURNING id, revision, version, document, author, changed_at
)
INSERT INTO console.mailbox (id, revision, version, document, author, changed_at)
SELECT id, revision, version, document, author, changed_at FROM saved
ON CONFLICT (id) DO UPDATE SET
    revision = excluded.revision, version = excluded.version, document = excluded.document,
    author = excluded.author, changed_at = excluded.changed_at

-- name: save_rules
WITH saved AS (
    INSERT INTO console.rule_revision (id, revision, version, document, author, owner)
    SELECT id, revision, $3, document, $5, $6
    FROM unnest($1::text[], $2::integer[], $4::jsonb[]) AS given (id, revision, document)
    RETURNING id, revision, version, document, author, owner, changed_at
)
INSERT INTO console.rule (id, mailbox, revision, version, document, author, owner, changed_at)
SELECT id, document ->> 'mailbox', revision, version, document, author, owner, changed_at FROM saved
ON CONFLICT (id) DO UPDATE SET
    mailbox = excluded.mailbox, revision = excluded.revision, version = excluded.version,
    document = excluded.document, author = excluded.author, changed_at = excluded.changed_at

-- name: delete_rules
WITH gone AS (
    DELETE FROM console.rule WHERE id = ANY ($1::text[]) RETURNING id, revision, owner, document
)
INSERT INTO console.rule_revision (id, revision, version, owner, document, author, deleted)
SELECT id, revision + 1, $2, owner, document, $3, true FROM gone

-- name: enqueue
INSERT INTO console.outbox (version, key, value, headers)
SELECT $1, key, value, headers
FROM unnest($2::bytea[], $3::bytea[], $4::jsonb[]) WITH ORDINALITY AS given (key, value, headers, number)
ORDER BY number

-- name: lock_publishing
SELECT pg_advisory_xact_lock(hashtext('maildesk-console-publish'))

-- name: oldest_pending_version
SELECT position, key, value, headers FROM console.outbox
WHERE published_at IS NULL AND version = (
    SELECT version FROM console.outbox WHERE published_at IS NULL ORDER BY position LIMIT 1
)
ORDER BY position

-- name: mark_published
UPDATE console.outbox SET published_at = now() WHERE position = ANY ($1::bigint[])

-- name: rules_as_of
SELECT * FROM (
    SELECT DISTINCT ON (id) id, owner, revision, version, document, author, changed_at, deleted
    FROM console.rule_revision WHERE version <= $1 ORDER BY id, revision DESC
) AS newest
WHERE NOT deleted

-- name: mailboxes_as_of
SELECT DISTINCT ON (id) id, revision, version, document, author, changed_at
FROM console.mailbox_revision WHERE version <= $1 ORDER BY id, revision DESC

-- name: begin_replay
INSERT INTO console.replay (run, begins_at, ends_at, mailboxes, rule_id, dry_run, rate, requested_by, requested_at, spans, total)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: take_replay
UPDATE console.replay SET holder = $2, held_until = now() + $3::interval
WHERE run = $1 AND state = 'running' AND held_until <= now()
RETURNING *

-- name: move_replay
UPDATE console.replay
SET spans = $3, read = read + $4, refused = refused + $5, published = published + $6, moved_at = now(),
    held_until = now() + $7::interval
WHERE run = $1 AND holder = $2 AND state = 'running'
RETURNING true

-- name: keep_replay
UPDATE console.replay SET held_until = now() + $3::interval WHERE run = $1 AND holder = $2 AND state = 'running'
RETURNING true

-- name: finish_replay
UPDATE console.replay SET state = 'finished', moved_at = now() WHERE run = $1 AND holder = $2 AND state = 'running'

-- name: leave_replay
UPDATE console.replay SET held_until = now() WHERE run = $1 AND holder = $2

-- name: cancel_replay
UPDATE console.replay SET state = 'cancelled', moved_at = now() WHERE run = $1 AND state = 'running'
RETURNING true

-- name: replay
SELECT *, held_until > now() AS held FROM console.replay WHERE run = $1

-- name: replays
SELECT *, held_until > now() AS held FROM console.replay ORDER BY requested_at DESC, run LIMIT $1

-- name: ask_erasure
INSERT INTO console.erasure (digest, key_check, requested_at, requested_by) VALUES ($1, $2, $3, $4)
ON CONFLICT (digest) DO UPDATE
SET key_check = excluded.key_check, requested_at = excluded.requested_at, requested_by = excluded.requested_by,
    published_at = NULL

-- name: erasures
SELECT digest, key_check, requested_at FROM console.erasure WHERE published_at IS NULL OR $1 ORDER BY requested_at

-- name: mark_erasures
UPDATE console.erasure AS e SET published_at = now()
FROM unnest($1::text[], $2::timestamptz[]) AS w (digest, requested_at)
WHERE (e.digest, e.requested_at) = (w.digest, w.requested_at)
