ALTER TABLE actions.claim ADD COLUMN undone_at timestamptz;
COMMENT ON COLUMN actions.claim.undone_at IS 'when what was done under this key was taken back; the next command gets the next generation';

CREATE VIEW actions.acted_v1 AS
SELECT c.command_id, c.type, c.generation, c.rule_id, c.action_id, c.event_id, c.payload, k.succeeded_at, k.undone_at
FROM actions.command AS c
JOIN actions.claim AS k USING (subject, rule_id, action_id, generation, command_id)
WHERE c.state = 'succeeded';
COMMENT ON VIEW actions.acted_v1 IS 'Public contract: every command that has acted, as it was published, and when it was taken back.';
