-- The book: what every domain's rows stand on. docs/decisions.md says why it is so.
-- Exact numbers are plain numeric with checks: numeric(18,2) would round in silence.
CREATE DOMAIN money_yuan AS numeric
    CONSTRAINT money_yuan_exact CHECK (scale(VALUE) <= 2 AND abs(VALUE) < 1e18 AND VALUE <> 'NaN');
CREATE DOMAIN area_mu AS numeric
    CONSTRAINT area_mu_exact CHECK (scale(VALUE) <= 11 AND abs(VALUE) < 1e14 AND VALUE <> 'NaN');

-- Installation tables: books. The installation's own log is book 0.
CREATE TABLE books (
    id bigint NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    origin text NOT NULL,
    verifier_key text NOT NULL,
    CONSTRAINT books_pkey PRIMARY KEY (id),
    CONSTRAINT books_code UNIQUE (code),
    CONSTRAINT books_origin UNIQUE (origin),
    CONSTRAINT books_kind CHECK (kind IN ('installation', 'office', 'demo', 'practice'))
);

-- The lock of a book's sequencer. FOR UPDATE on it is the one lock that is ever taken.
CREATE TABLE book_locks (
    book_id bigint NOT NULL,
    CONSTRAINT book_locks_pkey PRIMARY KEY (book_id)
);

-- Book tables: the book's id comes first in every key, no foreign keys among them, so that books can
-- be spread over machines. Their references are held by decide and by check.
CREATE TABLE entries (
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    leaf_hash bytea NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT entries_pkey PRIMARY KEY (book_id, seq),
    CONSTRAINT entries_seq CHECK (seq >= 0),
    CONSTRAINT entries_leaf_hash CHECK (octet_length(leaf_hash) = 32),
    CONSTRAINT entries_body CHECK (octet_length(body) BETWEEN 8 AND 65535)
);

-- Full tiles only: 256 hashes that never change again. root is the tile's hash in the level above.
CREATE TABLE tiles (
    book_id bigint NOT NULL,
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    root bytea NOT NULL,
    CONSTRAINT tiles_pkey PRIMARY KEY (book_id, level, index),
    CONSTRAINT tiles_hashes CHECK (octet_length(hashes) = 8192),
    CONSTRAINT tiles_root CHECK (octet_length(root) = 32)
);

CREATE TABLE checkpoints (
    book_id bigint NOT NULL,
    size bigint NOT NULL,
    root bytea NOT NULL,
    note text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT checkpoints_pkey PRIMARY KEY (book_id, size),
    CONSTRAINT checkpoints_size CHECK (size > 0),
    CONSTRAINT checkpoints_root CHECK (octet_length(root) = 32)
);

-- Clear text of what stands in an entry only as a salted commitment.
CREATE TABLE sealed (
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    field text NOT NULL,
    salt bytea NOT NULL,
    value text NOT NULL,
    CONSTRAINT sealed_pkey PRIMARY KEY (book_id, seq, field),
    CONSTRAINT sealed_salt CHECK (octet_length(salt) = 32),
    CONSTRAINT sealed_value CHECK (length(value) <= 4000)
);
CREATE INDEX sealed_name ON sealed (book_id, value) WHERE field = 'name';

CREATE TABLE idempotency (
    book_id bigint NOT NULL,
    actor text NOT NULL,
    key text NOT NULL,
    body_sha256 bytea NOT NULL,
    seq_first bigint NOT NULL,
    seq_last bigint NOT NULL,
    CONSTRAINT idempotency_pkey PRIMARY KEY (book_id, actor, key),
    CONSTRAINT idempotency_body_sha256 CHECK (octet_length(body_sha256) = 32)
);

-- Derived tables of the book itself. Every derived row is a version: seq_to is NULL while current.
CREATE TABLE book_profiles (
    book_id bigint NOT NULL,
    id bigint NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    code text NOT NULL,
    kind text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    division text NOT NULL,
    CONSTRAINT book_profiles_pkey PRIMARY KEY (book_id, id, seq_from)
);

CREATE TABLE persons (
    book_id bigint NOT NULL,
    id bigint NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    CONSTRAINT persons_pkey PRIMARY KEY (book_id, id, seq_from)
);

CREATE TABLE imports (
    book_id bigint NOT NULL,
    id bigint NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    what text NOT NULL,
    file_sha256 text NOT NULL,
    records bigint NOT NULL,
    CONSTRAINT imports_pkey PRIMARY KEY (book_id, id, seq_from)
);
CREATE INDEX imports_file ON imports (book_id, file_sha256);
