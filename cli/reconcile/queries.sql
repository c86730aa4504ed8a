-- name: decided
SELECT DISTINCT event_id, run FROM audit.decision_log_v1 WHERE event_id = ANY ($1::uuid[])

-- name: open_commands
SELECT u.command_id, u.event_id, u.run, u.expected_at, c.type, c.state, c.next_try_at, c.lease_until, c.wait_reason,
       c.updated_at
FROM audit.unfinished_v1 AS u LEFT JOIN actions.command_v1 AS c USING (command_id)
WHERE u.mailbox = $1 AND u.expected_at < $2
ORDER BY u.expected_at, u.command_id
LIMIT $3
