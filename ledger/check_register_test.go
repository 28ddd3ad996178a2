package ledger_test

import (
	"strings"
	"testing"

	"mingzhang/ledger"
)

// A book that is taken away with all its rows cannot speak of itself any more: the installation's log does. It also knows
// a book that nobody added, and forgets one that was dropped as it should be.
func TestCheck_Register(t *testing.T) {
	t.Parallel()
	b := setup(t)
	log, err := b.store.Log(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := func(when, what string) {
		t.Helper()
		result, err := log.Check(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, f := range result.Faults {
			found = append(found, f.What+" "+f.Want.EN+" "+f.Got.EN)
		}
		if got := strings.Join(found, "; "); got != what {
			t.Errorf("%s: %q, want %q", when, got, what)
		}
	}
	practice := ledger.BookProfile{Code: "practice", Kind: ledger.PracticeBook, NameZH: "练习"}
	for range 2 { // the code comes again, the number never
		book, err := b.store.AddBook(t.Context(), b.actor, practice)
		if err != nil {
			t.Fatal(err)
		}
		want("a book added", "")
		if err := b.store.DropBook(t.Context(), b.db.Owner(), b.actor, book); err != nil {
			t.Fatal(err)
		}
		want("a book dropped", "")
	}
	for _, step := range []struct{ when, do, want string }{
		{"a book invented", "INSERT INTO books (id, code, kind, origin, verifier_key) SELECT 900, 'other', kind, origin || 'x', verifier_key FROM books WHERE code = 'test'", "books.id no such book other"},
		{"and taken back", "DELETE FROM books WHERE id = 900", ""},
		{"the book taken away", "DELETE FROM books WHERE code = 'test'", "books the book test none"},
	} {
		if _, err := b.db.Owner().ExecContext(t.Context(), "SET session_replication_role = replica; "+step.do+"; SET session_replication_role = DEFAULT"); err != nil {
			t.Fatal(err)
		}
		want(step.when, step.want)
	}
}
