package ledger

import (
	"context"
	"strconv"
)

// AsOf is the scope as the book was at the checkpoint of a size: it reads what held then, with the reviews that
// stood then, and writes nothing. invalid as_of.not_a_checkpoint for a size at which no command ended.
func (s Scope) AsOf(ctx context.Context, size int64) (Scope, error) {
	book, err := s.Book()
	if err != nil {
		return Scope{}, err
	}
	at, err := book.AsOf(ctx, size)
	if err != nil {
		return Scope{}, err
	}
	s.at = &at
	return s, nil
}

// Checkpoint is the one that the scope reads as of; nil: the present.
func (s Scope) Checkpoint() *Checkpoint { return s.at }

// Size is the size of the checkpoint that the scope reads as of; 0: the present.
func (s Scope) Size() int64 {
	if s.at == nil {
		return 0
	}
	return s.at.Size
}

// Version is the condition, in SQL, by which the rows of a derived table hold at the scope's time. Every query over
// such a table asks the scope for it. In the present it is the very condition of the indexes over current rows.
func (s Scope) Version(table string) string { return VersionAt(table, s.Size()) }

// VersionAt is Scope.Version for a checkpoint size; 0: the present.
func VersionAt(table string, size int64) string {
	if size == 0 {
		return table + ".seq_to IS NULL"
	}
	n := strconv.FormatInt(size, 10)
	return table + ".seq_from < " + n + " AND (" + table + ".seq_to IS NULL OR " + table + ".seq_to >= " + n + ")"
}

// Ended is the condition by which a row of a derived table holds no more at the scope's time.
func (s Scope) Ended(table string) string {
	if s.at == nil {
		return table + ".seq_to IS NOT NULL"
	}
	return table + ".seq_to < " + strconv.FormatInt(s.at.Size, 10)
}

// Until is the condition by which an entry whose number a column holds is in the book at the scope's time.
func (s Scope) Until(column string) string {
	if s.at == nil {
		return "TRUE"
	}
	return column + " < " + strconv.FormatInt(s.at.Size, 10)
}

// Then is AsOf for a checkpoint that was read already.
func (s Scope) Then(at Checkpoint) Scope {
	s.at = &at
	return s
}
