-- What the writer and the reader may do. Append-only is held here first: the writer cannot UPDATE or
-- DELETE anything but the two named below. The triggers of the next file are the second belt.
-- The roles themselves are made by Apply, because they belong to the cluster, not to the database.
GRANT USAGE ON SCHEMA public TO mingzhang_writer, mingzhang_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO mingzhang_writer, mingzhang_reader;
GRANT INSERT ON
    books, book_locks, entries, tiles, checkpoints, sealed, idempotency,
    book_profiles, persons, imports, lots, lot_months, parcels, verifications
    TO mingzhang_writer;

-- FOR UPDATE on the lock's row needs UPDATE on the table; there is nothing in it to change.
GRANT UPDATE ON book_locks TO mingzhang_writer;

-- A version ends when the next begins. Nothing else in a derived row can be changed.
GRANT UPDATE (seq_to) ON
    book_profiles, persons, imports, lots, lot_months, parcels, verifications
    TO mingzhang_writer;
