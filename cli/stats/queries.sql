-- name: exact
SELECT * FROM audit.stats_v1($1)
WHERE ($2::text IS NULL OR mailbox = $2)
  AND ($3::text IS NULL OR rule_id = $3)
  AND ($4::text IS NULL OR action_type = $4)
ORDER BY mailbox, rule_id, action_type
