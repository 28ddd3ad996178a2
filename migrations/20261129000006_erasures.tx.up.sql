-- Erasing by law: an entry names the texts, and in its transaction they go from the table sealed, with their salts.
-- The n-th of entries and the n-th of fields name a text.
CREATE TABLE erasures (
    book_id bigint NOT NULL,
    id bigint NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    what text NOT NULL,
    entries text[] NOT NULL,
    fields text[] NOT NULL,
    CONSTRAINT erasures_pkey PRIMARY KEY (book_id, id, seq_from)
);
CREATE INDEX erasures_seq ON erasures (book_id, seq_from);
CREATE INDEX erasures_entries ON erasures USING gin (entries);
ALTER TABLE erasures ALTER COLUMN book_id SET STATISTICS 0;
GRANT SELECT ON erasures TO mingzhang_writer, mingzhang_reader;
GRANT INSERT, UPDATE (seq_to) ON erasures TO mingzhang_writer;
CREATE TRIGGER erasures_append_only BEFORE DELETE ON erasures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER erasures_ending BEFORE UPDATE ON erasures FOR EACH ROW EXECUTE FUNCTION refuse_all_but_ending();
CREATE TRIGGER erasures_no_truncate BEFORE TRUNCATE ON erasures FOR EACH STATEMENT EXECUTE FUNCTION refuse_all();

-- The writer may delete a sealed text that an erasure names, and no other; the owner besides those of demo and
-- practice books. On Citus, where distributed tables have no triggers, the grant stands alone: there check is what
-- finds a text that is gone without an erasure.
CREATE FUNCTION refuse_unnamed_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM erasures AS e, unnest(e.entries, e.fields) AS t (entry, field)
        WHERE e.book_id = OLD.book_id AND e.entries @> ARRAY[OLD.seq::text] AND t.entry = OLD.seq::text AND t.field = OLD.field
    ) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'DELETE' AND current_user <> 'mingzhang_writer' AND EXISTS (
        SELECT FROM books WHERE id = OLD.book_id AND kind IN ('demo', 'practice')
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the book is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;
DROP TRIGGER sealed_append_only ON sealed;
CREATE TRIGGER sealed_append_only BEFORE UPDATE OR DELETE ON sealed FOR EACH ROW EXECUTE FUNCTION refuse_unnamed_erasure();
GRANT DELETE ON sealed TO mingzhang_writer;
