-- What witnesses said of a book's checkpoints (C2SP tlog-witness): their cosignature lines, and for each witness what
-- came of the last attempt. Working state: a lost line is given again by the witness, and no report changes.
CREATE TABLE work_cosignatures (
    book_id bigint NOT NULL,
    size bigint NOT NULL,
    witness text NOT NULL,
    line text NOT NULL,
    CONSTRAINT work_cosignatures_pkey PRIMARY KEY (book_id, size, witness)
);
CREATE INDEX work_cosignatures_witness ON work_cosignatures (book_id, witness, size);

CREATE TABLE work_witnesses (
    book_id bigint NOT NULL,
    witness text NOT NULL,
    tried_at timestamptz NOT NULL,
    fault text NOT NULL,
    said bigint NOT NULL,
    shown bigint NOT NULL,
    CONSTRAINT work_witnesses_pkey PRIMARY KEY (book_id, witness)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON work_cosignatures, work_witnesses TO mingzhang_writer;
