-- What the statistics need of a row, so that they are read from the index alone.
CREATE INDEX execution_stats ON audit.execution (finished_at)
INCLUDE (mailbox, rule_id, action_type, state, run, run_at, started_at);

-- Of a share of what is counted, by edge, in edges in rising order: the first edge below which at least that share is.
CREATE FUNCTION audit.edge_of(share double precision, counted bigint[], in_all bigint) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT min(edge) FROM unnest(
        '{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300}'::double precision[], counted
    ) AS given (edge, below)
    WHERE below >= share * in_all AND in_all > 0
$$;

-- The commands whose latest result is of that time or later, each counted once.
CREATE FUNCTION audit.stats_v1(since timestamptz) RETURNS TABLE (
    mailbox text, rule_id text, action_type text, commands bigint, succeeded bigint, failed bigint, skipped bigint,
    planned bigint, retry_wait bigint, seconds_avg double precision, seconds_p50 double precision,
    seconds_p95 double precision, seconds_max double precision, arrival_avg double precision,
    arrival_max double precision, last_finished_at timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH measured AS (
        SELECT
            x.mailbox, x.rule_id, x.action_type, x.state, x.finished_at,
            date_part('epoch', x.finished_at - x.started_at) AS s,
            CASE WHEN x.run = 'live' THEN date_part('epoch', x.finished_at - x.run_at) END AS arrival
        FROM audit.execution x
        WHERE x.finished_at >= since
    ), counted AS (
        SELECT
            m.mailbox, m.rule_id, m.action_type, count(*) AS commands,
            count(*) FILTER (WHERE m.state = 'succeeded') AS succeeded,
            count(*) FILTER (WHERE m.state = 'failed') AS failed,
            count(*) FILTER (WHERE m.state = 'skipped') AS skipped,
            count(*) FILTER (WHERE m.state = 'planned') AS planned,
            count(*) FILTER (WHERE m.state = 'retry_wait') AS retry_wait,
            avg(m.s) AS seconds_avg, max(m.s) AS seconds_max, count(m.s) AS timed,
            ARRAY[
                count(*) FILTER (WHERE m.s <= 0.005), count(*) FILTER (WHERE m.s <= 0.01),
                count(*) FILTER (WHERE m.s <= 0.025), count(*) FILTER (WHERE m.s <= 0.05),
                count(*) FILTER (WHERE m.s <= 0.1), count(*) FILTER (WHERE m.s <= 0.25),
                count(*) FILTER (WHERE m.s <= 0.5), count(*) FILTER (WHERE m.s <= 1),
                count(*) FILTER (WHERE m.s <= 2.5), count(*) FILTER (WHERE m.s <= 5),
                count(*) FILTER (WHERE m.s <= 10), count(*) FILTER (WHERE m.s <= 30),
                count(*) FILTER (WHERE m.s <= 60), count(*) FILTER (WHERE m.s <= 300)
            ] AS below,
            avg(m.arrival) AS arrival_avg, max(m.arrival) AS arrival_max, max(m.finished_at) AS last_finished_at
        FROM measured m
        GROUP BY m.mailbox, m.rule_id, m.action_type
    )
    SELECT
        c.mailbox, c.rule_id, c.action_type, c.commands, c.succeeded, c.failed, c.skipped, c.planned, c.retry_wait,
        c.seconds_avg, least(c.seconds_max, audit.edge_of(0.5, c.below, c.timed)),
        least(c.seconds_max, audit.edge_of(0.95, c.below, c.timed)), c.seconds_max,
        c.arrival_avg, c.arrival_max, c.last_finished_at
    FROM counted c
$$;

CREATE VIEW audit.stats_1h_v1 AS SELECT * FROM audit.stats_v1(now() - interval '1 hour');
CREATE VIEW audit.stats_1d_v1 AS SELECT * FROM audit.stats_v1(now() - interval '1 day');
CREATE VIEW audit.stats_30d_v1 AS SELECT * FROM audit.stats_v1(now() - interval '30 days');
