package ledger

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// PersonState is what an entry says of a person: a sealed name. In other records a person is only a
// number of the book (p17), so that repeated winners can still be seen after a name is erased.
type PersonState struct {
	Name *Sealed `json:"name"`
}

// Sealed is the name.
func (s *PersonState) Sealed() []SealedField { return []SealedField{{"name", s.Name}} }

// Person is a person's row; the name is read from the sealed texts.
type Person struct {
	bun.BaseModel `bun:"table:persons"`
	Version
	Name string `bun:"name,scanonly"`
}

// Persons is the table of persons, found by name.
var Persons = NewTable[Person]("persons", Index{
	Name: "name",
	Key:  func(r Row) string { return r.(*Person).Name },
	Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]Row, error) {
		var found []*Person
		err := db.NewSelect().Model(&found).ModelTableExpr("(SELECT DISTINCT unnest(?::text[]) AS name) AS asked "+
			"CROSS JOIN LATERAL (SELECT seq FROM sealed WHERE book_id = ? AND value = asked.name AND field = 'name' OFFSET 0) AS s "+
			"CROSS JOIN LATERAL (SELECT * FROM persons WHERE book_id = ? AND id = s.seq AND seq_from = s.seq AND seq_to IS NULL OFFSET 0) AS person",
			pgdialect.Array(keys), book, book).
			ColumnExpr("person.*").ColumnExpr("asked.name").OrderExpr("person.id").Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("ledger: reading persons: %w", err)
		}
		erased, err := erasedPersons(ctx, db, book, keys)
		return RowsOf(append(found, erased...)), err
	},
})

// erasedPersons are those whose names are erased, found by what is shown in their place, so that a form that shows it
// leads back to the same person.
func erasedPersons(ctx context.Context, db bun.IDB, book int64, keys []string) (list []*Person, err error) {
	var asked []TextAt
	for _, key := range keys {
		if id, ok := erasedPerson(key); ok {
			asked = append(asked, TextAt{id, "name"})
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	erased, err := erasedAmong(ctx, db, book, asked)
	for _, at := range erased {
		list = append(list, &Person{Version: Version{BookID: book, ID: at.Seq, SeqFrom: at.Seq}, Name: erasedShown(at)})
	}
	return list, err
}

func personKind() *Kind {
	return &Kind{
		Name: "person", New: func() State { return new(PersonState) }, Table: Persons,
		Project: func(e Entry) Row {
			return &Person{Name: e.State.(*PersonState).Name.Text()}
		},
	}
}

// PersonName brings a name to the one form it is compared in: the blanks that tables put into Chinese
// names to make them equally wide (张　三) are dropped, others become one.
func PersonName(s string) string {
	fields := strings.Fields(Normal(s))
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			last := []rune(fields[i-1])
			if !unicode.Is(unicode.Han, last[len(last)-1]) || !unicode.Is(unicode.Han, []rune(f)[0]) {
				b.WriteByte(' ')
			}
		}
		b.WriteString(f)
	}
	return b.String()
}

// PersonRef is a person as a record names them: p and the number of the person's first entry.
func PersonRef(id int64) string { return fmt.Sprintf("p%d", id) }
