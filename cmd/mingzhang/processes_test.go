package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/migrations/dbtest"
	"mingzhang/migrations/localpg"
)

// site is a database of the tests' own cluster, and an office in it whose programs several processes serve.
type site struct {
	*office
	tb   testing.TB
	db   *dbtest.DB
	data string
	url  string
}

func newSite(tb testing.TB, tokens int) *site {
	tb.Helper()
	s := &site{tb: tb, db: dbtest.New(tb), data: tb.TempDir()}
	s.url = s.db.URL(localpg.OwnerRole)
	s.office = newOffice(tb, s.db.Writer(), s.data, tokens)
	return s
}

// serve starts the program n times over the same database.
func (s *site) serve(n int) []*daemon {
	s.tb.Helper()
	daemons := make([]*daemon, n)
	for i := range daemons {
		daemons[i] = newDaemon(s.tb, s.data, "--database-url", s.url)
		daemons[i].start()
	}
	for _, d := range daemons {
		d.awaitReady()
	}
	return daemons
}

// command runs another command of the program on the same database and wants it to end well.
func (s *site) command(args ...string) string {
	c := exec.CommandContext(context.WithoutCancel(s.tb.Context()), built.bin, append(args, "--database-url", s.url)...)
	c.Env = append(os.Environ(), "MINGZHANG_DATA_DIR="+s.data)
	var out, talk bytes.Buffer
	c.Stdout, c.Stderr = &out, &talk
	if err := c.Run(); err != nil {
		s.tb.Errorf("%v: %v\n%s%s", args, err, out.String(), talk.String())
	}
	return out.String()
}

// whole wants a book without gap and fork: so many entries in a row from 0, no checkpoint beyond them, and check clean.
func (s *site) whole(entries int64) {
	s.tb.Helper()
	var n, last, size int64
	err := s.db.Owner().NewRaw("SELECT count(*), max(seq), (SELECT max(size) FROM checkpoints AS c WHERE c.book_id = b.id) FROM books AS b "+
		"JOIN entries AS e ON e.book_id = b.id WHERE b.code = ? GROUP BY b.id", officeCode).Scan(s.tb.Context(), &n, &last, &size)
	if err != nil || n != entries || last != entries-1 || size != entries {
		s.tb.Errorf("%d entries to number %d in a checkpoint of %d, %v; want %d", n, last, size, err, entries)
	}
	if out := s.command("check"); strings.Count(out, "：完好") != 2 || !strings.Contains(out, fmt.Sprintf("条目 %d", entries)) {
		s.tb.Errorf("check: %s", out)
	}
}

// register is a register of so many invented lots.
func (s *site) register(prefix string, rows int) string {
	s.tb.Helper()
	var b strings.Builder
	b.WriteString("交易编号,资产名称,底价(元),成交价(元),结果,成交日期\n")
	for i := range rows {
		fmt.Fprintf(&b, "%s-%05d,虚构商铺,120000,150000,成交,2021-04-%02d\n", prefix, i, 1+i%28)
	}
	path := s.tb.TempDir() + "/" + prefix + ".csv"
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		s.tb.Fatal(err)
	}
	return path
}

// Four processes write one book at once, each for eight writers, and a fifth imports a register meanwhile: one sequence
// without a gap, one root.
func TestProcesses_FourWriteOneBook(t *testing.T) {
	t.Parallel()
	const processes, each, writers, imported = 4, 12, 32, 300
	s := newSite(t, writers)
	daemons := s.serve(processes)
	l := newLoad(t, s.tokens, "four", func(writer int) string { return daemons[writer%processes].address })
	wait := l.run(each, nil)
	l.await(1)
	s.command("import", "lots", s.register("import", imported), "--book", officeCode)
	wait()
	for _, d := range daemons {
		d.stop()
	}
	lost, doubled := l.held(s.db.Owner(), imported)
	s.whole(1 + writers*each + 1 + imported)
	t.Logf("%d processes and an import, %d writers · acknowledged %d, imported %d · lost %d · doubled %d · one sequence of %d entries",
		processes, writers, len(l.acks), imported, lost, doubled, 2+writers*each+imported)
}

// While a large import commits, single writes wait and never fail.
func TestProcesses_ImportBesideSingleWrites(t *testing.T) {
	t.Parallel()
	const writers, imported = 8, 5000
	s := newSite(t, writers)
	d := s.serve(1)[0]
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.command("import", "lots", s.register("import", imported), "--book", officeCode)
	}()
	var mu sync.Mutex
	var longest time.Duration
	var wg sync.WaitGroup
	written, client := 0, newClient(writers)
	for writer, token := range s.tokens {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				began := time.Now()
				a := post(client, d.address, token, "", lotBody(fmt.Sprintf("single-%d-%05d", writer, i)))
				took := time.Since(began)
				if a.err != nil || a.status != http.StatusCreated {
					t.Errorf("a single write beside the import: %+v", a)
					return
				}
				mu.Lock()
				written++
				longest = max(longest, took)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	d.stop()
	var after int64
	err := s.db.Owner().NewRaw("SELECT count(*) FROM lots WHERE lot_no LIKE 'single-%' AND seq_from > (SELECT max(seq_from) FROM lots WHERE lot_no LIKE 'import-%')").
		Scan(t.Context(), &after)
	if err != nil || int64(written) == after {
		t.Errorf("no single write was committed before the import, %v", err)
	}
	s.whole(int64(1 + written + 1 + imported))
	t.Logf("an import of %d lots beside %d single writes, of which none failed · longest wait %s", imported, written, longest.Round(time.Millisecond))
}

// A hundred retries at once, through two processes, make one entry, and all get the answer of the first; the same key
// with another body is a conflict.
func TestProcesses_RetryStorm(t *testing.T) {
	t.Parallel()
	const retries = 100
	s := newSite(t, 1)
	daemons := s.serve(2)
	client := newClient(retries)
	all := make([]reply, retries)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { all[i] = post(client, daemons[i%2].address, s.tokens[0], "storm", lotBody("storm-1")) })
	}
	wg.Wait()
	first := 0
	for i, a := range all {
		if a.err != nil || a.status != http.StatusCreated || a.body != all[0].body {
			t.Errorf("retry %d: %+v, want the answer %s", i, a, all[0].body)
		}
		if !a.replayed {
			first++
		}
	}
	if first != 1 {
		t.Errorf("%d answers are not marked as replays, want the one of the first", first)
	}
	for i := range 10 {
		if a := post(client, daemons[i%2].address, s.tokens[0], "storm", lotBody("storm-2")); a.status != http.StatusConflict || a.reason != "idempotency.other_body" {
			t.Errorf("another body: %+v, want 409 idempotency.other_body", a)
		}
	}
	// A form carries its key itself: sent many times at once, through both, it is one entry too.
	form := url.Values{
		"key": {"form-of-one-lot"}, "lot_no": {"form-1"}, "asset_name": {"虚构商铺"}, "collective": {"虚构村经济联社"}, "kind": {"shop"},
		"hammered_on": {"2021-03-05"}, "base_total": {"120000"}, "hammer_total": {"240000"},
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	places := make([]string, retries)
	for i := range places {
		wg.Go(func() { places[i] = s.submit(client, daemons[i%2].address, form) })
	}
	wg.Wait()
	for i, place := range places {
		if place != places[0] || !strings.HasPrefix(place, "/books/"+officeCode+"/lots/") {
			t.Errorf("form %d: led to %q, the first to %q", i, place, places[0])
		}
	}
	s.whole(1 + 2)
	t.Logf("%d retries and %d forms sent at once through 2 processes: 2 entries", retries, retries)
}

// submit sends a form in the clerk's own session and gives where it leads.
func (s *site) submit(client *http.Client, address string, form url.Values) string {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+address+"/books/"+officeCode+"/lots", strings.NewReader(form.Encode()))
	if err != nil {
		return err.Error()
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "mingzhang", Value: s.cookie})
	answer, err := client.Do(r)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusSeeOther {
		return fmt.Sprintf("%s %v %.400s", answer.Status, err, text)
	}
	return answer.Header.Get("Location")
}

// Told to stop, under 32 writers, the program answers each write or refuses it: what was acknowledged is in the book, and
// nothing else is. No answer is cut.
func TestProcesses_GracefulStop(t *testing.T) {
	t.Parallel()
	const writers, rounds = 32, 5
	s := newSite(t, writers)
	d := newDaemon(t, s.data, "--database-url", s.url)
	acks := map[string]int64{}
	var mu sync.Mutex
	acked, refused, closed := 0, 0, 0
	for round := range rounds {
		d.start()
		d.awaitReady()
		client := newClient(writers)
		progress := make(chan struct{}, writers)
		var wg sync.WaitGroup
		for writer, token := range s.tokens {
			wg.Go(func() {
				for i := 0; ; i++ {
					no := fmt.Sprintf("stop-%d-%02d-%05d", round, writer, i)
					a := post(client, d.address, token, "", lotBody(no)) // without a key: nothing is sent twice
					mu.Lock()
					switch {
					case a.err == nil && a.status == http.StatusCreated:
						acked, acks[no] = acked+1, a.entry
					case a.err == nil && a.status == http.StatusServiceUnavailable && a.reason == "book.stopping":
						refused++
					case a.err != nil && strings.Contains(a.err.Error(), "invalid character"):
						t.Errorf("lot %s: a cut answer: %v", no, a.err)
					case a.err != nil:
						closed++ // not one byte came: held against the book below
					default:
						t.Errorf("lot %s: %d %s", no, a.status, a.body)
					}
					mu.Unlock()
					if a.err != nil || a.status != http.StatusCreated {
						return
					}
					select {
					case progress <- struct{}{}:
					default:
					}
				}
			})
		}
		for range writers {
			<-progress
		}
		began := time.Now()
		d.stop()
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("the stop took %s", took)
		}
		wg.Wait()
		client.CloseIdleConnections()
	}
	l := &load{tb: t, prefix: "stop", acks: acks}
	lost, doubled := l.held(s.db.Owner(), 0)
	s.whole(int64(1 + len(acks)))
	if refused == 0 {
		t.Error("no write was refused: the stops came at no bad moment")
	}
	t.Logf("SIGTERM under %d writers, %d times: acknowledged %d · refused %d · connection closed before an answer %d · lost %d · in the book and not acknowledged %d",
		writers, rounds, acked, refused, closed, lost, doubled)
}
