-- Runs over recorded mail that somebody asked for, beside those of rules that were switched on with a backlog.
ALTER TABLE ingest.backlog
    ADD COLUMN kind text NOT NULL DEFAULT 'rule' CHECK (kind IN ('rule', 'backlog')),
    ADD COLUMN ends_at timestamptz,
    ADD COLUMN rate double precision CHECK (rate > 0),
    ADD COLUMN due_at timestamptz,
    ADD COLUMN requested_by text NOT NULL DEFAULT '';
COMMENT ON COLUMN ingest.backlog.kind IS 'rule: it was switched on with a backlog; backlog: somebody asked for it';
COMMENT ON COLUMN ingest.backlog.rate IS 'events per second, at most; null: as fast as the process may';
COMMENT ON COLUMN ingest.backlog.due_at IS 'before then its next events are not published';

CREATE OR REPLACE VIEW ingest.backlog_v1 AS
SELECT run, mailbox, rule_id, direction, begins_at, started_at, total, published, state, moved_at,
       kind, ends_at, rate, requested_by
FROM ingest.backlog;
