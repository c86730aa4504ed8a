-- How a row's links are made; the service writes its settings here when it starts.
CREATE TABLE audit.link (
    kind text PRIMARY KEY CHECK (kind IN ('mail', 'trace')),
    template text NOT NULL
);
INSERT INTO audit.link VALUES ('mail', 'mid:{message_id}');

-- RFC 3986 §2.1 and §2.3: everything but unreserved characters as percent-encoded UTF-8. Nearly every Message-ID takes
-- the short way, since this runs for every row.
CREATE FUNCTION audit.url_part(given text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN given ~ '^[A-Za-z0-9._~@+=$-]*$'
        THEN replace(replace(replace(replace(given, '@', '%40'), '+', '%2B'), '=', '%3D'), '$', '%24')
        ELSE (
            SELECT string_agg(
                CASE WHEN bytes[1] ~ '^(2d|2e|5f|7e|3[0-9]|4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])$'
                THEN convert_from(decode(bytes[1], 'hex'), 'UTF8') ELSE '%' || upper(bytes[1]) END, '' ORDER BY place
            )
            FROM regexp_matches(encode(convert_to(given, 'UTF8'), 'hex'), '..', 'g')
                WITH ORDINALITY AS found (bytes, place)
        ) END
$$;

-- The template of a kind with every name filled in; null without a template, or when it names what the row lacks.
CREATE FUNCTION audit.link_to(wanted text, given jsonb) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN NOT bool_or(part[2] IS NOT NULL AND given ->> part[2] IS NULL)
        THEN string_agg(part[1] || coalesce(audit.url_part(given ->> part[2]), ''), '' ORDER BY place) END
    FROM audit.link, regexp_matches(template, '([^{]*)(?:\{([a-z_]+)\})?', 'g') WITH ORDINALITY AS found (part, place)
    WHERE kind = wanted AND template <> ''
$$;

CREATE OR REPLACE VIEW audit.execution_log_v1 AS
SELECT
    command_id, run_at, sequence, state, reason, text, attempt,
    decision_id, event_id, run, dry_run, trigger,
    rule_id, rule_name, rule_revision, action_id, action_type,
    mailbox, conversation, message_id, content_uri,
    idempotency_key, scope, generation,
    started_at, finished_at,
    extract(epoch FROM finished_at - started_at)::double precision AS duration,
    produced ->> 'kind' AS produced_kind,
    nullif(produced ->> 'uri', '') AS produced_uri,
    nullif(produced ->> 'model', '') AS produced_model,
    nullif((produced ->> 'res_id')::bigint, 0) AS produced_id,
    nullif(produced ->> 'url', '') AS produced_url,
    produced ->> 'text' AS produced_text,
    produced -> 'details' AS produced_details,
    next_command,
    nullif(trace_id, '') AS trace_id,
    logged_at,
    undoes,
    audit.link_to('mail', jsonb_build_object(
        'mailbox', mailbox, 'message_id', btrim(message_id, '<>'), 'event_id', event_id, 'content_uri', content_uri
    )) AS mail_url,
    audit.link_to('trace', jsonb_build_object('trace_id', nullif(trace_id, ''))) AS trace_url
FROM audit.execution;

CREATE OR REPLACE VIEW audit.decision_log_v1 AS
SELECT
    decision_id, run_at, event_id, run, dry_run, trigger, direction, outcome, ruleset_version,
    mailbox, conversation, message_id, content_uri,
    verdicts, verdicts_omitted, commands,
    nullif(trace_id, '') AS trace_id,
    received_at, logged_at,
    audit.link_to('mail', jsonb_build_object(
        'mailbox', mailbox, 'message_id', btrim(message_id, '<>'), 'event_id', event_id, 'content_uri', content_uri
    )) AS mail_url,
    audit.link_to('trace', jsonb_build_object('trace_id', nullif(trace_id, ''))) AS trace_url
FROM audit.decision;
