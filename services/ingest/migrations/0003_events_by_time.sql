-- For those who read what a mailbox received, the newest first (services/ingest/recorded.py).

CREATE INDEX event_by_time ON ingest.event (mailbox, received_at, event_id);
