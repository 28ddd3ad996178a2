package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"mingzhang/migrations/localpg"
)

// cutter is a TCP proxy in this process that follows what goes through it, and cuts.
type cutter struct {
	network, server        string // where it goes on to
	address                string
	seen                   atomic.Int64
	before, amidst, behind atomic.Int64 // cuts: before the server got it, as it got it, after it had answered
}

// newCutter begins a proxy; each connection is handed to serve.
func newCutter(t *testing.T, network, server string, serve func(*cutter, net.Conn, net.Conn)) *cutter {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &cutter{network: network, server: server, address: l.Addr().String()}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // closed
			}
			go func() {
				defer client.Close()
				onward, err := new(net.Dialer).DialContext(context.Background(), c.network, c.server)
				if err != nil {
					return
				}
				defer onward.Close()
				serve(c, client, onward)
			}()
		}
	}()
	return c
}

// cutCommits follows PostgreSQL's protocol and cuts every third COMMIT: before the server gets it, as it gets it, and
// after it has answered, in turn.
func cutCommits(c *cutter, client, server net.Conn) {
	var mute atomic.Bool
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		defer client.Close()
		from := bufio.NewReader(server)
		for {
			m, err := pgMessage(from)
			if err != nil {
				return
			}
			if mute.Load() {
				if m[0] == 'Z' { // ready for the next: COMMIT is done, and nobody is told
					return
				}
				continue
			}
			if _, err := client.Write(m); err != nil {
				return
			}
		}
	}()
	from := bufio.NewReader(client)
	m, err := pgStartup(from)
	for err == nil {
		if bytes.Equal(m, pgCommit) {
			switch c.seen.Add(1) % 9 {
			case 3:
				c.before.Add(1)
				return
			case 6:
				c.amidst.Add(1)
				_, _ = server.Write(m)
				return
			case 0:
				c.behind.Add(1)
				mute.Store(true)
				_, _ = server.Write(m)
				<-answered
				return
			}
		}
		if _, err = server.Write(m); err == nil {
			m, err = pgMessage(from)
		}
	}
}

// pgCommit is COMMIT as a simple query.
var pgCommit = append([]byte{'Q', 0, 0, 0, 11}, "COMMIT\x00"...)

// pgMessage reads one message: its letter, its length, the rest.
func pgMessage(from *bufio.Reader) ([]byte, error) {
	head, err := from.Peek(5)
	if err != nil {
		return nil, err
	}
	m := make([]byte, 1+binary.BigEndian.Uint32(head[1:]))
	_, err = io.ReadFull(from, m)
	return m, err
}

// pgStartup reads the first message, which has no letter.
func pgStartup(from *bufio.Reader) ([]byte, error) {
	head, err := from.Peek(4)
	if err != nil {
		return nil, err
	}
	m := make([]byte, binary.BigEndian.Uint32(head))
	_, err = io.ReadFull(from, m)
	return m, err
}

// cutRequests follows HTTP and cuts every third exchange: before the server gets the request, and after it has answered,
// in turn.
func cutRequests(c *cutter, client, server net.Conn) {
	fromClient, fromServer := bufio.NewReader(client), bufio.NewReader(server)
	for {
		r, err := http.ReadRequest(fromClient)
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		turn := c.seen.Add(1) % 6
		if turn == 3 {
			c.before.Add(1)
			return
		}
		if err := r.Write(server); err != nil {
			return
		}
		answer, err := http.ReadResponse(fromServer, r)
		if err != nil {
			return
		}
		if turn == 0 {
			_, _ = io.Copy(io.Discard, answer.Body)
			c.behind.Add(1)
			return
		}
		if err := errors.Join(answer.Write(client), answer.Body.Close()); err != nil {
			return
		}
	}
}

// Connections are cut around COMMIT, between program and database, and around the exchange, between client and program,
// both under 16 writers. Every outcome that a writer does not know is settled by its key.
func TestFaults_ConnectionsCut(t *testing.T) {
	t.Parallel()
	const each = 12
	s := newSite(t, faultWriters)
	socket, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	database := newCutter(t, "unix", socket.Path, cutCommits)
	through := "postgres://" + localpg.OwnerRole + "@" + database.address + "/" + s.db.Name() + "?sslmode=disable"
	d := newDaemon(t, s.data, "--database-url", through)
	d.start()
	d.awaitReady()
	line := newCutter(t, "tcp", d.address, cutRequests)
	l := newLoad(t, s.tokens, "cut", func(int) string { return line.address })
	began := time.Now()
	l.run(each, nil)()
	took := time.Since(began)
	d.stop()
	lost, doubled := l.held(s.db.Owner(), 0)
	s.whole(1 + faultWriters*each)
	t.Logf("COMMIT cut: before %d, with %d, after %d · request cut before %d, answer cut %d · acknowledged %d in %s · "+
		"unknown %d, settled by key %d (written %d, not yet %d) · lost %d · doubled %d",
		database.before.Load(), database.amidst.Load(), database.behind.Load(), line.before.Load(), line.behind.Load(), len(l.acks), took.Round(time.Millisecond),
		l.unknown, l.unknown, l.written, l.unknown-l.written, lost, doubled)
	for name, n := range map[string]int64{
		"before COMMIT": database.before.Load(), "with COMMIT": database.amidst.Load(), "after COMMIT": database.behind.Load(),
		"before the request": line.before.Load(), "after the answer": line.behind.Load(), "unknown and written": int64(l.written),
	} {
		if n == 0 {
			t.Errorf("no cut %s", name)
		}
	}
}
