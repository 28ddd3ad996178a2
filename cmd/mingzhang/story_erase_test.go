package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun/dialect/pgdialect"
)

// A name is erased by law on the command line: entries and roots before it stay, check is clean, a second time does
// nothing, and the files that wait for an import go with it.
func TestStory_Erase(t *testing.T) {
	t.Parallel()
	w := clerkOffice(t)
	db := w.behind()
	var person, entry int64
	if err := db.NewRaw("SELECT min(seq) FROM sealed WHERE field = 'name' AND book_id > 0").Scan(t.Context(), &person); err != nil {
		t.Fatal(err)
	}
	if err := db.NewRaw("SELECT min(seq) FROM sealed WHERE field = 'remark'").Scan(t.Context(), &entry); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO work_uploads SELECT 'u', 1, id, 'x.csv', '', 1, now() FROM books WHERE code = 'street'; "+
		"INSERT INTO work_upload_parts VALUES ('u', 0, '')"); err != nil {
		t.Fatal(err)
	}
	ref, law := fmt.Sprintf("p%d", person), []string{"--book", "street", "--reason", "个人信息保护法第四十七条"}
	w.want(2, []string{"--reason"}, "erase", "person", ref, "--book", "street")
	w.want(2, []string{"--book"}, "erase", "person", ref, "--reason", "x")
	w.want(1, []string{"p999999"}, append([]string{"erase", "person", "p999999"}, law...)...)
	w.want(1, []string{"name"}, append([]string{"erase", "text", "--entry", fmt.Sprint(entry), "--field", "name"}, law...)...)
	w.want(0, []string{fmt.Sprintf("%d\tname", person), "已依法删除 1 段文字"}, append([]string{"erase", "person", ref}, law...)...)
	w.want(0, []string{"先前已依法删除"}, append([]string{"erase", "person", ref}, law...)...)
	w.want(0, []string{"已依法删除 1 段文字"}, append([]string{"erase", "text", "--entry", fmt.Sprint(entry), "--field", "remark"}, law...)...)
	w.want(0, []string{"完好"}, "check")
	var left int
	if err := db.NewRaw("SELECT (SELECT count(*) FROM work_uploads) + (SELECT count(*) FROM work_upload_parts)").Scan(t.Context(), &left); err != nil || left != 0 {
		t.Errorf("%d waiting files are left, %v", left, err)
	}

	w.want(0, nil, "user", "add", "li.si", "--name", "李四")
	w.want(1, []string{"停用"}, "erase", "account", "li.si", "--reason", "离职")
	w.want(0, nil, "user", "disable", "li.si", "--reason", "离职")
	w.want(0, []string{"name"}, "erase", "account", "li.si", "--reason", "离职")
	if d := w.want(0, []string{"已依法删除"}, "user", "list"); strings.Contains(d.out, "李四") {
		t.Errorf("the list of accounts still says the name: %s", d.out)
	}
	w.want(0, []string{"完好"}, "check")
}

// A kill at any moment leaves the text and no entry, or the entry and no text.
func TestStory_EraseKilled(t *testing.T) {
	t.Parallel()
	w := clerkOffice(t)
	db := w.behind()
	var persons []int64
	if err := db.NewRaw("SELECT seq FROM sealed WHERE field = 'name' AND book_id > 0 ORDER BY seq LIMIT 3").Scan(t.Context(), &persons); err != nil || len(persons) != 3 {
		t.Fatalf("%v, %v", persons, err)
	}
	for i, moment := range []string{
		"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'mingzhang_writer' AND state = 'idle in transaction')",
		"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'mingzhang_writer' AND query LIKE 'DELETE FROM sealed%')",
		"SELECT NOT EXISTS (SELECT FROM sealed WHERE field = 'name' AND book_id > 0 AND seq = ?)",
	} {
		args := []string{"erase", "person", fmt.Sprintf("p%d", persons[i]), "--book", "street", "--reason", "依法"}
		w.killWhen(t, func() bool {
			var now bool
			if err := db.NewRaw(moment, persons[i]).Scan(t.Context(), &now); err != nil {
				t.Error(err)
			}
			return now
		}, args...)
		w.want(0, []string{"完好"}, "check")
		w.want(0, nil, args...)
		w.want(0, []string{"完好"}, "check")
	}
	var left, erased int
	err := db.NewRaw("SELECT (SELECT count(*) FROM sealed WHERE field = 'name' AND book_id > 0 AND seq = ANY (?0)), (SELECT count(*) FROM erasures)", pgdialect.Array(persons)).Scan(t.Context(), &left, &erased)
	if err != nil || left != 0 || erased != 3 {
		t.Errorf("%d names left, %d erasures, %v; want 0 and 3", left, erased, err)
	}
}
