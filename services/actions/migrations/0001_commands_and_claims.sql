CREATE TABLE actions.command (
    command_id    uuid PRIMARY KEY,
    seq           bigint GENERATED ALWAYS AS IDENTITY,
    type          text NOT NULL,
    state         text NOT NULL DEFAULT 'pending'
                  CHECK (state IN ('pending', 'running', 'retry_wait', 'succeeded', 'failed', 'skipped', 'planned')),
    attempt       integer NOT NULL DEFAULT 0,
    failures      integer NOT NULL DEFAULT 0,
    next_try_at   timestamptz NOT NULL DEFAULT now(),
    lease_until   timestamptz,
    fence         bigint NOT NULL DEFAULT 0,
    worker        text NOT NULL DEFAULT '',
    generation    integer NOT NULL,
    subject       text NOT NULL,
    rule_id       text NOT NULL,
    action_id     text NOT NULL,
    event_id      uuid NOT NULL,
    lane          text NOT NULL,
    wait_reason   text NOT NULL DEFAULT '',
    blocked_since timestamptz,
    sequence      integer NOT NULL DEFAULT 0,
    started_at    timestamptz,
    payload       bytea NOT NULL,
    headers       jsonb NOT NULL,
    result        jsonb,
    accepted_at   timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE actions.command IS 'One row per command id, kept longer than any record that could bring it again.';
COMMENT ON COLUMN actions.command.lane IS 'conversation and target: a later mail waits behind an earlier one here; empty for a dry run';
COMMENT ON COLUMN actions.command.attempt IS 'tries that counted; waiting for a claim, a lane or a target counts none';
COMMENT ON COLUMN actions.command.failures IS 'failures in a row, counted or not; sets the next backoff';

CREATE INDEX command_due ON actions.command (type, next_try_at) WHERE state IN ('pending', 'retry_wait');
CREATE INDEX command_leased ON actions.command (lease_until) WHERE state = 'running';
CREATE INDEX command_lane ON actions.command (lane, seq) WHERE state IN ('pending', 'running', 'retry_wait');

CREATE SEQUENCE actions.fence;

CREATE TABLE actions.claim (
    subject      text NOT NULL,
    rule_id      text NOT NULL,
    action_id    text NOT NULL,
    generation   integer NOT NULL,
    command_id   uuid NOT NULL,
    taken_at     timestamptz NOT NULL DEFAULT now(),
    succeeded_at timestamptz,
    produced     jsonb,
    PRIMARY KEY (subject, rule_id, action_id, generation)
);
COMMENT ON TABLE actions.claim IS 'Who may act, or has acted, for an idempotency key, or on a record (rule_id empty). Only success keeps a row.';

CREATE INDEX claim_holder ON actions.claim (command_id);

CREATE TABLE actions.placement (
    event_id uuid PRIMARY KEY,
    uri      text NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE actions.placement IS 'Where our own action last put a message.';

CREATE TABLE actions.outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text NOT NULL,
    key          bytea NOT NULL,
    value        bytea NOT NULL,
    headers      jsonb NOT NULL,
    command_id   uuid NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX outbox_unpublished ON actions.outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_published ON actions.outbox (published_at) WHERE published_at IS NOT NULL;
CREATE INDEX outbox_command ON actions.outbox (command_id);

CREATE VIEW actions.command_v1 AS
SELECT command_id, type, state, attempt, next_try_at, lease_until, generation, rule_id, action_id, event_id,
       wait_reason, accepted_at, updated_at
FROM actions.command;
COMMENT ON VIEW actions.command_v1 IS 'Public contract: every command and its state.';
