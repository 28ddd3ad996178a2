package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"mingzhang/ledger"
)

// Of an export with sealed texts those are missing that an entry erased, and no others: what is taken is a book that
// check finds clean.
func TestImportBook_Erased(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(t, b.person("张三"))
	b.do(t, b.person("李四"))
	before := b.exported(t)[ledger.ExportSealed]
	b.erase(t, ledger.TextAt{Seq: 1, Field: "name"})
	there := setup(t)
	took := there.counted(t)
	for _, tt := range []struct {
		name  string
		lines []string
		at    string
	}{
		{"what was erased came back", []string{string(before.Data), linesOf(b.exported(t), ledger.ExportSealed)[1]}, "sealed.jsonl 1"},
		{"a text that nobody erased is missing", linesOf(b.exported(t), ledger.ExportSealed)[1:], "sealed.jsonl 1"},
		{"the last text is missing", linesOf(b.exported(t), ledger.ExportSealed)[:1], "sealed.jsonl 1"},
	} {
		export := b.exported(t)
		put(export, ledger.ExportSealed, tt.lines...)
		_, err := there.store.ImportBook(t.Context(), there.actor, export, "copy", nil)
		e, ok := errors.AsType[*ledger.Error](err)
		if !ok || e.Reason != brokenLine || !strings.HasPrefix(strings.Trim(fmt.Sprint(e.Args), "[]"), tt.at) {
			t.Errorf("%s: %v, want %s at %s", tt.name, err, brokenLine, tt.at)
		}
	}
	if left := there.counted(t); left != took {
		t.Errorf("left behind: %s, before %s", left, took)
	}
	got, err := there.store.ImportBook(t.Context(), there.actor, b.exported(t), "copy", nil)
	if err != nil || got.Texts != 2 || got.Commitments != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	result, err := got.Book.Check(t.Context(), nil)
	if err != nil || len(result.Faults) > 0 {
		t.Errorf("the copy: %+v, %v", result.Faults, err)
	}
}
