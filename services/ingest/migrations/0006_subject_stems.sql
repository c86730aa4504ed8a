-- Which conversations had mail of a subject (without the prefixes of answers) with a person, and when last: what an answer
-- may be guessed by that names no mail. `stem` is a digest of both; neither can be read from it. What is older than a guess
-- may look back is deleted.
CREATE TABLE ingest.subject_stem (
    mailbox      text NOT NULL,
    stem         uuid NOT NULL,
    conversation uuid NOT NULL,
    last_at      timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (mailbox, stem, conversation)
);
CREATE INDEX subject_stem_by_age ON ingest.subject_stem (mailbox, recorded_at);
