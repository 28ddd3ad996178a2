-- Files that wait between the steps of an import: kept for a day, for whoever sent them. Working state: losing it
-- means to choose the file again. In parts, so that no statement carries a whole file.
CREATE TABLE work_uploads (
    id text NOT NULL,
    account bigint NOT NULL,
    of_book bigint NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    made_at timestamptz NOT NULL,
    CONSTRAINT work_uploads_pkey PRIMARY KEY (id)
);
CREATE INDEX work_uploads_account ON work_uploads (account, made_at);

CREATE TABLE work_upload_parts (
    upload text NOT NULL,
    part bigint NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT work_upload_parts_pkey PRIMARY KEY (upload, part)
);
GRANT SELECT, INSERT, DELETE ON work_uploads, work_upload_parts TO mingzhang_writer;
