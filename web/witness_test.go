package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
	"mingzhang/ledger/witness"
	"mingzhang/web"
)

// memory is a witness's store and record for as long as a test runs.
type memory struct {
	mu     sync.Mutex
	keys   map[string][]string
	last   map[string]witness.LogState
	notes  map[string]string
	alarms []witness.Alarm
	fail   error
}

func (m *memory) Keys(origin string) ([]string, error) { return m.keys[origin], m.fail }

func (m *memory) Last(origin string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.notes[origin], nil
}

func (m *memory) Known(string, int64) (string, error) { return "", nil }

func (m *memory) Advance(c merkle.Checkpoint, note string, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notes[c.Origin] = note
	m.last[c.Origin] = witness.LogState{Origin: c.Origin, Keys: m.keys[c.Origin], Seen: true, Size: c.Size, Root: c.Root, At: at}
	return nil
}

func (m *memory) Raise(a witness.Alarm) (bool, error) {
	a.Name = "alarm-" + string(a.Kind)
	m.alarms = append(m.alarms, a)
	return true, nil
}

func (m *memory) Settle(merkle.Checkpoint, time.Time) error { return nil }

func (m *memory) Alarms() ([]witness.Alarm, error) { return m.alarms, nil }

func (m *memory) Logs() ([]witness.LogState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []witness.LogState
	for _, l := range m.last {
		list = append(list, l)
	}
	return list, nil
}

// eye is a witness behind a real server.
type eye struct {
	tb     testing.TB
	store  *memory
	key    string
	log    *bytes.Buffer
	server *httptest.Server
}

func newEye(t *testing.T, name string, trusted ...string) *eye {
	t.Helper()
	secret, key, err := merkle.NewCosignerKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	cosigner, err := merkle.NewCosigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{keys: map[string][]string{}, last: map[string]witness.LogState{}, notes: map[string]string{}}
	for _, k := range trusted {
		origin, _, _ := strings.Cut(k, "+")
		m.keys[origin] = append(m.keys[origin], k)
	}
	e := &eye{tb: t, store: m, key: key, log: new(bytes.Buffer)}
	desk := &web.WitnessDesk{
		Witness: witness.New(m, cosigner, func() time.Time { return time.Unix(1_796_000_000, 0) }), Record: m, Lang: ledger.ZH,
		Log: slog.New(slog.NewTextHandler(e.log, nil)),
	}
	handler, err := desk.Handler()
	if err != nil {
		t.Fatal(err)
	}
	e.server = httptest.NewServer(handler)
	t.Cleanup(e.server.Close)
	return e
}

func (e *eye) ask(method, path, body string) (answer, string) {
	e.tb.Helper()
	r, err := http.NewRequestWithContext(e.tb.Context(), method, e.server.URL+path, strings.NewReader(body))
	if err != nil {
		e.tb.Fatal(err)
	}
	response, err := e.server.Client().Do(r)
	if err != nil {
		e.tb.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		e.tb.Fatal(err)
	}
	return answer{response.StatusCode, response.Header}, string(text)
}

// answer is the head of a response whose body was read.
type answer struct {
	StatusCode int
	Header     http.Header
}

// signedTrees are two trees of five leaves that share the first two, as one key signs them.
func signedTrees(t *testing.T) (key string, note func(size int, forged bool) string) {
	t.Helper()
	const origin = "mingzhang/wire/0123456789abcdef"
	secret, key, err := merkle.NewKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := merkle.NewSigner([]string{secret}, []string{key})
	if err != nil {
		t.Fatal(err)
	}
	return key, func(size int, forged bool) string {
		var tree merkle.Tree
		for i := range size {
			leaf := []byte{byte(i)}
			if forged && i >= 2 {
				leaf = []byte("forged")
			}
			tree.Append(merkle.LeafHash(leaf))
		}
		signed, err := signer.Sign(merkle.Checkpoint{Origin: origin, Size: int64(size), Root: tree.Root()})
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
}

// The statuses and types of C2SP tlog-witness over HTTP, and what the page and the log say of a fork.
func TestWitnessDesk(t *testing.T) {
	t.Parallel()
	key, note := signedTrees(t)
	_, foreign := signedTrees(t)
	e := newEye(t, "witness.audit.example", key)
	for _, step := range []struct {
		what, body string
		status     int
		kind, want string
	}{
		{"nothing", "", 400, "text/plain; charset=utf-8", ""},
		{"too long", "old 0\n\n" + strings.Repeat("x", 1<<20), 400, "text/plain; charset=utf-8", ""},
		{"an unknown log", "old 0\n\n" + strings.Replace(note(2, false), "wire", "wide", 1), 404, "text/plain; charset=utf-8", ""},
		{"a foreign key", "old 0\n\n" + foreign(2, false), 403, "text/plain; charset=utf-8", ""},
		{"old too large", "old 3\n\n" + note(2, false), 400, "text/plain; charset=utf-8", ""},
		{"the first", "old 0\n\n" + note(2, false), 200, "text/plain; charset=utf-8", "— witness.audit.example "},
		{"the same", "old 2\n\n" + note(2, false), 200, "text/plain; charset=utf-8", "— witness.audit.example "},
		{"without its size", "old 0\n\n" + note(4, false), 409, "text/x.tlog.size", "2\n"},
		{"without a proof", "old 2\n\n" + note(4, false), 422, "text/plain; charset=utf-8", ""},
		{"another tree", "old 2\n\n" + strings.Replace(note(2, false), "\n2\n", "\n02\n", 1), 400, "text/plain; charset=utf-8", ""},
	} {
		r, text := e.ask("POST", "/add-checkpoint", step.body)
		if r.StatusCode != step.status || r.Header.Get("Content-Type") != step.kind || !strings.HasPrefix(text, step.want) {
			t.Errorf("%s: %d %q %q, want %d %q %q", step.what, r.StatusCode, r.Header.Get("Content-Type"), text, step.status, step.kind, step.want)
		}
	}
	if r, _ := e.ask("GET", "/add-checkpoint", ""); r.StatusCode != 405 {
		t.Errorf("GET: %d", r.StatusCode)
	}
	e.fork(note)
	e.store.fail = errors.New("the disk is gone")
	if r, text := e.ask("POST", "/add-checkpoint", "old 2\n\n"+note(2, false)); r.StatusCode != 500 || strings.Contains(text, "disk") {
		t.Errorf("a store that fails: %d %q", r.StatusCode, text)
	}
}

// fork shows another tree of three leaves, after the first was cosigned.
func (e *eye) fork(note func(int, bool) string) {
	e.tb.Helper()
	proof := merkle.LeafHash([]byte{2}).String() + "\n" // of three from two: the third leaf
	if r, text := e.ask("POST", "/add-checkpoint", "old 2\n"+proof+"\n"+note(3, false)); r.StatusCode != 200 {
		e.tb.Fatalf("three leaves: %d %s", r.StatusCode, text)
	}
	if r, text := e.ask("POST", "/add-checkpoint", "old 3\n\n"+note(3, true)); r.StatusCode != 409 || text != "3\n" {
		e.tb.Errorf("another tree of three: %d %q", r.StatusCode, text)
	}
	if !strings.Contains(e.log.String(), "level=ERROR") || !strings.Contains(e.log.String(), "已分叉") {
		e.tb.Errorf("the log does not shout: %s", e.log)
	}
	r, page := e.ask("GET", "/", "")
	if r.StatusCode != 200 || !strings.Contains(page, "已分叉") || strings.Contains(page, "<script") || !strings.Contains(page, "未了结的警报") {
		e.tb.Errorf("the page: %d %s", r.StatusCode, page)
	}
	if _, page := e.ask("GET", "/?lang=en", ""); !strings.Contains(page, "Open alarms") || !strings.Contains(page, "has two different roots") {
		e.tb.Errorf("the page in English: %s", page)
	}
	if r, _ := e.ask("GET", "/mingzhang.css", ""); r.StatusCode != 200 {
		e.tb.Errorf("the style sheet: %d", r.StatusCode)
	}
	_, text := e.ask("GET", "/status", "")
	var status struct {
		VerifierKey string `json:"verifier_key"`
		Open        int    `json:"open_alarms"`
		Logs        []struct{ Size int64 }
		Alarms      []struct{ Proven bool }
	}
	err := json.Unmarshal([]byte(text), &status)
	if err != nil || status.VerifierKey != e.key || status.Open != 2 || len(status.Logs) != 1 || status.Logs[0].Size != 3 || !status.Alarms[0].Proven && !status.Alarms[1].Proven {
		e.tb.Errorf("status: %s, %v", text, err)
	}
}

// While many write, two witnesses are shown the book, one of them now and then unreachable and with another process
// pushing beside; both end at the head, and no commit waited.
func TestPusher(t *testing.T) {
	t.Parallel()
	b := demo(t)
	book := b.book("demo")
	one, two := newEye(t, "a.example", book.VerifierKey), newEye(t, "b.example", book.VerifierKey)
	var remotes []*web.RemoteWitness
	for _, e := range []*eye{one, two} {
		w, err := web.ParseWitness(e.server.URL + "/=" + e.key)
		if err != nil {
			t.Fatal(err)
		}
		remotes = append(remotes, w)
	}
	gone, err := web.ParseWitness("http://127.0.0.1:1=" + one.key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gone.Show(t.Context(), book, true); !errors.Is(err, ledger.E(ledger.Busy, "witness.unreachable")) {
		t.Errorf("a witness that is not there: %v", err)
	}
	pusher := &web.Pusher{Store: b.store, Witnesses: remotes, Books: []string{"demo"}, Now: time.Now, Lang: ledger.ZH, Log: slog.New(slog.DiscardHandler)}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { pusher.Run(ctx) })
	for range 4 {
		all.Go(func() {
			for range 5 {
				if _, err := remotes[0].Show(ctx, book, false); ledger.CodeOf(err) == ledger.Tampered {
					t.Error(err)
				}
			}
		})
	}
	b.as("demo-clerk")
	for i := range 8 {
		b.entered(typedLot(fmt.Sprint("见证-", i)))
	}
	head, err := book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	patient, given := context.WithTimeout(t.Context(), time.Minute)
	defer given()
	for seen := false; !seen; {
		list, err := book.Witnesses(patient)
		if err != nil {
			t.Fatalf("the witnesses have not seen %d entries: %v", head.Size, err)
		}
		seen = len(list) == 2 && list[0].Size == head.Size && list[1].Size == head.Size
	}
	stop()
	all.Wait()
	b.get("/books/demo", 200, "a.example", "b.example", "尚未见证")
	var list struct {
		Items []struct {
			Name   string
			Behind int64
			Alarm  bool
		}
	}
	b.json(b.api("GET", "/api/v1/books/demo/witnesses", ""), 200, &list)
	if len(list.Items) != 2 || list.Items[0].Behind != 0 || list.Items[0].Alarm {
		t.Errorf("the API: %+v", list)
	}
	b.get("/books/demo/checkpoint", 200, "— a.example ", "— b.example ")
	b.get("/metrics", 200, `mingzhang_witness_behind_entries{book="demo",witness="a.example"} 0`)
	b.alarmed(book, one.key)
}

// alarmed lets a witness have seen more than the book has: that is said on the page, and to whoever watches the figures.
func (b *bundle) alarmed(book *ledger.Book, witness string) {
	b.tb.Helper()
	if err := book.KeepAttempt(b.tb.Context(), witness, "ahead", 500, 400); err != nil {
		b.tb.Fatal(err)
	}
	b.get("/books/demo", 200, "账簿被改短", `role="alert"`)
	b.get("/metrics", 200, `mingzhang_witness_alarm{book="demo",witness="a.example"} 1`)
}

func TestParseWitness(t *testing.T) {
	t.Parallel()
	_, key, err := merkle.NewCosignerKey(rand.Reader, "a.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", key, "https://a.example", "ftp://a.example=" + key, "https://a.example?x=" + key, "https://u:p@a.example=" + key, "https://a.example=a.example+00000000+AAAA"} {
		if w, err := web.ParseWitness(wrong); ledger.CodeOf(err) != ledger.Invalid {
			t.Errorf("%q: %+v, %v", wrong, w, err)
		}
	}
}
