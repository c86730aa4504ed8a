-- name: lock_shares
-- A worker that is stopped in the middle must not keep the others waiting.
SELECT set_config('idle_in_transaction_session_timeout', '10s', true),
       set_config('lock_timeout', '10s', true),
       pg_advisory_xact_lock(hashtextextended('maildesk-ingest-shares', 0))

-- name: forget_namesakes
DELETE FROM ingest.worker WHERE name = $1 AND worker <> $2

-- name: beat
INSERT INTO ingest.worker AS w (worker, name, mailboxes, until)
VALUES ($1, $2, $3::text[], clock_timestamp() + $4::interval)
ON CONFLICT (worker) DO UPDATE SET mailboxes = EXCLUDED.mailboxes, until = EXCLUDED.until

-- name: forget_dead
DELETE FROM ingest.worker WHERE until <= clock_timestamp()

-- name: free_leases
-- One that a transaction of its worker still holds is freed at a later look.
DELETE FROM ingest.lease WHERE mailbox IN (
    SELECT mailbox FROM ingest.lease AS l
    WHERE NOT EXISTS (SELECT FROM ingest.worker AS w WHERE w.worker = l.worker)
    FOR UPDATE SKIP LOCKED
)

-- name: workers
SELECT worker, mailboxes FROM ingest.worker

-- name: leases
SELECT mailbox, worker, fence FROM ingest.lease

-- name: take
INSERT INTO ingest.lease (mailbox, worker)
SELECT mailbox, $1 FROM unnest($2::text[]) AS t (mailbox)
ON CONFLICT (mailbox) DO NOTHING
RETURNING mailbox, fence

-- name: release
DELETE FROM ingest.lease WHERE worker = $1 AND mailbox = ANY ($2::text[])

-- name: leave
WITH gone AS (DELETE FROM ingest.worker WHERE worker = $1)
DELETE FROM ingest.lease WHERE worker = $1
