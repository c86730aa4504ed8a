CREATE TABLE actions.reply (
    command_id uuid PRIMARY KEY,
    mailbox    text NOT NULL,
    counted_at timestamptz NOT NULL DEFAULT now(),
    taken_at   timestamptz
);
COMMENT ON TABLE actions.reply IS 'Automatic replies that were let through the caps, and when the SMTP server took them.';
CREATE INDEX reply_counted ON actions.reply (counted_at);

CREATE TABLE actions.reply_count (
    subject text NOT NULL,
    seconds integer NOT NULL,
    slot    bigint NOT NULL,
    replies integer NOT NULL,
    cap     integer NOT NULL,
    PRIMARY KEY (subject, seconds, slot)
);
COMMENT ON TABLE actions.reply_count IS 'Replies per sender and per mailbox in slots of fixed length, counted from 1970 in UTC.';
