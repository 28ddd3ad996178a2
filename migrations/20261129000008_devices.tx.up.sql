-- Browsers from which somebody has signed in before. Their failures are counted apart, so that a stranger who guesses at
-- a login keeps only strangers waiting. Working state: losing it costs nobody more than the waits of the account.
CREATE TABLE work_devices (
    token_sha256 bytea NOT NULL,
    account bigint NOT NULL,
    seen_at timestamptz NOT NULL,
    CONSTRAINT work_devices_pkey PRIMARY KEY (token_sha256)
);
CREATE INDEX work_devices_account ON work_devices (account, seen_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON work_devices TO mingzhang_writer;
