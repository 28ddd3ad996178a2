package browser_test

import (
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/merkle"
	"mingzhang/ledger/witness"
	"mingzhang/web"
)

// looked is a witness's record with one honest book and one that forked: what its keeper has to see.
type looked struct {
	logs   []witness.LogState
	alarms []witness.Alarm
}

func (l looked) Logs() ([]witness.LogState, error)       { return l.logs, nil }
func (l looked) Alarms() ([]witness.Alarm, error)        { return l.alarms, nil }
func (looked) Keys(string) ([]string, error)             { return nil, nil }
func (looked) Last(string) (string, error)               { return "", nil }
func (looked) Known(string, int64) (string, error)       { return "", nil }
func (looked) Raise(witness.Alarm) (bool, error)         { return false, nil }
func (looked) Settle(merkle.Checkpoint, time.Time) error { return nil }
func (looked) Advance(merkle.Checkpoint, string, time.Time) error {
	return nil
}

func newCosigner(t *testing.T, name string) *merkle.Cosigner {
	t.Helper()
	secret, _, err := merkle.NewCosignerKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := merkle.NewCosigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What the office and the witness's keeper see: how far the book was witnessed, and an alarm.
func TestStory_Witnessed(t *testing.T) {
	t.Parallel()
	o := demo(t)
	book, err := o.store.Book(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	head, err := book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fine, bad := newCosigner(t, "witness.audit.example"), newCosigner(t, "witness.court.example")
	at := time.Date(2026, 11, 29, 3, 4, 5, 0, time.UTC)
	line, err := fine.Cosign(head.Note, at)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		book.KeepCosignature(t.Context(), head, fine.VerifierKey(), line),
		book.KeepAttempt(t.Context(), fine.VerifierKey(), "", 0, head.Size),
		book.KeepAttempt(t.Context(), bad.VerifierKey(), "ahead", head.Size+4, head.Size),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	alarm := witness.Alarm{
		Kind: witness.Fork, Origin: book.Origin, At: at, Size: head.Size, Root: head.Root, Last: head.Size, Known: head.Note, Shown: head.Note,
		Name: "0011223344556677-fork-292-89abcdef",
	}
	record := looked{
		logs:   []witness.LogState{{Origin: book.Origin, Keys: []string{book.VerifierKey}, Seen: true, Size: head.Size, Root: head.Root, At: at}},
		alarms: []witness.Alarm{alarm},
	}
	desk := &web.WitnessDesk{Witness: witness.New(record, fine, time.Now), Record: record, Lang: ledger.ZH, Log: slog.New(slog.DiscardHandler)}
	handler, err := desk.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	clerk := o.joined("clerk", "李四(虚构)", account.Clerk, "demo")
	for _, at := range screens {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			p := o.as(t, clerk, at.width, at.lang)
			p.visit("/books/demo").has("witness.audit.example", p.say("账簿被改短", "cut short")).look("book")
			path := "/"
			if at.lang == "en" {
				path = "/?lang=en"
			}
			keeper := openTab(t, server.URL, at.width)
			keeper.lang = at.lang
			keeper.visit(path).has(p.say("已分叉", "has forked")).look("witness")
		})
	}
}
