-- Events whose content is to be forgotten here. Rows of them that are written later come without it as well.
CREATE TABLE audit.erased (
    event_id uuid PRIMARY KEY,
    digest   text NOT NULL
);

CREATE TABLE audit.erasure (
    digest text PRIMARY KEY,
    pages  integer[] NOT NULL DEFAULT '{}',
    rows   jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN audit.erasure.rows IS 'how many rows of which table were emptied';

CREATE FUNCTION audit.decision_without_content() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM audit.erased WHERE event_id = NEW.event_id) THEN
        NEW.message_id := NULL;
        NEW.content_uri := '';
        NEW.verdicts_omitted := NEW.verdicts_omitted + jsonb_array_length(NEW.verdicts);
        NEW.verdicts := '[]';
    END IF;
    RETURN NEW;
END $$;

-- A reason is a code; a key made before senders stood in it as hashes may hold an address.
CREATE FUNCTION audit.execution_without_content() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM audit.erased WHERE event_id = NEW.event_id) THEN
        NEW.message_id := NULL;
        NEW.content_uri := '';
        NEW.text := '';
        NEW.reason := CASE WHEN NEW.reason ~ '^[a-z0-9_-]*$' THEN NEW.reason ELSE 'erased' END;
        NEW.idempotency_key := CASE WHEN NEW.idempotency_key LIKE '%sender:%@%' THEN 'erased' ELSE NEW.idempotency_key END;
        NEW.produced := NEW.produced || '{"uri": "", "text": "", "details": {}}';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER without_content BEFORE INSERT OR UPDATE ON audit.decision
FOR EACH ROW EXECUTE FUNCTION audit.decision_without_content();
CREATE TRIGGER without_content BEFORE INSERT OR UPDATE ON audit.execution
FOR EACH ROW EXECUTE FUNCTION audit.execution_without_content();

-- Public contract.
CREATE VIEW audit.erasure_v1 AS SELECT digest, cardinality(pages) AS pages, rows, true AS done FROM audit.erasure;
