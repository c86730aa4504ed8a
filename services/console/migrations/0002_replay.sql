-- Replays: what was asked for, how far it is, and who carries it out now.

CREATE TABLE console.replay (
    run text PRIMARY KEY,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    mailboxes text[] NOT NULL,
    rule_id text,
    dry_run boolean NOT NULL,
    rate double precision NOT NULL CHECK (rate > 0),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'finished', 'cancelled')),
    -- [topic, partition, next offset, end], where there is anything to read
    spans jsonb NOT NULL,
    total bigint NOT NULL,
    read bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    published bigint NOT NULL DEFAULT 0,
    moved_at timestamptz NOT NULL DEFAULT now(),
    holder uuid,
    held_until timestamptz NOT NULL DEFAULT now(),
    CHECK (begins_at < ends_at)
);
