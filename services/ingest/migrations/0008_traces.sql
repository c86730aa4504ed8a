-- The trace that a mail's event began: what evaluates the mail again links to it.
CREATE OR REPLACE VIEW ingest.event_v1 AS
SELECT event_id, mailbox, message_id, topic, key, value, recorded_at, published_at,
       (SELECT pair ->> 1 FROM jsonb_array_elements(headers) AS pair WHERE pair ->> 0 = 'traceparent' LIMIT 1) AS traceparent
FROM ingest.event;
