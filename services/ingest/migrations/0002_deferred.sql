-- Events whose facts Odoo did not give in time. `value` is the request that asks for the rest of the evaluation: frozen
-- when Odoo answered, published afterwards.
CREATE TABLE ingest.deferred (
    event_id     uuid PRIMARY KEY REFERENCES ingest.event,
    seq          bigint GENERATED ALWAYS AS IDENTITY,
    mailbox      text NOT NULL,
    subjects     text[] NOT NULL,
    tries        integer NOT NULL DEFAULT 0,
    recorded_at  timestamptz NOT NULL,
    topic        text,
    key          bytea,
    value        bytea,
    headers      jsonb,
    answered_at  timestamptz,
    published_at timestamptz,
    CHECK (num_nulls(topic, key, value, headers, answered_at) IN (0, 5)),
    CHECK (published_at IS NULL OR value IS NOT NULL)
);
CREATE INDEX deferred_waiting ON ingest.deferred (mailbox, tries, seq) WHERE value IS NULL;
CREATE INDEX deferred_unpublished ON ingest.deferred (mailbox, seq) WHERE published_at IS NULL;

-- Public contract.
CREATE VIEW ingest.deferred_v1 AS
SELECT event_id, mailbox, 'facts-' || event_id AS run, subjects, value AS request, recorded_at, answered_at, published_at
FROM ingest.deferred;
