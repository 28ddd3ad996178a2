-- Lots and parcels as they stand: versions rebuilt from the entries, plus the sums of the half-year
-- summary, kept at its own grain in the same transaction.
CREATE TABLE lots (
    book_id bigint NOT NULL,
    id bigint NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    voided boolean NOT NULL,
    lot_no text NOT NULL,
    lot_no_key text NOT NULL,
    numbered_by_book boolean NOT NULL,
    listing bigint NOT NULL,
    project_no text NOT NULL,
    asset_name text NOT NULL,
    collective text NOT NULL,
    collective_key text NOT NULL,
    kind text NOT NULL,
    trade_kind text NOT NULL,
    method text NOT NULL,
    direction text NOT NULL,
    outcome text NOT NULL,
    hammered_on date,
    base_total money_yuan,
    hammer_total money_yuan,
    base_first_year money_yuan,
    hammer_first_year money_yuan,
    lines text NOT NULL,
    term text NOT NULL,
    term_months bigint,
    term_days bigint,
    lease_from date,
    lease_to date,
    rent_free text NOT NULL,
    escalation text NOT NULL,
    registrants bigint,
    bidders bigint,
    deposit money_yuan,
    winner text NOT NULL,
    claims text NOT NULL,
    content_sha256 text NOT NULL,
    import bigint,
    CONSTRAINT lots_pkey PRIMARY KEY (book_id, id, seq_from),
    CONSTRAINT lots_base_positive CHECK (base_total > 0),
    CONSTRAINT lots_hammer_positive CHECK (hammer_total > 0)
);
CREATE UNIQUE INDEX lots_number ON lots (book_id, lot_no_key, listing) WHERE seq_to IS NULL AND NOT voided;
CREATE INDEX lots_hammered_on ON lots (book_id, hammered_on);
CREATE INDEX lots_content ON lots (book_id, content_sha256) WHERE seq_to IS NULL AND numbered_by_book;
CREATE INDEX lots_seq ON lots (book_id, seq_from);

-- One row a month, direction and outcome: what the summary adds up for whole months.
CREATE TABLE lot_months (
    book_id bigint NOT NULL,
    grain text NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    month bigint NOT NULL,
    direction text NOT NULL,
    outcome text NOT NULL,
    reviewed boolean NOT NULL,
    competitive boolean NOT NULL,
    lots bigint NOT NULL,
    totalled bigint NOT NULL,
    base_total money_yuan NOT NULL,
    hammer_total money_yuan NOT NULL,
    first_year_lots bigint NOT NULL,
    base_first_year money_yuan NOT NULL,
    hammer_first_year money_yuan NOT NULL,
    CONSTRAINT lot_months_pkey PRIMARY KEY (book_id, grain, seq_from)
);
CREATE INDEX lot_months_month ON lot_months (book_id, month, seq_from);
CREATE INDEX lot_months_current ON lot_months (book_id, month) WHERE seq_to IS NULL;
CREATE UNIQUE INDEX lot_months_grain ON lot_months (book_id, grain) WHERE seq_to IS NULL;
CREATE INDEX lot_months_seq ON lot_months (book_id, seq_from);

CREATE TABLE parcels (
    book_id bigint NOT NULL,
    id bigint NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    voided boolean NOT NULL,
    parcel_no text NOT NULL,
    parcel_no_key text NOT NULL,
    numbered_by_book boolean NOT NULL,
    parcel_code text NOT NULL,
    name text NOT NULL,
    owner text NOT NULL,
    tenure_right text NOT NULL,
    tenure_nature text NOT NULL,
    category text NOT NULL,
    holder text NOT NULL,
    holder_key text NOT NULL,
    location text NOT NULL,
    registered_area_mu area_mu,
    floor_area_m2 numeric,
    written text NOT NULL,
    content_sha256 text NOT NULL,
    import bigint,
    CONSTRAINT parcels_pkey PRIMARY KEY (book_id, id, seq_from),
    CONSTRAINT parcels_registered_area_positive CHECK (registered_area_mu > 0),
    CONSTRAINT parcels_floor_area_exact CHECK (scale(floor_area_m2) <= 4 AND floor_area_m2 > 0 AND floor_area_m2 < 1e14)
);
CREATE UNIQUE INDEX parcels_number ON parcels (book_id, parcel_no_key) WHERE seq_to IS NULL AND NOT voided;
CREATE INDEX parcels_code ON parcels (book_id, parcel_code) WHERE seq_to IS NULL AND parcel_code <> '';
CREATE INDEX parcels_content ON parcels (book_id, content_sha256) WHERE seq_to IS NULL AND numbered_by_book;
CREATE INDEX parcels_seq ON parcels (book_id, seq_from);

CREATE TABLE verifications (
    book_id bigint NOT NULL,
    id bigint NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    voided boolean NOT NULL,
    parcel bigint NOT NULL,
    verified_on date NOT NULL,
    verified_area_mu area_mu,
    officers text NOT NULL,
    conclusions text NOT NULL,
    use_state text NOT NULL,
    written text NOT NULL,
    import bigint,
    CONSTRAINT verifications_pkey PRIMARY KEY (book_id, id, seq_from),
    CONSTRAINT verifications_area_positive CHECK (verified_area_mu > 0)
);
CREATE UNIQUE INDEX verifications_once ON verifications (book_id, parcel, verified_on) WHERE seq_to IS NULL AND NOT voided;
CREATE INDEX verifications_verified_on ON verifications (book_id, verified_on);
CREATE INDEX verifications_seq ON verifications (book_id, seq_from);

-- Most books are young: the statistics of a table know nothing of them, and every index that begins with
-- book_id would look as cheap as the right one. Without statistics of book_id the planner takes every book to
-- be one of two hundred, and the further columns of an index decide.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'entries', 'tiles', 'checkpoints', 'sealed', 'idempotency', 'book_profiles', 'persons', 'imports',
        'lots', 'lot_months', 'parcels', 'verifications'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN book_id SET STATISTICS 0', name);
    END LOOP;
END $$;
