package main

import (
	"strings"
	"testing"
)

// What a migration leaves to be made anew is made by migrate, and by itself in the private database; until then
// nobody reads it.
func TestStory_Rebuild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(0, nil, "demo")
	db := w.behind()
	_, url, _ := strings.Cut(w.want(0, nil, "db").out, "url\t")
	url, _, _ = strings.Cut(url, "\n")
	wreck := func() {
		t.Helper()
		for _, statement := range []string{
			"SET session_replication_role = replica",
			"UPDATE lots SET grams = '{}', village_key = ''; UPDATE parcels SET grams = '{}', village_key = ''; DELETE FROM lot_months",
			"INSERT INTO work_rebuilds SELECT id FROM books",
		} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
	}
	wreck()
	for _, command := range [][]string{{"check"}, {"book", "list"}, append([]string{"report", "summary"}, strings.Fields(demoPeriodFlags)...)} {
		w.want(1, []string{"mingzhang migrate"}, append(command, "--database-url", url)...)
	}
	w.want(0, []string{"已是最新"}, "migrate", "--database-url", url)
	w.want(0, []string{"完好"}, "check", "--database-url", url)
	wreck()
	w.want(0, []string{"完好"}, "check")
	wreck()
	w.want(0, []string{"已是最新"}, "migrate")
	w.want(0, []string{"37宗"}, append([]string{"report", "summary"}, strings.Fields(demoPeriodFlags)...)...)
}
