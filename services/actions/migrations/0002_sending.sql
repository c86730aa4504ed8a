ALTER TABLE actions.command
    DROP CONSTRAINT command_state_check,
    ADD CONSTRAINT command_state_check CHECK (
        state IN ('pending', 'running', 'sending', 'retry_wait', 'succeeded', 'failed', 'skipped', 'planned'));

DROP INDEX actions.command_leased, actions.command_lane;
CREATE INDEX command_leased ON actions.command (lease_until) WHERE state IN ('running', 'sending');
CREATE INDEX command_lane ON actions.command (lane, seq) WHERE state IN ('pending', 'running', 'sending', 'retry_wait');
