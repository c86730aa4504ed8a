-- name: clock
SELECT clock_timestamp() AS now

-- name: migrated
SELECT to_regclass($1 || '.migration') IS NOT NULL AS there

-- name: leases_there
SELECT to_regclass('ingest.lease_v1') IS NOT NULL AS there

-- name: reading
SELECT m.mailbox,
       l.name AS worker,
       coalesce(l.alive, false) AS alive,
       (SELECT max(c.moved_at) FROM ingest.cursor AS c WHERE c.mailbox = m.mailbox) AS moved_at
FROM unnest($1::text[]) AS m (mailbox)
LEFT JOIN ingest.lease_v1 AS l USING (mailbox)
