-- The ledger of ingest: every message that was ever seen, the event it gave, and the bytes that were published for it.

CREATE TABLE ingest.event (
    event_id              uuid PRIMARY KEY,
    seq                   bigint GENERATED ALWAYS AS IDENTITY,
    mailbox               text NOT NULL,
    direction             text NOT NULL CHECK (direction IN ('incoming', 'outgoing')),
    conversation          uuid NOT NULL,
    message_id            text,
    topic                 text NOT NULL,
    key                   bytea NOT NULL,
    value                 bytea NOT NULL,
    headers               jsonb NOT NULL,
    content_uri           text NOT NULL,
    content_digest        text NOT NULL,
    content_header_digest text NOT NULL,
    content_size          bigint NOT NULL,
    received_at           timestamptz NOT NULL,
    recorded_at           timestamptz NOT NULL,
    published_at          timestamptz
);
CREATE INDEX event_by_message_id ON ingest.event (mailbox, message_id);
CREATE INDEX event_by_conversation ON ingest.event (conversation);
CREATE INDEX event_unpublished ON ingest.event (mailbox, seq) WHERE published_at IS NULL;

CREATE TABLE ingest.dead_letter (
    dead_letter_id text PRIMARY KEY,
    seq            bigint GENERATED ALWAYS AS IDENTITY,
    mailbox        text NOT NULL,
    code           text NOT NULL,
    topic          text NOT NULL,
    key            bytea NOT NULL,
    value          bytea NOT NULL,
    headers        jsonb NOT NULL,
    content_uri    text NOT NULL,
    recorded_at    timestamptz NOT NULL,
    published_at   timestamptz
);
CREATE INDEX dead_letter_unpublished ON ingest.dead_letter (mailbox, seq) WHERE published_at IS NULL;

-- One row for every place at which a message was seen. A uid may be a long path, which an index would refuse: hence `place`.
CREATE TABLE ingest.item (
    mailbox        text NOT NULL,
    place          uuid GENERATED ALWAYS AS (md5(folder || chr(31) || uidvalidity || chr(31) || uid)::uuid) STORED,
    folder         text NOT NULL,
    uidvalidity    text NOT NULL,
    uid            text NOT NULL,
    outcome        text NOT NULL CHECK (outcome IN ('event', 'duplicate', 'dead_letter')),
    event_id       uuid REFERENCES ingest.event,
    dead_letter_id text REFERENCES ingest.dead_letter,
    first_seen_at  timestamptz NOT NULL,
    last_seen_at   timestamptz NOT NULL,
    PRIMARY KEY (mailbox, place),
    CHECK ((outcome = 'dead_letter') = (dead_letter_id IS NOT NULL)),
    CHECK ((outcome = 'dead_letter') = (event_id IS NULL))
);
CREATE INDEX item_by_event ON ingest.item (event_id);

-- Up to here a folder is read, and everything before is acknowledged by the broker.
CREATE TABLE ingest.cursor (
    mailbox  text NOT NULL,
    folder   text NOT NULL,
    cursor   text NOT NULL,
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (mailbox, folder)
);

-- Every Message-ID that was seen or referred to, and the one conversation it belongs to.
CREATE TABLE ingest.reference (
    mailbox      text NOT NULL,
    message_id   text NOT NULL,
    conversation uuid NOT NULL,
    PRIMARY KEY (mailbox, message_id)
);

-- Whom a mailbox heard from or wrote to.
CREATE TABLE ingest.contact (
    mailbox       text NOT NULL,
    address       text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    PRIMARY KEY (mailbox, address)
);

-- The conversations in which a mailbox sent something.
CREATE TABLE ingest.answered (
    mailbox      text NOT NULL,
    conversation uuid NOT NULL,
    PRIMARY KEY (mailbox, conversation)
);

-- Public contract.
CREATE VIEW ingest.ledger_v1 AS
SELECT i.mailbox, i.folder, i.uidvalidity, i.uid, i.outcome, i.event_id, e.message_id, e.conversation, e.direction,
       i.first_seen_at, i.last_seen_at,
       coalesce(e.recorded_at, d.recorded_at) AS recorded_at,
       coalesce(e.published_at, d.published_at) AS published_at,
       coalesce(e.content_uri, d.content_uri) AS content_uri,
       i.outcome <> 'duplicate' AS primary_item
FROM ingest.item AS i
LEFT JOIN ingest.event AS e USING (event_id)
LEFT JOIN ingest.dead_letter AS d USING (dead_letter_id);

CREATE VIEW ingest.event_v1 AS
SELECT event_id, mailbox, message_id, topic, key, value, recorded_at, published_at
FROM ingest.event;
