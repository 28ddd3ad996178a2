//go:build bench

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/migrations/localpg"
)

// serviceClients are signed in at once, each with an account of its own.
const serviceClients = 32

// service measures the program as it serves: 32 clerks signed in, reading and entering in a book of many lots.
func (b *bench) service() {
	b.part(fmt.Sprintf("Over HTTP, %d clients signed in, a book of %d lots", serviceClients, b.rows))
	book := b.filled(b.rows)
	tokens := b.clerks(book, serviceClients)
	s := b.serve()
	defer s.stop()
	b.line("memory when idle (PostgreSQL not among it)", megabytes(s.resident()), "", "", "≤ 60 MB")
	b.line("first page with all that it loads", fmt.Sprintf("%.1f KB", float64(s.firstPage())/1e3), "", "", "≤ 150 KB")
	base := "/api/v1/books/" + book.Code + "/lots"
	id := s.anyLot(tokens[0], base)
	for _, read := range []struct{ what, path string }{
		{"list, 50 of the newest", base + "?limit=50"},
		{"list, by date from March on", base + "?limit=50&sort=hammered_on&from=2021-03-01"},
		{"list, search 虚构商铺", base + "?limit=50&search=%E8%99%9A%E6%9E%84%E5%95%86%E9%93%BA"},
		{"one lot", fmt.Sprintf("%s/%d", base, id)},
		{"page of the list", "/books/" + book.Code + "/lots"},
	} {
		b.requests(read.what, func(client, _ int) time.Duration {
			return s.exchange(http.MethodGet, read.path, tokens[client], nil, http.StatusOK)
		})
	}
	b.searching(book)
}

// requests prints what 32 clients reach.
func (b *bench) requests(what string, one func(client, i int) time.Duration) {
	const window = 3 * time.Second
	list := b.hammer(serviceClients, window, one)
	p50, p99, longest := percentiles(list)
	b.line(what, perSecond(rate(len(list), window), "requests"), "", "", "")
	b.line("  p50 / p99 / longest", ms(p50)+" / "+ms(p99)+" / "+ms(longest), "", "", "")
}

// searchLots is how many lots the book has in which is searched.
const searchLots = 1_000_000

// searching measures the search in Chinese. Its lots are rows only, without entries: what a search reads.
func (b *bench) searching(from *ledger.Book) {
	book := b.book("search")
	scope := ledger.WholeBook(book)
	id, err := scope.BookID()
	b.must(nil, err)
	source, err := ledger.WholeBook(from).BookID()
	b.must(nil, err)
	took := timed(func() {
		const chunk = 50
		for first := 1; first < searchLots/1000; first += chunk {
			b.must(b.db.Owner().NewRaw(`INSERT INTO lots SELECT r.* FROM
				(SELECT *, row_number() OVER (ORDER BY id) AS nth FROM lots WHERE book_id = ? AND seq_to IS NULL ORDER BY id LIMIT 1000) AS l
				CROSS JOIN generate_series(?::bigint, ?::bigint) AS n
				CROSS JOIN LATERAL jsonb_populate_record(NULL::lots, to_jsonb(l) || jsonb_build_object('book_id', ?::bigint, 'id', n * 1000 + l.nth,
				'seq_from', n * 1000 + l.nth, 'lot_no_key', 'S' || n || '-' || l.nth, 'import', NULL)) AS r`,
				source, first, first+chunk-1, id).Exec(b.Context()))
		}
		b.must(b.db.Owner().ExecContext(b.Context(), "ANALYZE lots"))
	})
	fmt.Printf("  (%d rows to search in made in %s)\n", searchLots, took.Round(time.Second))
	for _, query := range []string{"虚构商铺", "虚构村17", "商铺 虚构村3", "没有的词"} {
		var list []time.Duration
		found := 0
		for range 20 {
			list = append(list, timed(func() {
				lots, _, err := auction.List(b.Context(), b.store.DB(), scope, auction.LotFilter{Search: query}, ledger.Page{})
				b.must(nil, err)
				found = len(lots)
			}))
		}
		p50, _, longest := percentiles(list)
		b.line(fmt.Sprintf("search %s in %d lots (%d shown)", query, searchLots, found), ms(p50)+", longest "+ms(longest), "", "", "≤ 20 ms")
	}
}

// clerks are accounts that may enter lots, each signed in.
func (b *bench) clerks(book *ledger.Book, most int) []string {
	service := account.New(b.store, time.Now, account.Options{})
	for i := len(b.tokens); i < most; i++ {
		login := fmt.Sprintf("bench%03d", i)
		id, code, err := service.Add(b.Context(), b.actor, account.NewAccount{Login: login, Name: "测速经办（虚构）"})
		b.must(nil, err)
		b.must(nil, service.Grant(b.Context(), b.actor, account.NewRight{Account: id, Role: account.Clerk, Book: book.Code}))
		opened, err := service.Redeem(b.Context(), login, code, fmt.Sprintf("not a common one %d", i), account.From{Address: "127.0.0.1"})
		b.must(nil, err)
		b.tokens = append(b.tokens, opened.Token)
	}
	return b.tokens[:most]
}

// served is the program serving on a port of its own.
type served struct {
	b       *bench
	command *exec.Cmd
	url     string
	client  *http.Client
}

func (b *bench) serve() *served {
	b.Helper()
	l, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	b.must(nil, err)
	address := l.Addr().String()
	b.must(nil, l.Close())
	s := &served{b: b, url: "http://" + address, client: &http.Client{
		Transport:     &http.Transport{MaxIdleConns: 200, MaxIdleConnsPerHost: 200, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	s.command = exec.CommandContext(context.WithoutCancel(b.Context()), b.bin, "serve", "--listen", address, "--data-dir", b.data, "--database-url", b.db.URL(localpg.OwnerRole))
	b.must(nil, s.command.Start())
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		<-tick.C
		if r, err := s.client.Get(s.url + "/readyz"); err == nil { //nolint:noctx // the port is ours, and the loop ends
			_ = r.Body.Close()
			if r.StatusCode < 300 {
				return s
			}
		}
	}
	b.Fatal("the program does not get ready")
	return nil
}

func (s *served) stop() {
	_ = s.command.Process.Signal(os.Interrupt)
	_ = s.command.Wait()
}

// resident is the memory that the program has resident now, in bytes.
func (s *served) resident() int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kib int64
	_, err := fmt.Sscan(rest, &kib)
	s.b.must(nil, err)
	return kib << 10
}

// exchange sends a request and reads all of the answer.
func (s *served) exchange(method, path, token string, body []byte, want int) time.Duration {
	r, err := http.NewRequestWithContext(s.b.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		s.b.Error(err)
		return 0
	}
	r.AddCookie(&http.Cookie{Name: "mingzhang", Value: token})
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	start := time.Now()
	answer, err := s.client.Do(r)
	if err != nil {
		s.b.Error(err)
		return 0
	}
	text, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	took := time.Since(start)
	if err != nil || answer.StatusCode != want {
		s.b.Errorf("%s %s: %s, %v\n%.300s", method, path, answer.Status, err, text)
	}
	return took
}

// anyLot is the number of one lot of the list.
func (s *served) anyLot(token, list string) int64 {
	var page struct {
		Items []struct {
			ID int64 `json:"id"`
		} `json:"items"`
	}
	r, err := http.NewRequestWithContext(s.b.Context(), http.MethodGet, s.url+list, nil)
	s.b.must(nil, err)
	r.AddCookie(&http.Cookie{Name: "mingzhang", Value: token})
	answer, err := s.client.Do(r)
	s.b.must(nil, err)
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&page); err != nil || len(page.Items) == 0 {
		s.b.Fatalf("the list is empty: %v", err)
	}
	return page.Items[0].ID
}

var loaded = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)

// firstPage is the bytes over the wire of the page that a stranger gets first, with all that it loads, as a browser
// asks for them.
func (s *served) firstPage() int {
	fetch := func(path string) int {
		r, err := http.NewRequestWithContext(s.b.Context(), http.MethodGet, s.url+path, nil)
		s.b.must(nil, err)
		r.Header.Set("Accept-Encoding", "gzip")
		answer, err := s.client.Do(r)
		s.b.must(nil, err)
		defer answer.Body.Close()
		raw, err := io.ReadAll(answer.Body)
		s.b.must(nil, err)
		return len(raw)
	}
	plain, err := http.NewRequestWithContext(s.b.Context(), http.MethodGet, s.url+"/sign-in", nil)
	s.b.must(nil, err)
	answer, err := s.client.Do(plain)
	s.b.must(nil, err)
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	s.b.must(nil, err)
	total := fetch("/sign-in")
	for _, m := range loaded.FindAllSubmatch(page, -1) {
		total += fetch(string(m[1]))
	}
	return total
}
