-- Rules that were switched on with a backlog, and how far the recorded mail of their mailbox was handed to them. A row stays:
-- it says that this activation was looked after.
CREATE TABLE ingest.backlog (
    run              text NOT NULL,
    mailbox          text NOT NULL,
    rule_id          text NOT NULL,
    direction        text NOT NULL CHECK (direction IN ('incoming', 'outgoing')),
    begins_at        timestamptz NOT NULL,
    started_at       timestamptz NOT NULL,
    recorded_until   timestamptz NOT NULL,
    last_received_at timestamptz,
    last_event_id    uuid,
    total            bigint NOT NULL,
    published        bigint NOT NULL DEFAULT 0,
    state            text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'cancelled')),
    moved_at         timestamptz NOT NULL,
    PRIMARY KEY (run, mailbox),
    CHECK ((last_received_at IS NULL) = (last_event_id IS NULL))
);
CREATE INDEX backlog_running ON ingest.backlog (moved_at) WHERE state = 'running';

-- Public contract.
CREATE VIEW ingest.backlog_v1 AS
SELECT run, mailbox, rule_id, direction, begins_at, started_at, total, published, state, moved_at FROM ingest.backlog;
