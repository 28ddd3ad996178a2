package ledger

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"mingzhang/ledger/merkle"
)

// LogEntry is an entry as the book holds it: its bytes, which are what is hashed, and what they say.
type LogEntry struct {
	EntryHead // without the reason's clear text, which Opened gives
	LeafHash  merkle.Hash
	Body      []byte
}

// EntriesAfter reads the entries behind the number after, in the order of their numbers, at most limit; after
// -1 begins with entry 0. A book commits one command at a time under its lock, so what is not there yet always
// has a higher number than all that is: who goes on from the last number that they got misses nothing.
func (b *Book) EntriesAfter(ctx context.Context, after int64, limit int) ([]LogEntry, error) {
	return b.logEntries(ctx, b.store.db.NewSelect().Where("seq > ?", after).Order("seq"), limit)
}

// EntriesBefore reads entries before the number before, the newest first, at most limit; 0 begins at the head.
// kind names a kind of record: lot, parcel …; empty for all.
func (b *Book) EntriesBefore(ctx context.Context, kind string, before int64, limit int) ([]LogEntry, error) {
	q := b.store.db.NewSelect().Order("seq DESC")
	if before > 0 {
		q = q.Where("seq < ?", before)
	}
	if kind != "" {
		known, ok := b.store.kinds[kind]
		if !ok || known.Table == nil {
			return nil, E(Invalid, "entry.unknown_kind", kind).On("kind")
		}
		// Each entry of a record made one row: its index on seq_from finds them without reading all entries.
		rows := b.store.db.NewSelect().TableExpr("? AS t", bun.Ident(known.Table.Name)).Column("seq_from").Where("book_id = ?", b.id)
		if before > 0 {
			rows = rows.Where("seq_from < ?", before)
		}
		q = q.Where("seq IN (?)", rows.OrderExpr("seq_from DESC").Limit(int64(limit)))
	}
	return b.logEntries(ctx, q, limit)
}

// EntryAt reads one entry: not_found entry.unknown.
func (b *Book) EntryAt(ctx context.Context, seq int64) (LogEntry, error) {
	found, err := b.logEntries(ctx, b.store.db.NewSelect().Where("seq = ?", seq), 1)
	if err != nil {
		return LogEntry{}, err
	}
	if len(found) == 0 {
		return LogEntry{}, E(NotFound, "entry.unknown", seq)
	}
	return found[0], nil
}

func (b *Book) logEntries(ctx context.Context, q *bun.SelectQuery, limit int) ([]LogEntry, error) {
	var rows []entryRow
	if err := q.Model(&rows).Where("book_id = ?", b.id).Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("ledger: reading entries of %s: %w", b.Code, err)
	}
	list := make([]LogEntry, len(rows))
	for i, r := range rows {
		head, err := HeadOf(r.Seq, r.Body)
		if err != nil {
			return nil, E(Tampered, "book.entry_unreadable", b.Code, r.Seq).Because(err)
		}
		list[i] = LogEntry{EntryHead: head, Body: r.Body}
		copy(list[i].LeafHash[:], r.LeafHash)
	}
	return list, nil
}

// OpenedText is a sealed text of an entry with what opens its commitment: SHA-256(salt ‖ field ‖ text).
type OpenedText struct {
	Field, Text string
	Salt        string // hexadecimal
	Commitment  string // hexadecimal, computed from the three
	Erased      bool   // by law: ErasedText is all there is
}

// Opened reads the sealed texts of an entry that are still there, by the names of their fields, and
// names those that were erased.
func (b *Book) Opened(ctx context.Context, seq int64) ([]OpenedText, error) {
	var rows []sealedRow
	err := b.store.db.NewSelect().Model(&rows).Where("book_id = ?", b.id).Where("seq = ?", seq).OrderExpr(`field COLLATE "C"`).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("ledger: reading the sealed texts of entry %d of %s: %w", seq, b.Code, err)
	}
	texts := make([]OpenedText, len(rows))
	for i, r := range rows {
		texts[i] = OpenedText{Field: r.Field, Text: r.Value, Salt: hex.EncodeToString(r.Salt), Commitment: commitment(r.Salt, r.Field, r.Value)}
	}
	erased, err := erasedOf(ctx, b.store.db, b.id, []int64{seq})
	for _, at := range erased {
		texts = append(texts, OpenedText{Field: at.Field, Text: ErasedText, Erased: true})
	}
	return texts, err
}

// CheckpointsBefore reads checkpoints of sizes below before, the newest first, at most limit; 0 begins at the
// head.
func (b *Book) CheckpointsBefore(ctx context.Context, before int64, limit int) ([]Checkpoint, error) {
	var rows []checkpointRow
	q := b.store.db.NewSelect().Model(&rows).Where("book_id = ?", b.id).Order("size DESC").Limit(int64(limit))
	if before > 0 {
		q = q.Where("size < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("ledger: reading checkpoints of %s: %w", b.Code, err)
	}
	list := make([]Checkpoint, len(rows))
	for i, r := range rows {
		var err error
		if list[i], err = r.checkpoint(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Kinds are the names of the kinds of records that a book of this store may hold, sorted; EntriesBefore takes
// them.
func (s *Store) Kinds() []string {
	var names []string
	for name, k := range s.kinds {
		if k.Table != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
