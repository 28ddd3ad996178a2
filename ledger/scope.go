package ledger

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"
)

// Scope says which part of which book may be read and written. It has no zero value that reads: a scope
// that nobody made reads nothing and says so, instead of printing 0.
type Scope struct {
	book     *Book
	villages []string    // as named; nil: the whole book
	keys     []string    // the same, folded
	from, to *Day        // only facts of these days, both included; nil: no bound
	at       *Checkpoint // the book as it was then; nil: the present
}

// WholeBook is the scope over all of a book.
func WholeBook(b *Book) Scope { return Scope{book: b} }

// VillagesOf is the scope over some villages of a book. A village covers every record whose village begins
// with its name: 东升村 covers 东升村第一经济社. invalid scope.village_form for a name of less than two
// characters, which would cover half of a book.
func VillagesOf(b *Book, villages []string) (Scope, error) {
	s := Scope{book: b}
	for _, name := range villages {
		key := VillageKey(name)
		if utf8.RuneCountInString(key) < 2 || Clean(name) != nil {
			return Scope{}, E(Invalid, "scope.village_form", name).On("villages")
		}
		s.villages, s.keys = append(s.villages, name), append(s.keys, key)
	}
	if len(s.keys) == 0 {
		return Scope{}, E(Invalid, "scope.village_form", "").On("villages")
	}
	return s, nil
}

// VillageKey is the name of a village or a collective as it is compared.
func VillageKey(name string) string { return Fold(Normal(name)) }

// Between narrows the scope to facts of a span of days, both included. Facts without a date are outside.
func (s Scope) Between(from, to *Day) Scope {
	s.from, s.to = from, to
	return s
}

// Within is the part of the scope that lies in a village; false when nothing does.
func (s Scope) Within(village string) (Scope, bool) {
	key := VillageKey(village)
	var villages, keys []string
	for i, k := range s.keys {
		if strings.HasPrefix(k, key) { // a part of it: 东升村第一经济社 of 东升村
			villages, keys = append(villages, s.villages[i]), append(keys, k)
		}
	}
	if s.keys == nil || slices.ContainsFunc(s.keys, func(k string) bool { return strings.HasPrefix(key, k) }) {
		villages, keys = []string{village}, []string{key}
	}
	if s.book == nil || len(keys) == 0 {
		return Scope{}, false
	}
	s.villages, s.keys = villages, keys
	return s, true
}

// Book is the book of the scope; an unmade scope is refused.
func (s Scope) Book() (*Book, error) {
	if s.book == nil {
		return nil, E(Internal, "scope.unmade")
	}
	return s.book, nil
}

// BookID is the number of the book, the first part of every key; an unmade scope is refused.
func (s Scope) BookID() (int64, error) {
	if s.book == nil {
		return 0, E(Internal, "scope.unmade")
	}
	return s.book.id, nil
}

// Do gives a command to the book's sequencer, as Book.Do does. invalid as_of.is_past for a scope of the past.
func (s Scope) Do(ctx context.Context, c Command) (Receipt, error) {
	book, err := s.Book()
	if err != nil {
		return Receipt{}, err
	}
	if s.at != nil {
		return Receipt{}, E(Invalid, "as_of.is_past", s.at.Size).On("as_of")
	}
	return book.Do(ctx, c)
}

// Whole tells whether nothing of the book is outside, at whatever time: then kept sums may be read.
func (s Scope) Whole() bool {
	return s.book != nil && s.keys == nil && s.from == nil && s.to == nil
}

// Villages are the villages of the scope as they were named; none: all. A scoped report prints them.
func (s Scope) Villages() []string { return slices.Clone(s.villages) }

// Days are the days that facts may be of; nil: no bound.
func (s Scope) Days() (from, to *Day) { return s.from, s.to }

// Covers tells whether a record of a village and a day lies in the scope.
func (s Scope) Covers(villageKey string, on *Day) bool {
	if s.book == nil || !s.coversDay(on) {
		return false
	}
	return s.keys == nil || slices.ContainsFunc(s.keys, func(key string) bool { return strings.HasPrefix(villageKey, key) })
}

func (s Scope) coversDay(on *Day) bool {
	if s.from == nil && s.to == nil {
		return true
	}
	return on != nil && (s.from == nil || !on.Before(*s.from)) && (s.to == nil || !on.After(*s.to))
}

// beginsWith holds for a text that begins with another: a range in the order of bytes, which an index serves.
// lastCharacter sorts behind all that may follow.
const (
	beginsWith    = `(?0 COLLATE "C" >= ?1 AND ?0 COLLATE "C" < ?2)`
	lastCharacter = "\U0010FFFF"
)

// InVillage adds the condition that a column of village keys holds the village or a part of it.
func InVillage(q *bun.SelectQuery, villageColumn, village string) *bun.SelectQuery {
	if key := VillageKey(village); key != "" {
		return q.Where(beginsWith, bun.Ident(villageColumn), key, key+lastCharacter)
	}
	return q
}

// Where adds the scope's conditions to a query but for that of the book. The columns hold the village's key
// and the day of the fact; "" where a table has no day.
func (s Scope) Where(q *bun.SelectQuery, villageColumn, dayColumn string) *bun.SelectQuery {
	if s.book == nil {
		return q.Where("FALSE")
	}
	if s.keys != nil {
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			for _, key := range s.keys {
				q = q.WhereOr(beginsWith, bun.Ident(villageColumn), key, key+lastCharacter)
			}
			return q
		})
	}
	if dayColumn != "" && s.from != nil {
		q = q.Where("? >= ?", bun.Ident(dayColumn), *s.from)
	}
	if dayColumn != "" && s.to != nil {
		q = q.Where("? <= ?", bun.Ident(dayColumn), *s.to)
	}
	return q
}
