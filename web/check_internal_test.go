package web

import (
	"log/slog"
	"testing"
	"time"

	"mingzhang/ledger"
)

// While a check of a book waits or runs, asking again begins no second one; other books have their own. Told to
// end, the checks let go of what they wait for.
func TestChecks_OneAtATime(t *testing.T) {
	t.Parallel()
	at := time.Date(2021, 7, 1, 8, 0, 0, 0, time.UTC)
	c := newChecks(func() time.Time { return at }, slog.New(slog.DiscardHandler))
	for range checksAtOnce {
		c.slots <- struct{}{} // others have their turn
	}
	one, two := &ledger.Book{Origin: "one"}, &ledger.Book{Origin: "two"}
	if s := c.state(one); s.State != "none" {
		t.Errorf("before: %+v", s)
	}
	if !c.start(one, "甲", 7) || c.start(one, "乙", 8) || !c.start(two, "乙", 9) {
		t.Error("a book is checked once at a time, and each book by itself")
	}
	if s := c.state(one); s.State != "waiting" || s.By != "甲" || s.Of != 7 || !s.Started.Equal(at) {
		t.Errorf("waiting: %+v", s)
	}
	c.end()
	if c.start(&ledger.Book{Origin: "three"}, "丙", 1) {
		t.Error("a check was begun after the end")
	}
}
