-- name: insert_commands
INSERT INTO actions.command (command_id, type, generation, subject, rule_id, action_id, event_id, lane, payload, headers,
                             erasure)
SELECT w.*, (SELECT 'due' FROM actions.erased AS e WHERE e.event_id = w.event_id)
FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[],
            $9::bytea[], $10::jsonb[])
     AS w (command_id, type, generation, subject, rule_id, action_id, event_id, lane, payload, headers)
ON CONFLICT (command_id) DO NOTHING
RETURNING command_id

-- name: generations
SELECT w.subject, w.rule_id, w.action_id, max(c.generation + (c.undone_at IS NOT NULL)::int) AS generation
FROM unnest($1::text[], $2::text[], $3::text[]) AS w (subject, rule_id, action_id)
JOIN actions.claim AS c USING (subject, rule_id, action_id)
GROUP BY 1, 2, 3

-- name: lock_claimable
SELECT command_id, seq, type, state, attempt, failures, fence, generation, subject, rule_id, action_id, event_id, lane,
       wait_reason, blocked_since, sequence, headers, accepted_at, erasure IS NOT NULL AS erased
FROM actions.command
WHERE command_id = ANY ($1::uuid[])
  AND (state = 'pending'
       OR (state = 'retry_wait' AND (next_try_at <= now() OR $2))
       OR (state IN ('running', 'sending') AND lease_until <= now()))
ORDER BY seq
FOR UPDATE SKIP LOCKED

-- name: payloads
SELECT command_id, payload FROM actions.command WHERE command_id = ANY ($1::uuid[])

-- name: due
(SELECT command_id, seq FROM actions.command
 WHERE type = ANY ($1::text[]) AND state = 'retry_wait' AND next_try_at <= now()
 ORDER BY next_try_at LIMIT $2)
UNION ALL
(SELECT command_id, seq FROM actions.command
 WHERE type = ANY ($1::text[]) AND state = 'pending' AND accepted_at <= now() - $3::interval
 ORDER BY accepted_at LIMIT $2)
UNION ALL
(SELECT command_id, seq FROM actions.command
 WHERE type = ANY ($1::text[]) AND state IN ('running', 'sending') AND lease_until <= now()
 ORDER BY lease_until LIMIT $2)
ORDER BY seq

-- name: blockers
SELECT w.command_id, b.command_id AS blocker, b.state, b.wait_reason
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::uuid[]) AS w (command_id, lane, seq, event_id)
CROSS JOIN LATERAL (
    SELECT c.command_id, c.state, c.wait_reason
    FROM actions.command AS c
    WHERE c.lane = w.lane AND c.seq < w.seq AND c.event_id <> w.event_id
      AND c.state IN ('pending', 'running', 'sending', 'retry_wait')
    ORDER BY c.seq
    LIMIT 1
) AS b

-- name: insert_claims
INSERT INTO actions.claim (subject, rule_id, action_id, generation, command_id)
SELECT subject, rule_id, action_id, generation, command_id
FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::uuid[]) WITH ORDINALITY
     AS w (subject, rule_id, action_id, generation, command_id, place)
ORDER BY subject, rule_id, action_id, generation, place
ON CONFLICT (subject, rule_id, action_id, generation) DO NOTHING
RETURNING subject, rule_id, action_id, generation, command_id, false AS succeeded, produced

-- name: read_claims
SELECT c.subject, c.rule_id, c.action_id, c.generation, c.command_id, c.succeeded_at IS NOT NULL AS succeeded, c.produced
FROM unnest($1::text[], $2::text[], $3::text[], $4::int[]) AS w (subject, rule_id, action_id, generation)
JOIN actions.claim AS c USING (subject, rule_id, action_id, generation)

-- name: lock_claims
SELECT FROM unnest($1::text[], $2::text[], $3::text[], $4::int[]) AS w (subject, rule_id, action_id, generation)
JOIN actions.claim AS c USING (subject, rule_id, action_id, generation)
ORDER BY c.subject, c.rule_id, c.action_id, c.generation
FOR UPDATE OF c

-- name: keep_claims
UPDATE actions.claim AS c
SET command_id = w.command_id, succeeded_at = coalesce(c.succeeded_at, now()), produced = w.produced
FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::uuid[], $6::jsonb[])
     AS w (subject, rule_id, action_id, generation, command_id, produced)
WHERE (c.subject, c.rule_id, c.action_id, c.generation) = (w.subject, w.rule_id, w.action_id, w.generation)
  AND (c.command_id = w.command_id OR (c.rule_id = '' AND c.succeeded_at IS NOT NULL))

-- name: release_claims
DELETE FROM actions.claim WHERE command_id = ANY ($1::uuid[]) AND succeeded_at IS NULL

-- name: acted
SELECT c.command_id, c.generation, c.subject, c.rule_id, c.action_id, c.state, c.attempt, c.payload, c.result,
       k.undone_at IS NOT NULL AS undone,
       (SELECT array_agg(l.payload ORDER BY l.seq)
        FROM actions.claim AS o
        JOIN actions.command AS l USING (command_id)
        WHERE o.subject = c.subject AND (o.rule_id, o.action_id) <> (c.rule_id, c.action_id) AND o.rule_id <> ''
          AND o.succeeded_at IS NOT NULL AND o.undone_at IS NULL AND l.type = c.type AND l.seq > c.seq) AS later
FROM actions.command AS c
LEFT JOIN actions.claim AS k USING (subject, rule_id, action_id, generation, command_id)
WHERE c.command_id = ANY ($1::uuid[])

-- name: mark_undone
UPDATE actions.claim SET undone_at = now()
WHERE command_id = ANY ($1::uuid[]) AND rule_id <> '' AND succeeded_at IS NOT NULL AND undone_at IS NULL

-- name: forget_records
DELETE FROM actions.claim AS c
USING unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[]) AS w (subject, undoing, model, res_id)
WHERE c.subject = w.subject AND c.rule_id = '' AND c.action_id = '' AND c.generation = 0
  AND ((c.command_id = w.undoing AND c.succeeded_at IS NULL)
       OR (c.produced ->> 'model' = w.model AND (c.produced ->> 'res_id')::bigint = w.res_id))

-- name: placements
SELECT event_id, uri FROM actions.placement WHERE event_id = ANY ($1::uuid[])

-- name: put_placements
INSERT INTO actions.placement (event_id, uri)
SELECT DISTINCT ON (1) * FROM unnest($1::uuid[], $2::text[]) AS w (event_id, uri)
ORDER BY 1
ON CONFLICT (event_id) DO UPDATE SET uri = excluded.uri, moved_at = now()

-- name: take_leases
UPDATE actions.command AS c
SET state = w.state, attempt = w.attempt, fence = nextval('actions.fence'), worker = $5, started_at = now(),
    lease_until = now() + $4::interval, wait_reason = '', blocked_since = NULL, updated_at = now()
FROM unnest($1::uuid[], $2::text[], $3::int[]) AS w (command_id, state, attempt)
WHERE c.command_id = w.command_id
RETURNING c.command_id, c.fence, c.started_at

-- name: advance
UPDATE actions.command AS c
SET state = w.after, updated_at = now()
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[]) AS w (command_id, fence, before, after)
WHERE c.command_id = w.command_id AND c.fence = w.fence AND c.state IN (w.before, w.after) AND c.lease_until > now()
RETURNING c.command_id

-- name: give_back
UPDATE actions.command AS c
SET lease_until = now(), attempt = c.attempt - 1, updated_at = now()
FROM unnest($1::uuid[], $2::bigint[]) AS w (command_id, fence)
WHERE c.command_id = w.command_id AND c.fence = w.fence AND c.state IN ('running', 'sending')
  AND c.lease_until > now()

-- name: change_commands
UPDATE actions.command AS c
SET state = w.state, attempt = w.attempt, failures = w.failures, sequence = w.sequence,
    next_try_at = now() + make_interval(secs => w.wait_seconds), wait_reason = w.wait_reason,
    blocked_since = CASE WHEN w.blocked THEN coalesce(c.blocked_since, now()) END,
    result = coalesce(w.result, c.result), updated_at = now(),
    lease_until = CASE WHEN w.state = 'sending' THEN now() + make_interval(secs => w.wait_seconds) END
FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::int[], $5::int[], $6::int[], $7::float8[], $8::text[], $9::bool[], $10::jsonb[],
            $11::text[])
     AS w (command_id, fence, state, attempt, failures, sequence, wait_seconds, wait_reason, blocked, result, before)
WHERE c.command_id = w.command_id AND c.fence = w.fence
  AND (c.state = w.before OR (c.state = 'sending' AND w.before = 'running'))
  AND (c.state <> 'sending' OR w.state <> 'sending' OR c.failures < w.failures)
RETURNING c.command_id

-- name: put_outbox
INSERT INTO actions.outbox (topic, key, value, headers, command_id)
SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::jsonb[], $5::uuid[])

-- name: lock_outbox
SELECT pg_try_advisory_xact_lock(hashtext('maildesk-actions-outbox'))

-- name: take_outbox
WITH waiting AS MATERIALIZED (
    SELECT id, octet_length(value)::bigint AS size FROM actions.outbox WHERE published_at IS NULL ORDER BY id LIMIT $1
),
counted AS (
    SELECT id, sum(size) OVER (ORDER BY id) AS bytes, row_number() OVER (ORDER BY id) AS place FROM waiting
)
SELECT o.id, o.topic, o.key, o.value, o.headers, o.command_id
FROM counted JOIN actions.outbox AS o USING (id)
WHERE counted.bytes <= $2 OR counted.place = 1
ORDER BY o.id

-- name: mark_outbox
UPDATE actions.outbox SET published_at = now() WHERE id = ANY ($1::bigint[])

-- name: purge_outbox
DELETE FROM actions.outbox
WHERE id IN (SELECT id FROM actions.outbox WHERE published_at < now() - $1::interval ORDER BY published_at LIMIT 5000)

-- name: publish_again
UPDATE actions.outbox SET published_at = NULL WHERE published_at IS NOT NULL AND command_id = ANY ($1::uuid[])

-- name: expire_own_leases
UPDATE actions.command SET lease_until = now()
WHERE worker = $1 AND state IN ('running', 'sending') AND type = ANY ($2::text[])

-- name: produced
SELECT subject, produced FROM actions.claim
WHERE subject = ANY ($1::text[]) AND rule_id = '' AND action_id = '' AND generation = 0
  AND succeeded_at IS NOT NULL AND produced IS NOT NULL

-- name: backlog
SELECT state, count(*) AS commands, extract(epoch FROM now() - min(accepted_at))::float8 AS seconds
FROM actions.command WHERE state IN ('pending', 'retry_wait') GROUP BY state
UNION ALL
SELECT 'running', count(*), coalesce(extract(epoch FROM now() - min(accepted_at)), 0)::float8
FROM actions.command WHERE state IN ('running', 'sending')

-- name: unpublished
SELECT count(*) FROM actions.outbox WHERE published_at IS NULL
