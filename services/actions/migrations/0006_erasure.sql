-- Senders stand in keys as SHA-256 of their address (schemas/scope.py, hashed): keys are kept for ever. What is no key per
-- sender, or has its hash already, stays.
CREATE FUNCTION actions.hashed_sender(subject text, form text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(
        (SELECT part[1] || encode(sha256(convert_to(part[2], 'UTF8')), 'hex') || part[3]
         FROM regexp_matches(subject, form) AS part
         WHERE part[2] <> '' AND part[2] !~ '^[0-9a-f]{64}$'),
        subject)
$$;
UPDATE actions.claim SET subject = actions.hashed_sender(subject, '^([^/]*/sender:)(.*)(:[0-9]+:[0-9]+)$')
WHERE subject LIKE '%/sender:%';
UPDATE actions.command SET subject = actions.hashed_sender(subject, '^([^/]*/sender:)(.*)(:[0-9]+:[0-9]+)$')
WHERE subject LIKE '%/sender:%';
UPDATE actions.reply_count SET subject = actions.hashed_sender(subject, '^(sender:[^:]*:)(.*)()$')
WHERE subject LIKE 'sender:%';
DROP FUNCTION actions.hashed_sender;

-- Events whose content is to be forgotten here: those that come later as well.
CREATE TABLE actions.erased (
    event_id uuid PRIMARY KEY,
    digest   text NOT NULL
);

CREATE TABLE actions.erasure (
    digest text PRIMARY KEY,
    pages  integer[] NOT NULL DEFAULT '{}',
    rows   jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN actions.erasure.rows IS 'how many rows of which table were emptied or deleted';

ALTER TABLE actions.command ADD COLUMN erasure text CHECK (erasure IN ('due', 'done'));
COMMENT ON COLUMN actions.command.erasure IS
    'due: it never acts from here on, and its content goes once nobody has a lease on it; done: it is gone';
CREATE INDEX command_erasure_due ON actions.command (seq) WHERE erasure = 'due';

-- Public contract.
CREATE VIEW actions.erasure_v1 AS
SELECT digest, cardinality(pages) AS pages, rows,
       NOT EXISTS (
           SELECT FROM actions.command AS c JOIN actions.erased AS e USING (event_id)
           WHERE c.erasure = 'due' AND e.digest = a.digest
       ) AS done
FROM actions.erasure AS a;
