-- Which process reads which mailbox. A worker is one life of a process: a process that is started again is another one.
-- It lives until `until`, by the clock of this database, unless it says again that it does.
CREATE TABLE ingest.worker (
    worker    text PRIMARY KEY,
    name      text NOT NULL,
    mailboxes text[] NOT NULL,
    until     timestamptz NOT NULL
);

-- A lease lasts as long as its worker lives. The fence rises with every lease: who holds an old one records nothing.
CREATE SEQUENCE ingest.fence;
CREATE TABLE ingest.lease (
    mailbox  text PRIMARY KEY,
    worker   text NOT NULL,
    fence    bigint NOT NULL DEFAULT nextval('ingest.fence'),
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Public contract.
CREATE VIEW ingest.lease_v1 AS
SELECT mailbox, name, worker, fence, taken_at, until, until > clock_timestamp() AS alive
FROM ingest.lease LEFT JOIN ingest.worker USING (worker);
