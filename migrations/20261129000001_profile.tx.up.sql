-- What a book says of itself may change: disclosure is switched on, keys are exchanged, a new origin is begun
-- (book.disclosed, book.rekeyed, book.reopened). The row of books stays what entry 0 says; the current profile is
-- here. Books that are there already get the new columns from their entries.
ALTER TABLE book_profiles
    ADD COLUMN origin text NOT NULL DEFAULT '',
    ADD COLUMN verifier_key text NOT NULL DEFAULT '',
    ADD COLUMN verifier_keys text[] NOT NULL DEFAULT '{}',
    ADD COLUMN public boolean NOT NULL DEFAULT FALSE,
    ADD COLUMN reopened text NOT NULL DEFAULT '';
ALTER TABLE book_profiles
    ALTER COLUMN origin DROP DEFAULT,
    ALTER COLUMN verifier_key DROP DEFAULT,
    ALTER COLUMN verifier_keys DROP DEFAULT,
    ALTER COLUMN public DROP DEFAULT,
    ALTER COLUMN reopened DROP DEFAULT;
CREATE UNIQUE INDEX book_profiles_current ON book_profiles (book_id) WHERE seq_to IS NULL;
INSERT INTO work_rebuilds SELECT id FROM books ON CONFLICT DO NOTHING;
