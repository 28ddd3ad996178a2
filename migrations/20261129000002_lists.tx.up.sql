-- Every filter of a list has its index, so that one that finds (almost) nothing does not walk a book of a million
-- lots. A village is the beginning of a name: a range in the order of bytes. The conditions are those of the lists
-- (20261123000006). The number stands last where a filter is one word: its rows then come in the order of the list.
CREATE INDEX lots_list_village ON lots (book_id, village_key COLLATE "C") WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX lots_list_winner ON lots (book_id, winner, id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX lots_list_kind ON lots (book_id, kind, id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX lots_list_trade_kind ON lots (book_id, trade_kind, id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX lots_list_method ON lots (book_id, method, id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX lots_list_outcome ON lots (book_id, outcome, id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX parcels_list_village ON parcels (book_id, village_key COLLATE "C") WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX parcels_list_owner ON parcels (book_id, owner, id) WHERE seq_to IS NULL AND NOT voided AND id > 0;
CREATE INDEX parcels_list_category ON parcels (book_id, category, id) WHERE seq_to IS NULL AND NOT voided AND id > 0;

-- What was returned, and what was approved, is found from the reviews.
CREATE INDEX reviews_verdict ON reviews (book_id, verdict, entry);

-- What does not stand any more as an import made it: few rows, so that an import is counted without reading all of it.
CREATE INDEX lots_import_ended ON lots (book_id, import) WHERE seq_to IS NOT NULL;
CREATE INDEX parcels_import_ended ON parcels (book_id, import) WHERE seq_to IS NOT NULL;
CREATE INDEX verifications_import_ended ON verifications (book_id, import) WHERE seq_to IS NOT NULL;
