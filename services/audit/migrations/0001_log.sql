-- The log is partitioned by the month of run_at, the frozen moment at which this run of the event began. It is the
-- same in every repeat of a record, so the primary keys recognise repeats across partitions.

CREATE TABLE audit.decision (
    decision_id uuid NOT NULL,
    run_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    run text NOT NULL,
    mailbox text NOT NULL,
    conversation uuid NOT NULL,
    message_id text,
    content_uri text NOT NULL,
    direction text NOT NULL,
    trigger text NOT NULL,
    outcome text NOT NULL,
    ruleset_version bigint NOT NULL,
    dry_run boolean NOT NULL,
    verdicts jsonb NOT NULL,
    verdicts_omitted bigint NOT NULL,
    commands jsonb NOT NULL,
    trace_id text NOT NULL,
    received_at timestamptz NOT NULL,
    logged_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (decision_id, run_at)
) PARTITION BY RANGE (run_at);

CREATE INDEX decision_event ON audit.decision (event_id);
CREATE INDEX decision_conversation ON audit.decision (conversation);
CREATE INDEX decision_mailbox ON audit.decision (mailbox, run_at);
-- A Message-ID may be longer than a B-tree takes.
CREATE INDEX decision_message ON audit.decision USING hash (message_id);

CREATE TABLE audit.execution (
    command_id uuid NOT NULL,
    run_at timestamptz NOT NULL,
    sequence bigint NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    text text NOT NULL,
    attempt bigint NOT NULL,
    decision_id uuid NOT NULL,
    event_id uuid NOT NULL,
    run text NOT NULL,
    rule_id text NOT NULL,
    rule_name text NOT NULL,
    rule_revision bigint NOT NULL,
    trigger text NOT NULL,
    action_id text NOT NULL,
    action_type text NOT NULL,
    mailbox text NOT NULL,
    conversation uuid NOT NULL,
    message_id text,
    content_uri text NOT NULL,
    idempotency_key text NOT NULL,
    scope text NOT NULL,
    generation bigint NOT NULL,
    dry_run boolean NOT NULL,
    started_at timestamptz,
    finished_at timestamptz NOT NULL,
    produced jsonb NOT NULL,
    next_command uuid,
    trace_id text NOT NULL,
    logged_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (command_id, run_at)
) PARTITION BY RANGE (run_at);

CREATE INDEX execution_event ON audit.execution (event_id);
CREATE INDEX execution_conversation ON audit.execution (conversation);
CREATE INDEX execution_mailbox ON audit.execution (mailbox, finished_at);
CREATE INDEX execution_message ON audit.execution USING hash (message_id);

CREATE TABLE audit.decision_default PARTITION OF audit.decision DEFAULT;
CREATE TABLE audit.execution_default PARTITION OF audit.execution DEFAULT;

-- The commands that were announced and whose final result was not seen when they were last looked at. Only open work
-- stays here, so that "what is unfinished?" costs the same however long the log is.
CREATE TABLE audit.expected (
    command_id uuid PRIMARY KEY,
    run_at timestamptz NOT NULL,
    decision_id uuid NOT NULL,
    event_id uuid NOT NULL,
    mailbox text NOT NULL,
    run text NOT NULL,
    expected_at timestamptz NOT NULL DEFAULT now()
);

-- Makes the partition of a month and moves there what the default partition holds of it. Returns whether it was made.
CREATE FUNCTION audit.make_month(parent text, month date) RETURNS boolean
LANGUAGE plpgsql SET lock_timeout = '5s' AS $$
DECLARE
    part text := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
    begins timestamptz := month::timestamp AT TIME ZONE 'UTC';
    ends timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('maildesk-audit-months'));
    -- A query, since to_regclass may answer from a cache that has not heard of what another process just made.
    IF EXISTS (SELECT FROM pg_class WHERE relnamespace = 'audit'::regnamespace AND relname = part) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE audit.%I (LIKE audit.%I INCLUDING ALL)', part, parent);
    -- Attaching fails while the default partition holds a row of the range, so nobody may add one from here on.
    EXECUTE format('LOCK TABLE audit.%I IN ACCESS EXCLUSIVE MODE', parent || '_default');
    EXECUTE format(
        'WITH moved AS (DELETE FROM audit.%I WHERE run_at >= $1 AND run_at < $2 RETURNING *)'
        ' INSERT INTO audit.%I SELECT * FROM moved', parent || '_default', part
    ) USING begins, ends;
    EXECUTE format(
        'ALTER TABLE audit.%I ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', parent, part, begins, ends
    );
    RETURN true;
END $$;

-- Drops the partitions of the months before a month, and what the default partition holds of them. Returns their names.
CREATE FUNCTION audit.drop_months(before date) RETURNS text[]
LANGUAGE plpgsql SET lock_timeout = '5s' AS $$
DECLARE
    part text;
    dropped text[] := '{}';
    ends timestamptz := before::timestamp AT TIME ZONE 'UTC';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('maildesk-audit-months'));
    FOR part IN
        SELECT child.relname FROM pg_inherits
        JOIN pg_class child ON child.oid = inhrelid
        WHERE inhparent IN ('audit.decision'::regclass, 'audit.execution'::regclass)
          AND child.relname ~ '_\d{4}_\d{2}$'
          AND to_date(right(child.relname, 7), 'YYYY_MM') < before
        ORDER BY child.relname
    LOOP
        EXECUTE format('DROP TABLE audit.%I', part);
        dropped := dropped || part;
    END LOOP;
    DELETE FROM audit.decision_default WHERE run_at < ends;
    DELETE FROM audit.execution_default WHERE run_at < ends;
    DELETE FROM audit.expected WHERE run_at < ends;
    RETURN dropped;
END $$;
