package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// daemon is the built program serving, a process of its own that tests kill.
type daemon struct {
	tb      testing.TB
	args    []string
	data    string
	address string
	command *exec.Cmd
	talk    *lockedBuffer
}

// lockedBuffer takes what a process says, while a test reads it.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// newDaemon is the program over a data directory, on an address that stays its own over restarts. It is not started.
func newDaemon(tb testing.TB, data string, args ...string) *daemon {
	tb.Helper()
	if built.err != nil {
		tb.Fatal(built.err)
	}
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	d := &daemon{tb: tb, data: data, address: l.Addr().String()}
	d.args = append([]string{"serve", "--listen", d.address}, args...)
	if err := l.Close(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if d.command != nil {
			d.kill()
		}
	})
	return d
}

func (d *daemon) start() {
	d.tb.Helper()
	d.talk = &lockedBuffer{}
	d.command = exec.CommandContext(context.WithoutCancel(d.tb.Context()), built.bin, d.args...)
	d.command.Env = append(os.Environ(), "MINGZHANG_DATA_DIR="+d.data)
	d.command.Stdout, d.command.Stderr = d.talk, d.talk
	if err := d.command.Start(); err != nil {
		d.tb.Fatal(err)
	}
}

// isReady asks once.
func (d *daemon) isReady() bool {
	r, err := http.NewRequestWithContext(context.WithoutCancel(d.tb.Context()), http.MethodGet, "http://"+d.address+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
}

// awaitReady waits until the program says that it is ready, and tells how long that took.
func (d *daemon) awaitReady() time.Duration {
	d.tb.Helper()
	began := time.Now()
	await(d.tb, "the program to be ready", d.isReady)
	return time.Since(began)
}

// await waits for what comes from another process.
func await(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	end := time.After(time.Minute)
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			tb.Fatalf("a minute passed waiting for %s", what)
		}
	}
}

// kill is kill -9.
func (d *daemon) kill() {
	d.tb.Helper()
	if err := d.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		d.tb.Error(err)
	}
	_ = d.command.Wait() // killed
	d.command = nil
}

// stop is what a system does that is shut down: SIGTERM, and the program ends by itself.
func (d *daemon) stop() {
	d.tb.Helper()
	if err := d.command.Process.Signal(syscall.SIGTERM); err != nil {
		d.tb.Fatal(err)
	}
	if err := d.command.Wait(); err != nil {
		d.tb.Errorf("the program, told to stop: %v\n%s", err, d.talk)
	}
	d.command = nil
}

// office is a book with a clerk, whose programs write with tokens.
type office struct {
	book   *ledger.Book
	tokens []string
	cookie string // of the clerk's own session
}

const officeCode = "faults"

// newOffice makes book, clerk and tokens over an open database, as an administrator does.
func newOffice(tb testing.TB, db *bun.DB, data string, tokens int) *office {
	tb.Helper()
	o := &options{dataDir: data}
	store := ledger.Open(db, o.keys(), time.Now, kinds()...)
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	actor, err := ledger.LocalActor("tester")
	must(err)
	f := &office{}
	f.book, err = store.AddBook(tb.Context(), actor, ledger.BookProfile{Code: officeCode, Kind: ledger.OfficeBook, NameZH: "虚构街道"})
	must(err)
	accounts := account.New(store, time.Now, account.Options{})
	id, code, err := accounts.Add(tb.Context(), actor, account.NewAccount{Login: "clerk", Name: "经办（虚构）"})
	must(err)
	must(accounts.Grant(tb.Context(), actor, account.NewRight{Account: id, Role: account.Clerk, Book: officeCode}))
	opened, err := accounts.Redeem(tb.Context(), "clerk", code, "gray-lantern over nine rivers", account.From{Address: "127.0.0.1"})
	must(err)
	f.cookie = opened.Token
	until := ledger.DayOf(time.Now()).AddDays(30)
	for i := range tokens {
		plain, err := accounts.IssueToken(tb.Context(), opened.Principal, account.NewToken{
			Name: fmt.Sprintf("program %d", i), Book: officeCode, Cans: []account.Can{account.ReadBook, account.EnterLots}, Until: until,
		})
		must(err)
		f.tokens = append(f.tokens, plain)
	}
	return f
}

// A reply is what came of one attempt to write.
type reply struct {
	status   int
	body     string
	replayed bool
	entry    int64
	reason   string
	err      error // no whole answer came
}

// unknown holds when the client cannot know whether its write is in the book. A connection that was refused carried
// nothing.
func (a reply) unknown() bool {
	return a.err != nil && !errors.Is(a.err, syscall.ECONNREFUSED) || a.reason == "book.commit_unknown"
}

// lotBody is an invented lot as the API takes it.
func lotBody(no string) []byte {
	body, err := json.Marshal(auction.LotInput{
		LotNo: no, AssetName: "虚构商铺", Collective: "虚构村经济联社", Kind: "shop", TradeKind: "lease", Method: "online_bidding",
		HammeredOn: "2021-03-05", BaseTotal: "120000", HammerTotal: "240000", Registrants: "3", Bidders: "3", Term: "36个月",
	})
	if err != nil {
		panic(err)
	}
	return body
}

// post sends a lot once, with a key.
func post(client *http.Client, address, token, key string, body []byte) (a reply) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+address+"/api/v1/books/"+officeCode+"/lots", bytes.NewReader(body))
	if err != nil {
		return reply{err: err}
	}
	r.GetBody = nil // net/http itself tries nothing again
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	answer, err := client.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return reply{err: err}
	}
	var said struct {
		Entry  int64
		Reason string
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return reply{err: fmt.Errorf("%w in %q", err, text)}
	}
	return reply{answer.StatusCode, string(text), answer.Header.Get("Idempotency-Replayed") == "true", said.Entry, said.Reason, nil}
}

// newClient is a client for many writers.
func newClient(writers int) *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: writers}}
}

// load is many writers, each of whom sends a lot again, with its key, until an answer says what became of it.
type load struct {
	tb      testing.TB
	client  *http.Client
	address func(writer int) string
	tokens  []string
	prefix  string

	mu       sync.Mutex
	acks     map[string]int64 // number of lot → its entry
	unknown  int              // writes of which at least one attempt had an unknown outcome
	written  int              // of those: the retry was told that it had been done
	unsaid   int              // attempts with an unknown outcome
	progress chan struct{}
	given    chan struct{} // closed when the first writer gives up
	once     sync.Once
}

func newLoad(tb testing.TB, tokens []string, prefix string, address func(int) string) *load {
	tb.Helper()
	return &load{
		tb: tb, client: newClient(len(tokens)), address: address, tokens: tokens, prefix: prefix,
		acks: map[string]int64{}, progress: make(chan struct{}, 1), given: make(chan struct{}),
	}
}

// run lets one writer a token write until done is closed, or each so many lots.
func (l *load) run(each int, done <-chan struct{}) (wait func()) {
	var wg sync.WaitGroup
	for writer := range l.tokens {
		wg.Go(func() {
			for i := 0; each == 0 || i < each; i++ {
				select {
				case <-done:
					return
				default:
				}
				if !l.write(writer, fmt.Sprintf("%s-%02d-%05d", l.prefix, writer, i)) {
					l.once.Do(func() { close(l.given) })
					return
				}
			}
		})
	}
	return wg.Wait
}

// write sends one lot until it is acknowledged.
func (l *load) write(writer int, no string) bool {
	body, unknown := lotBody(no), 0
	pause := time.NewTicker(5 * time.Millisecond)
	defer pause.Stop()
	end := time.After(2 * time.Minute)
	for {
		a := post(l.client, l.address(writer), l.tokens[writer], "key-"+no, body)
		if a.err == nil && a.status == http.StatusCreated {
			l.acknowledge(no, a, unknown)
			return true
		}
		if a.unknown() {
			unknown++
		} else if a.err == nil && a.status != http.StatusServiceUnavailable {
			l.tb.Errorf("lot %s: %d %s", no, a.status, a.body)
			return false
		}
		select {
		case <-pause.C:
		case <-end:
			l.tb.Errorf("lot %s: two minutes without an answer; the last was %+v", no, a)
			return false
		}
	}
}

func (l *load) acknowledge(no string, a reply, unknown int) {
	l.mu.Lock()
	l.acks[no] = a.entry
	l.unsaid += unknown
	if unknown > 0 {
		l.unknown++
		if a.replayed {
			l.written++
		}
	} else if a.replayed {
		l.tb.Errorf("lot %s: the first answer says that it is a replay", no)
	}
	l.mu.Unlock()
	select {
	case l.progress <- struct{}{}:
	default:
	}
}

// await waits until n more lots are acknowledged.
func (l *load) await(n int) {
	l.tb.Helper()
	for l.drain(); n > 0; n-- {
		select {
		case <-l.progress:
		case <-l.given: // up: the test has failed
			l.tb.FailNow()
		}
	}
}

func (l *load) drain() {
	select {
	case <-l.progress:
	default:
	}
}

// held holds what the writers were told against the book: each acknowledged lot is there once, at its entry, and nothing
// else is. besides are the lots that others wrote. It gives how many were lost and doubled.
func (l *load) held(db *bun.DB, besides int) (lost, doubled int) {
	l.tb.Helper()
	var rows []struct {
		LotNo   string
		SeqFrom int64
	}
	err := db.NewRaw("SELECT lot_no, seq_from FROM lots AS l JOIN books AS b ON b.id = l.book_id WHERE b.code = ? ORDER BY seq_from", officeCode).
		Scan(context.Background(), &rows)
	if err != nil {
		l.tb.Fatal(err)
	}
	left := maps.Clone(l.acks)
	for _, r := range rows {
		entry, ok := left[r.LotNo]
		delete(left, r.LotNo)
		switch {
		case !strings.HasPrefix(r.LotNo, l.prefix):
			besides--
		case !ok:
			doubled++
			l.tb.Errorf("lot %s at entry %d is doubled, or nobody was told of it", r.LotNo, r.SeqFrom)
		case entry != r.SeqFrom:
			l.tb.Errorf("lot %s stands at entry %d, its writer was told %d", r.LotNo, r.SeqFrom, entry)
		}
	}
	for _, no := range slices.Sorted(maps.Keys(left)) {
		l.tb.Errorf("lot %s was acknowledged as entry %d and is lost", no, left[no])
	}
	if besides != 0 {
		l.tb.Errorf("%d lots of others are missing", besides)
	}
	return len(left), doubled
}
