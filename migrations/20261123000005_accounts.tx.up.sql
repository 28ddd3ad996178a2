-- Accounts and rights: derived from entries of the installation's own log (book 0), like every derived table.
CREATE TABLE accounts (
    book_id bigint NOT NULL,
    id bigint NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    login text NOT NULL,
    demo boolean NOT NULL,
    disabled boolean NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (book_id, id, seq_from)
);
CREATE UNIQUE INDEX accounts_login ON accounts (book_id, login) WHERE seq_to IS NULL;
CREATE UNIQUE INDEX accounts_current ON accounts (book_id, id) WHERE seq_to IS NULL;
CREATE INDEX accounts_seq ON accounts (book_id, seq_from);

-- of_book is the number of the book that the right is in; an administrator's is in none.
CREATE TABLE rights (
    book_id bigint NOT NULL,
    id bigint NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    account bigint NOT NULL,
    role text NOT NULL,
    of_book bigint,
    villages text NOT NULL,
    facts_from date,
    facts_to date,
    until date,
    revoked boolean NOT NULL,
    CONSTRAINT rights_pkey PRIMARY KEY (book_id, id, seq_from)
);
CREATE INDEX rights_account ON rights (book_id, account) WHERE seq_to IS NULL;
CREATE INDEX rights_administrators ON rights (book_id) WHERE seq_to IS NULL AND NOT revoked AND role = 'administrator';
CREATE INDEX rights_seq ON rights (book_id, seq_from);

GRANT SELECT ON accounts, rights TO mingzhang_writer, mingzhang_reader;
GRANT INSERT, UPDATE (seq_to) ON accounts, rights TO mingzhang_writer;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['accounts', 'rights'] LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN book_id SET STATISTICS 0', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name || '_append_only', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_all_but_ending()', name || '_ending', name);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_all()', name || '_no_truncate', name);
    END LOOP;
END $$;

-- Working state: losing it changes no report, people only have to sign in anew or be given new codes. The reader sees
-- none of it. Of secrets that people do not choose only SHA-256 is kept.
CREATE TABLE work_credentials (
    account bigint NOT NULL,
    password_hash text NOT NULL,
    code_sha256 bytea,
    code_until timestamptz,
    totp_secret bytea,
    totp_pending bytea,
    totp_step bigint NOT NULL,
    CONSTRAINT work_credentials_pkey PRIMARY KEY (account)
);

CREATE TABLE work_recovery (
    account bigint NOT NULL,
    code_sha256 bytea NOT NULL,
    CONSTRAINT work_recovery_pkey PRIMARY KEY (account, code_sha256)
);

CREATE TABLE work_sessions (
    token_sha256 bytea NOT NULL,
    id text NOT NULL,
    account bigint NOT NULL,
    opened_at timestamptz NOT NULL,
    proved_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz,
    address text NOT NULL,
    agent text NOT NULL,
    CONSTRAINT work_sessions_pkey PRIMARY KEY (token_sha256),
    CONSTRAINT work_sessions_id UNIQUE (id)
);
CREATE INDEX work_sessions_account ON work_sessions (account);

CREATE TABLE work_tokens (
    token_sha256 bytea NOT NULL,
    id text NOT NULL,
    account bigint NOT NULL,
    name text NOT NULL,
    of_book bigint NOT NULL,
    cans text NOT NULL,
    until date NOT NULL,
    made_at timestamptz NOT NULL,
    used_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT work_tokens_pkey PRIMARY KEY (token_sha256),
    CONSTRAINT work_tokens_id UNIQUE (id)
);
CREATE INDEX work_tokens_account ON work_tokens (account);

-- Failures: of an account, of a login that does not exist, of an address. Nobody tries before free_at.
CREATE TABLE work_attempts (
    subject text NOT NULL,
    failures bigint NOT NULL,
    last_at timestamptz NOT NULL,
    free_at timestamptz NOT NULL,
    CONSTRAINT work_attempts_pkey PRIMARY KEY (subject)
);
CREATE INDEX work_attempts_last ON work_attempts (last_at);

-- Events that may repeat: told is what the last statement found to tell, untold what came since.
CREATE TABLE work_events (
    key bytea NOT NULL,
    told_at timestamptz NOT NULL,
    told bigint NOT NULL,
    untold bigint NOT NULL,
    name text NOT NULL,
    account bigint NOT NULL,
    login text NOT NULL,
    address text NOT NULL,
    book text NOT NULL,
    what text NOT NULL,
    CONSTRAINT work_events_pkey PRIMARY KEY (key)
);
CREATE INDEX work_events_told ON work_events (told_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON
    work_credentials, work_recovery, work_sessions, work_tokens, work_attempts, work_events
    TO mingzhang_writer;
