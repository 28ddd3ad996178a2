package ledger

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

// Command is a write: who, which records it reads, and a pure decision on them. No service opens a
// write transaction and none locks a row; the book's sequencer does.
type Command struct {
	Actor Actor
	// Key makes a retry harmless: the same key with the same Body gives the first answer, with
	// another Body a conflict. Empty: none.
	Key  string
	Body []byte
	// Reads are the current rows that Decide may look at.
	Reads []Read
	// Decide looks at the present and gives the entries to append, or refuses. It may run again.
	Decide func(*Present) ([]Draft, error)
	// Alone commands share their commit with no other: they speak of more records than Reads can name.
	Alone bool
}

// Key makes a retry harmless: the same name with the same body gives the first answer. The zero value is none.
type Key struct {
	Name string
	Body []byte
}

// Read names current rows by the keys of an index.
type Read struct {
	Table *Table
	Index string
	Keys  []string
}

// Draft is an entry that a command wants appended.
type Draft struct {
	Kind   string
	Amends Row // the current row that this entry replaces; nil for a new record
	Reason string
	Source *Source
	State  State
	// Subjects are the current rows that a review speaks of: their sums move.
	Subjects []Subject
}

// Subject is a current row of a kind of records.
type Subject struct {
	Kind string
	Row  Row
}

// Seen refuses to change a row that is not any more what the user saw: conflict record.changed. seen is the
// number of the entry that was shown; 0 asks nothing.
func Seen(row Row, seen int64) error {
	if current := row.version().SeqFrom; seen != 0 && seen != current {
		return E(Conflict, "record.changed", current, seen)
	}
	return nil
}

// Receipt is what a command gets back.
type Receipt struct {
	First, Last int64 // numbers of its entries
	Size        int64 // checkpoint size at which it is in the book
	Replayed    bool  // the answer of an earlier command with the same key
}

// Present is the book as a command sees it: the current rows it asked for.
type Present struct {
	next int64
	keys map[*Table]map[string]map[string][]Row // table → index → key → rows
}

// Next is the number that the command's first entry will get; the n-th draft gets Next()+n.
func (p *Present) Next() int64 { return p.next }

// Find gives the current rows of a key. The command must have asked for it in Reads.
func (p *Present) Find(t *Table, index, key string) []Row { return p.keys[t][index][key] }

// loadKeys are looked up in one query.
const loadKeys = 2_000

// load reads what all commands of a group ask for, one query a table and index.
func (p *Present) load(ctx context.Context, db bun.IDB, book int64, commands []Command) error {
	p.keys = map[*Table]map[string]map[string][]Row{}
	wanted := map[*Table]map[string][]string{}
	for _, c := range commands {
		for _, r := range c.Reads {
			if wanted[r.Table] == nil {
				wanted[r.Table] = map[string][]string{}
				p.keys[r.Table] = map[string]map[string][]Row{}
			}
			wanted[r.Table][r.Index] = append(wanted[r.Table][r.Index], r.Keys...)
		}
	}
	for t, indexes := range wanted {
		for name, keys := range indexes {
			index, ok := t.index(name)
			if !ok {
				return fmt.Errorf("ledger: table %s has no index %s", t.Name, name)
			}
			p.keys[t][name] = map[string][]Row{}
			slices.Sort(keys)
			keys = slices.Compact(keys) // in one chunk each, so that no row comes twice
			for chunk := range slices.Chunk(keys, loadKeys) {
				rows, err := index.Load(ctx, db, book, chunk)
				if err != nil {
					return err
				}
				for _, row := range rows {
					key := index.Key(row)
					p.keys[t][name][key] = append(p.keys[t][name][key], row)
				}
			}
		}
	}
	return nil
}

// claims are the keys that the commands of a group which write have read. A command that reads one of them
// waits for the next group, because it must see what they wrote.
type claims map[claim]bool

type claim struct {
	table      *Table
	index, key string
}

func (c claims) touch(reads []Read) bool {
	for _, r := range reads {
		for _, key := range r.Keys {
			if c[claim{r.Table, r.Index, key}] {
				return true
			}
		}
	}
	return false
}

func (c claims) add(reads []Read) {
	for _, r := range reads {
		for _, key := range r.Keys {
			c[claim{r.Table, r.Index, key}] = true
		}
	}
}

func (t *Table) index(name string) (Index, bool) {
	for _, i := range t.Indexes {
		if i.Name == name {
			return i, true
		}
	}
	return Index{}, false
}
