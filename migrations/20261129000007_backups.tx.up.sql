-- What became of the last backup, and of the last one that was whole: for the warning after days without one.
-- Working state: losing it brings the warning.
CREATE TABLE work_backups (
    id text NOT NULL,
    tried_at timestamptz NOT NULL,
    failed text NOT NULL,
    done_at timestamptz,
    file text NOT NULL,
    size bigint NOT NULL,
    with_keys boolean NOT NULL,
    CONSTRAINT work_backups_pkey PRIMARY KEY (id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON work_backups TO mingzhang_writer;
