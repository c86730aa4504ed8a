-- Addresses that are to be forgotten, as digests, and how far the ledger was searched for them.
CREATE TABLE ingest.erasure (
    digest       text PRIMARY KEY,
    key_check    text NOT NULL,
    requested_at timestamptz NOT NULL,
    cursor       uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    walked_at    timestamptz,
    pages        integer NOT NULL DEFAULT 0,
    rows         jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN ingest.erasure.cursor IS 'events up to here were looked at';
COMMENT ON COLUMN ingest.erasure.rows IS 'how many rows of which table were emptied or deleted';

-- Events without content. A page of them is what the other services are told.
CREATE TABLE ingest.erased (
    event_id  uuid PRIMARY KEY,
    digest    text NOT NULL,
    page      integer,
    erased_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX erased_unnumbered ON ingest.erased (digest) WHERE page IS NULL;
CREATE INDEX erased_by_page ON ingest.erased (digest, page);

CREATE TABLE ingest.erased_page (
    digest       text NOT NULL,
    page         integer NOT NULL,
    published_at timestamptz,
    PRIMARY KEY (digest, page)
);

-- Public contract.
CREATE VIEW ingest.erased_v1 AS SELECT event_id, digest, erased_at FROM ingest.erased;

CREATE VIEW ingest.erasure_v1 AS
SELECT digest, requested_at, pages, rows,
       (SELECT count(*) FROM ingest.erased AS e WHERE e.digest = a.digest) AS events,
       walked_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM ingest.erased AS e WHERE e.digest = a.digest AND page IS NULL)
       AND NOT EXISTS (SELECT FROM ingest.erased_page AS p WHERE p.digest = a.digest AND published_at IS NULL) AS done
FROM ingest.erasure AS a;
