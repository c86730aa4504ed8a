-- name: insert_decisions
INSERT INTO audit.decision (
    decision_id, run_at, event_id, run, mailbox, conversation, message_id, content_uri, direction, trigger, outcome,
    ruleset_version, dry_run, verdicts, verdicts_omitted, commands, trace_id, received_at
)
SELECT
    decision_id, run_at, event_id, run, mailbox, conversation, message_id, content_uri, direction, trigger, outcome,
    ruleset_version, dry_run, verdicts::jsonb, verdicts_omitted, commands::jsonb, trace_id, received_at
FROM unnest(
    $1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::bigint[], $13::boolean[], $14::text[], $15::bigint[], $16::text[], $17::text[],
    $18::timestamptz[]
) AS given (
    decision_id, run_at, event_id, run, mailbox, conversation, message_id, content_uri, direction, trigger, outcome,
    ruleset_version, dry_run, verdicts, verdicts_omitted, commands, trace_id, received_at
)
ON CONFLICT (decision_id, run_at) DO NOTHING

-- name: insert_executions
INSERT INTO audit.execution AS held (
    command_id, run_at, sequence, state, reason, text, attempt, decision_id, event_id, run, rule_id, rule_name,
    rule_revision, trigger, action_id, action_type, mailbox, conversation, message_id, content_uri, idempotency_key,
    scope, generation, dry_run, started_at, finished_at, produced, next_command, trace_id, undoes
)
SELECT
    command_id, run_at, sequence, state, reason, text, attempt, decision_id, event_id, run, rule_id, rule_name,
    rule_revision, trigger, action_id, action_type, mailbox, conversation, message_id, content_uri, idempotency_key,
    scope, generation, dry_run, started_at, finished_at, produced::jsonb, next_command, trace_id, undoes
FROM unnest(
    $1::uuid[], $2::timestamptz[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::uuid[],
    $9::uuid[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::text[], $15::text[], $16::text[],
    $17::text[], $18::uuid[], $19::text[], $20::text[], $21::text[], $22::text[], $23::bigint[], $24::boolean[],
    $25::timestamptz[], $26::timestamptz[], $27::text[], $28::uuid[], $29::text[], $30::uuid[]
) AS given (
    command_id, run_at, sequence, state, reason, text, attempt, decision_id, event_id, run, rule_id, rule_name,
    rule_revision, trigger, action_id, action_type, mailbox, conversation, message_id, content_uri, idempotency_key,
    scope, generation, dry_run, started_at, finished_at, produced, next_command, trace_id, undoes
)
ON CONFLICT (command_id, run_at) DO UPDATE SET
    sequence = excluded.sequence, state = excluded.state, reason = excluded.reason, text = excluded.text,
    attempt = excluded.attempt, decision_id = excluded.decision_id, event_id = excluded.event_id, run = excluded.run,
    rule_id = excluded.rule_id, rule_name = excluded.rule_name, rule_revision = excluded.rule_revision,
    trigger = excluded.trigger, action_id = excluded.action_id, action_type = excluded.action_type,
    mailbox = excluded.mailbox, conversation = excluded.conversation, message_id = excluded.message_id,
    content_uri = excluded.content_uri, idempotency_key = excluded.idempotency_key, scope = excluded.scope,
    generation = excluded.generation, dry_run = excluded.dry_run, started_at = excluded.started_at,
    finished_at = excluded.finished_at, produced = excluded.produced, next_command = excluded.next_command,
    trace_id = excluded.trace_id, undoes = excluded.undoes, logged_at = excluded.logged_at
WHERE held.sequence < excluded.sequence

-- name: insert_expected
INSERT INTO audit.expected (command_id, run_at, decision_id, event_id, mailbox, run)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
    AS given (command_id, run_at, decision_id, event_id, mailbox, run)
WHERE NOT EXISTS (
    SELECT FROM audit.execution x
    WHERE x.command_id = given.command_id AND x.state IN ('succeeded', 'failed', 'skipped', 'planned')
)
ON CONFLICT (command_id) DO NOTHING

-- name: settle
DELETE FROM audit.expected e
WHERE e.command_id = ANY ($1::uuid[]) AND EXISTS (
    SELECT FROM audit.execution x
    WHERE x.command_id = e.command_id AND x.state IN ('succeeded', 'failed', 'skipped', 'planned')
)

-- name: make_month
SELECT audit.make_month($1, $2)

-- name: drop_months
SELECT audit.drop_months($1)

-- name: default_rows
SELECT (SELECT count(*) FROM audit.decision_default) + (SELECT count(*) FROM audit.execution_default)

-- name: set_links
INSERT INTO audit.link AS held (kind, template) VALUES ('mail', $1), ('trace', $2)
ON CONFLICT (kind) DO UPDATE SET template = excluded.template WHERE held.template <> excluded.template
