-- The second belt: even the owner cannot change or empty the book by mistake. Skipped on Citus, which
-- does not distribute tables that have triggers; there the rights of the file before hold alone.
-- Only demo and practice books may be dropped, by the owner.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM books WHERE id = OLD.book_id AND kind IN ('demo', 'practice')
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the book is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;

-- What a book is never changes: neither its kind, which decides whether it may be dropped, nor its key.
CREATE FUNCTION refuse_book_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.kind IN ('demo', 'practice') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the book is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;

CREATE TRIGGER books_append_only BEFORE UPDATE OR DELETE ON books
    FOR EACH ROW EXECUTE FUNCTION refuse_book_change();

CREATE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the book is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;

-- Ending a version is the one change: seq_to from NULL to a later entry, all else as it was.
CREATE FUNCTION refuse_all_but_ending() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD) - 'seq_to';
    after jsonb := to_jsonb(NEW) - 'seq_to';
BEGIN
    IF OLD.seq_to IS NULL AND NEW.seq_to > OLD.seq_from AND before IS NOT DISTINCT FROM after THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the book is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;

DO $$
DECLARE
    name text;
    sealed_off text[] := ARRAY['entries', 'tiles', 'checkpoints', 'sealed', 'idempotency'];
    derived text[] := ARRAY['book_profiles', 'persons', 'imports', 'lots', 'lot_months', 'parcels', 'verifications'];
BEGIN
    FOREACH name IN ARRAY sealed_off LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name || '_append_only', name);
    END LOOP;
    FOREACH name IN ARRAY derived LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_all_but_ending()', name || '_ending', name);
    END LOOP;
    FOREACH name IN ARRAY sealed_off || derived || ARRAY['books', 'book_locks'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_all()', name || '_no_truncate', name);
    END LOOP;
END $$;
