-- What several people in one book need: reviews, villages as the bounds of rights, and lists that answer in
-- milliseconds at a million lots. Rows that are there already get their new columns from the entries: the
-- program rebuilds the derived rows of each book named in work_rebuilds (Store.RebuildPending).
CREATE TABLE reviews (
    book_id bigint NOT NULL,
    id bigint NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    entry bigint NOT NULL,
    what text NOT NULL,
    verdict text NOT NULL,
    exceptions text NOT NULL,
    records bigint NOT NULL,
    reviewer text NOT NULL,
    CONSTRAINT reviews_pkey PRIMARY KEY (book_id, id, seq_from),
    CONSTRAINT reviews_verdict CHECK (verdict IN ('approved', 'returned'))
);
CREATE INDEX reviews_entry ON reviews (book_id, entry, id);
CREATE INDEX reviews_seq ON reviews (book_id, seq_from);
ALTER TABLE reviews ALTER COLUMN book_id SET STATISTICS 0;
GRANT SELECT ON reviews TO mingzhang_writer, mingzhang_reader;
GRANT INSERT, UPDATE (seq_to) ON reviews TO mingzhang_writer;
CREATE TRIGGER reviews_append_only BEFORE DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reviews_ending BEFORE UPDATE ON reviews FOR EACH ROW EXECUTE FUNCTION refuse_all_but_ending();
CREATE TRIGGER reviews_no_truncate BEFORE TRUNCATE ON reviews FOR EACH STATEMENT EXECUTE FUNCTION refuse_all();

-- An import is found by who entered it: nobody reviews their own.
ALTER TABLE imports ADD COLUMN entered_by text NOT NULL DEFAULT '';
ALTER TABLE imports ALTER COLUMN entered_by DROP DEFAULT;

ALTER TABLE lots
    ADD COLUMN village text NOT NULL DEFAULT '',
    ADD COLUMN village_key text NOT NULL DEFAULT '',
    ADD COLUMN grams text[] NOT NULL DEFAULT '{}';
ALTER TABLE lots
    ALTER COLUMN village DROP DEFAULT,
    ALTER COLUMN village_key DROP DEFAULT,
    ALTER COLUMN grams DROP DEFAULT;
ALTER TABLE parcels
    ADD COLUMN village text NOT NULL DEFAULT '',
    ADD COLUMN village_key text NOT NULL DEFAULT '',
    ADD COLUMN grams text[] NOT NULL DEFAULT '{}';
ALTER TABLE parcels
    ALTER COLUMN village DROP DEFAULT,
    ALTER COLUMN village_key DROP DEFAULT,
    ALTER COLUMN grams DROP DEFAULT;

-- Lists: a fixed set of sorts over current rows, each with its index; a row without a day or a total sorts first.
-- A list says id > 0, which is always so, and what looks a record up by its number does not: as long as a table has
-- no statistics one partial index of current rows looks as cheap as another, and a look-up would read a whole book.
CREATE INDEX lots_list_id ON lots (book_id, id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX lots_list_number ON lots (book_id, lot_no_key COLLATE "C", id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX lots_list_day ON lots (book_id, (COALESCE(hammered_on, DATE '0001-01-01')), id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX lots_list_amount ON lots (book_id, (COALESCE(hammer_total::numeric, 0)), id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX lots_list_import ON lots (book_id, import, id);
CREATE INDEX lots_grams ON lots USING gin (grams) WHERE seq_to IS NULL;
CREATE INDEX parcels_list_id ON parcels (book_id, id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX parcels_list_number ON parcels (book_id, parcel_no_key COLLATE "C", id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX parcels_list_import ON parcels (book_id, import, id);
CREATE INDEX parcels_grams ON parcels USING gin (grams) WHERE seq_to IS NULL;
CREATE INDEX verifications_list_import ON verifications (book_id, import, id);

-- Books whose derived rows have to be made anew from their entries by the next `migrate`. Working state.
CREATE TABLE work_rebuilds (
    book_id bigint NOT NULL,
    CONSTRAINT work_rebuilds_pkey PRIMARY KEY (book_id)
);
INSERT INTO work_rebuilds SELECT id FROM books;
GRANT SELECT ON work_rebuilds TO mingzhang_writer, mingzhang_reader;
