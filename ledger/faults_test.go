package ledger_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/driver/pgdriver"

	"mingzhang/ledger"
	"mingzhang/migrations/dbtest"
)

// writerRole is the role that the program writes with.
const writerRole = "mingzhang_writer"

// blind is the command that records a slip without asking whether it is there: only its key can keep a
// retry from doubling it.
func (b *bundle) blind(t *testing.T, no string) ledger.Command {
	t.Helper()
	c := b.append("slip.recorded", &slipState{No: no, Amount: money(t, "1.00"), Remark: ledger.Seal("备注")})
	c.Key, c.Body = "key-"+no, []byte(no)
	return c
}

// told holds what callers were told against the book: every acknowledged slip is there once, at its entry,
// and nothing else is.
func (b *bundle) told(t *testing.T, acks *sync.Map) {
	t.Helper()
	var rows []slip
	if err := b.db.Writer().NewSelect().Model(&rows).Order("id").Scan(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		seq, ok := acks.LoadAndDelete(r.No)
		switch {
		case !ok:
			t.Errorf("slip %s at entry %d is doubled, or nobody was told of it", r.No, r.SeqFrom)
		case seq.(int64) != r.SeqFrom:
			t.Errorf("slip %s stands at entry %d, its writer was told %d", r.No, r.SeqFrom, seq)
		}
	}
	acks.Range(func(no, seq any) bool {
		t.Errorf("slip %s was acknowledged as entry %d and is lost", no, seq)
		return true
	})
	b.clean(t, int64(len(rows))+1)
}

// Backends die in the middle of the commits of eight writers in two processes. Writers retry with their keys.
func TestFaults_BackendsKilled(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const writers, each, kills = 8, 25, 40
	_, pool := through(t, b.db)
	other, err := b.open(pool).Book(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	var acks sync.Map
	var wg sync.WaitGroup
	progress := make(chan struct{}, writers*each)
	for w := range writers {
		book := []*ledger.Book{b.book, other}[w%2]
		wg.Go(func() {
			for i := range each {
				no := fmt.Sprintf("%c%d", 'a'+w, i)
				c := b.blind(t, no)
				r, err := book.Do(context.Background(), c)
				for try := 0; err != nil && try < 100; try++ {
					r, err = book.Do(context.Background(), c)
				}
				if err != nil {
					t.Errorf("slip %s: %v", no, err)
					continue
				}
				acks.Store(no, r.First)
				progress <- struct{}{}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	killed := b.kill(t, kills, progress, done)
	<-done
	if killed < kills/2 {
		t.Errorf("only %d backends were killed", killed)
	}
	t.Logf("%d writers, %d slips, %d backends killed", writers, writers*each, killed)
	b.told(t, &acks)
}

// kill ends backends that are within a transaction, one after each acknowledged command.
func (b *bundle) kill(t *testing.T, kills int, progress, done <-chan struct{}) (killed int) {
	t.Helper()
	for killed < kills {
		select {
		case <-done:
			return killed
		case <-progress:
		}
		for n := 0; n == 0; {
			select {
			case <-done:
				return killed
			default:
			}
			err := b.db.Owner().NewRaw(`SELECT count(*) FROM (SELECT pg_terminate_backend(pid) AS gone FROM pg_stat_activity
				WHERE datname = current_database() AND usename = ? AND xact_start IS NOT NULL AND wait_event_type IS DISTINCT FROM 'Lock' LIMIT 1) AS k
				WHERE gone`, writerRole).Scan(context.Background(), &n)
			if err != nil {
				t.Error(err)
				return killed
			}
			killed += n
		}
	}
	return killed
}

// After a restart of the server all idle connections are dead. Nobody but the program notices.
func TestFaults_IdleConnectionsLost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wg sync.WaitGroup
	for range 8 { // fills the pool
		wg.Go(func() {
			if _, err := b.db.Writer().ExecContext(context.Background(), "SELECT pg_sleep(0.05)"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var n int
	err := b.db.Owner().NewRaw("SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE datname = current_database() AND usename = ?",
		writerRole).Scan(t.Context(), &n)
	if err != nil || n < 4 {
		t.Fatalf("ended %d idle sessions, %v", n, err)
	}
	b.do(t, b.blind(t, "a1"))
	b.clean(t, 2)
}

// cut says what a proxy does at a message.
type cut struct {
	name    string
	at      string // the text in the client's message
	forward bool   // the server gets the message
	answer  bool   // and is waited for; its answer is swallowed
	linger  bool   // the server is not told that the client has gone
	refuse  int64  // so many connections after it are refused
}

// proxy stands between a pool and the server's socket.
type proxy struct {
	server string
	armed  atomic.Pointer[cut]
	fired  atomic.Int64
	refuse atomic.Int64
}

// through is a pool of its own whose connections go through a proxy.
func through(t *testing.T, db *dbtest.DB) (*proxy, *bun.DB) {
	t.Helper()
	address, err := url.Parse(db.URL(writerRole)) // unix://role@database/path
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "cut") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{server: address.Path}
	socket := filepath.Join(dir, "s")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go p.serve(client)
		}
	}()
	pool := bun.NewDB(sql.OpenDB(pgdriver.NewConnector(
		pgdriver.WithNetwork("unix"), pgdriver.WithAddr(socket), pgdriver.WithInsecure(true),
		pgdriver.WithUser(writerRole), pgdriver.WithDatabase(address.Host),
		pgdriver.WithConnParams(map[string]any{"idle_in_transaction_session_timeout": "300ms"}),
	)), pgdialect.New())
	pool.SetMaxOpenConns(8)
	pool.SetMaxIdleConns(8)
	t.Cleanup(func() {
		if err := errors.Join(pool.Close(), listener.Close(), os.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
	})
	return p, pool
}

func (p *proxy) serve(client net.Conn) {
	server, err := new(net.Dialer).DialContext(context.Background(), "unix", p.server)
	if err != nil || p.refuse.Load() > 0 && p.refuse.Add(-1) >= 0 {
		if err == nil {
			_ = server.Close()
		}
		_ = client.Close()
		return
	}
	var mute atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer client.Close()
		buffer := make([]byte, 64<<10)
		for {
			n, err := server.Read(buffer)
			if err != nil || mute.Load() {
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	defer server.Close()
	defer client.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		c := p.armed.Load()
		if c == nil || !bytes.Contains(buffer[:n], []byte(c.at)) || !p.armed.CompareAndSwap(c, nil) {
			if _, err := server.Write(buffer[:n]); err != nil {
				return
			}
			continue
		}
		p.fired.Add(1)
		p.refuse.Store(c.refuse)
		mute.Store(c.answer)
		if c.forward {
			_, _ = server.Write(buffer[:n])
		}
		if c.linger {
			_ = client.Close()
		}
		if c.answer || c.linger {
			<-ended // the server answered, or ended the session by itself
		}
		return
	}
}

// The connection is cut around COMMIT, and within the transaction. What the caller is told is what the book
// says: settle finds it out.
func TestFaults_ConnectionCut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, pool := through(t, b.db)
	book, err := b.open(pool).Book(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	var acks sync.Map
	cuts := []cut{
		{name: "before BEGIN", at: "BEGIN;"},
		{name: "after BEGIN", at: "BEGIN;", forward: true, answer: true},
		{name: "while the book is being locked", at: "EXECUTE mingzhang_lock_of_book", forward: true},
		{name: "before the entries", at: `INTO "entries"`},
		{name: "after the checkpoint", at: `INTO "checkpoints"`, forward: true, answer: true},
		{name: "before COMMIT", at: "COMMIT\x00"},
		{name: "with COMMIT", at: "COMMIT\x00", forward: true},
		{name: "after COMMIT, its answer lost", at: "COMMIT\x00", forward: true, answer: true},
		{name: "before COMMIT, the server not told", at: "COMMIT\x00", linger: true},
		{name: "within the transaction, the server not told", at: `INTO "checkpoints"`, linger: true},
	}
	for round := range 3 {
		for i, c := range cuts {
			no := fmt.Sprintf("a%d-%d", round, i)
			p.armed.Store(&c)
			command := b.blind(t, no)
			if round == 1 {
				command.Key = "" // nothing but settle keeps it from being doubled
			}
			r, err := book.Do(t.Context(), command)
			if err != nil {
				t.Errorf("cut %s: %v", c.name, err)
				continue
			}
			acks.Store(no, r.First)
		}
	}
	if fired := p.fired.Load(); fired != int64(3*len(cuts)) {
		t.Errorf("%d cuts were made, want %d", fired, 3*len(cuts))
	}
	b.told(t, &acks)
}

// The same in groups: eight writers, a cut at every third commit or so.
func TestFaults_GroupsCut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, pool := through(t, b.db)
	book, err := b.open(pool).Book(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	var acks sync.Map
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 15 {
				p.armed.CompareAndSwap(nil, &cut{name: "COMMIT", at: "COMMIT\x00", forward: i%2 == 0, answer: i%4 == 0})
				no := fmt.Sprintf("%c%d", 'a'+w, i)
				command := b.blind(t, no)
				if w%2 == 0 {
					command.Key = ""
				}
				r, err := book.Do(context.Background(), command)
				if err != nil {
					t.Errorf("slip %s: %v", no, err)
					continue
				}
				acks.Store(no, r.First)
			}
		})
	}
	wg.Wait()
	if p.fired.Load() < 10 {
		t.Errorf("only %d commits were cut", p.fired.Load())
	}
	p.armed.Store(nil)
	b.told(t, &acks)
}
