-- Addresses that are to be forgotten, as digests: who asked, and when last. Kafka keeps the same for ever.
CREATE TABLE console.erasure (
    digest       text PRIMARY KEY,
    key_check    text NOT NULL,
    requested_at timestamptz NOT NULL,
    requested_by text NOT NULL,
    published_at timestamptz
);
