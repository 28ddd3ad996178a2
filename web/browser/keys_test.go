package browser_test

import (
	"fmt"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// A book whose database is older than what was published can be read, says why it cannot be written, and gives no note
// away. Reopened, and with a second key, it says so on its page; the note that is shown is kept as published.
func TestStory_BookKeys(t *testing.T) {
	t.Parallel()
	o := demo(t)
	reader := o.joined("auditor", "钱七(虚构)", account.Auditor, "demo")
	book, err := o.store.Book(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	head, err := book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o.notes.Store(book.Origin, strings.Replace(head.Note, fmt.Sprintf("\n%d\n", head.Size), fmt.Sprintf("\n%d\n", head.Size+9), 1))
	tabs := map[string]*tab{
		"数据库被退回旧状态或被改动过": o.as(t, reader, narrow, "zh"), "Writing has stopped, reading goes on": o.as(t, reader, wide, "en"),
	}
	for says, p := range tabs {
		p.visit("/books/demo").has(says, book.VerifierKey).hasNot("— " + book.Origin).look("rolled-back")
	}
	if _, err := book.AddKey(t.Context(), o.local, ""); ledger.CodeOf(err) != ledger.Conflict {
		t.Errorf("writing: %v, want a conflict", err)
	}
	profile, err := book.Reopen(t.Context(), o.local, "", "从旧备份恢复（虚构）")
	if err != nil {
		t.Fatal(err)
	}
	second, err := book.AddKey(t.Context(), o.local, "备用")
	if err != nil {
		t.Fatal(err)
	}
	for says, p := range tabs {
		p.visit("/books/demo").has(profile.Origin, profile.VerifierKey, second, book.Origin, "— "+profile.Origin).hasNot(says).look("reopened")
	}
	now, err := book.Head(t.Context())
	if kept, _ := o.notes.Load(profile.Origin); err != nil || kept != now.Note {
		t.Errorf("kept as published: %v, %v; want the note that the page showed", kept, err)
	}
}
