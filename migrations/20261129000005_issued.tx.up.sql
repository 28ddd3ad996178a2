-- Reports that were signed and given out (report.issued). An issued report closes its period: what comes into the
-- book later with a day of that period is marked late, by a look at these few rows.
CREATE TABLE issued_reports (
    book_id bigint NOT NULL,
    id bigint NOT NULL,
    seq_from bigint NOT NULL,
    seq_to bigint,
    name text NOT NULL,
    version bigint NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    basis text NOT NULL,
    as_of bigint NOT NULL,
    root text NOT NULL,
    format text NOT NULL,
    lang text NOT NULL,
    sha256 text NOT NULL,
    corrects bigint,
    figures text NOT NULL,
    issued_by text NOT NULL,
    CONSTRAINT issued_reports_pkey PRIMARY KEY (book_id, id, seq_from)
);
CREATE INDEX issued_reports_seq ON issued_reports (book_id, seq_from);
CREATE INDEX issued_reports_sha256 ON issued_reports (book_id, sha256);
ALTER TABLE issued_reports ALTER COLUMN book_id SET STATISTICS 0;
GRANT SELECT ON issued_reports TO mingzhang_writer, mingzhang_reader;
GRANT INSERT, UPDATE (seq_to) ON issued_reports TO mingzhang_writer;
CREATE TRIGGER issued_reports_append_only BEFORE DELETE ON issued_reports FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER issued_reports_ending BEFORE UPDATE ON issued_reports FOR EACH ROW EXECUTE FUNCTION refuse_all_but_ending();
CREATE TRIGGER issued_reports_no_truncate BEFORE TRUNCATE ON issued_reports FOR EACH STATEMENT EXECUTE FUNCTION refuse_all();
