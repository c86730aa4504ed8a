-- Rules and mailboxes as they are now, every revision they ever had, and the outbox of `automation-rules`.

CREATE TABLE console.version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    value bigint NOT NULL
);
INSERT INTO console.version (value) VALUES (0);

CREATE TABLE console.mailbox (
    id text PRIMARY KEY,
    revision integer NOT NULL,
    version bigint NOT NULL,
    document jsonb NOT NULL,
    author text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE console.mailbox_revision (
    id text NOT NULL,
    revision integer NOT NULL,
    version bigint NOT NULL,
    document jsonb NOT NULL,
    author text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    deleted boolean NOT NULL DEFAULT false,
    PRIMARY KEY (id, revision)
);

CREATE TABLE console.rule (
    id text PRIMARY KEY,
    owner text NOT NULL,
    mailbox text NOT NULL REFERENCES console.mailbox (id),
    revision integer NOT NULL,
    version bigint NOT NULL,
    document jsonb NOT NULL,
    author text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX rule_owner ON console.rule (owner);
CREATE INDEX rule_mailbox ON console.rule (mailbox);

CREATE TABLE console.rule_revision (
    id text NOT NULL,
    revision integer NOT NULL,
    version bigint NOT NULL,
    owner text NOT NULL,
    document jsonb NOT NULL,
    author text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    deleted boolean NOT NULL DEFAULT false,
    PRIMARY KEY (id, revision)
);

-- The records of a version, in the order in which they are published. A row keeps its bytes: a repeat sends the same.
CREATE TABLE console.outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version bigint NOT NULL,
    key bytea NOT NULL,
    value bytea,
    headers jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX outbox_pending ON console.outbox (position) WHERE published_at IS NULL;
