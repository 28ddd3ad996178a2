package web_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// flood is a body that goes on for so many bytes, and counts what was taken of it.
type flood struct {
	head, unit string
	most       int64
	taken      atomic.Int64
}

func (f *flood) Read(p []byte) (int, error) {
	at := f.taken.Load()
	if at >= f.most {
		return 0, io.EOF
	}
	n := 0
	if at < int64(len(f.head)) {
		n = copy(p, f.head[at:])
	} else {
		n = copy(p, bytes.Repeat([]byte(f.unit), len(p)/len(f.unit)+1))
	}
	f.taken.Add(int64(n))
	return n, nil
}

// A body of 1 GB is not taken: whatever the sockets hold, a few megabytes leave the client before it is refused.
func TestBadInput_Gigabyte(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	before := b.entries()
	server := httptest.NewServer(b.handler)
	t.Cleanup(server.Close)
	const upload = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"
	for _, x := range []struct {
		name, target, kind, head, unit, session string
		status                                  int
		most                                    int64 // that may leave the client
	}{
		{"JSON", "/api/v1/books/demo/lots", "application/json", `{"lot_no":"`, "a", b.session, 413, 16 << 20},
		{"a form", "/books/demo/lots", "application/x-www-form-urlencoded", "lot_no=", "a", b.session, 413, 16 << 20},
		{"a file", "/books/demo/import/lots", "multipart/form-data; boundary=x", upload, "a,b\n", b.session, 413, 64 << 20},
		{"a form of nobody", "/books/demo/lots", "application/x-www-form-urlencoded", "lot_no=", "a", "", 401, 16 << 20},
		{"JSON of nobody", "/api/v1/books/demo/lots", "application/json", "", " ", "", 401, 16 << 20},
	} {
		for _, length := range []int64{1 << 30, -1} {
			body := &flood{head: x.head, unit: x.unit, most: 1 << 30}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+x.target, io.NopCloser(body))
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = length
			r.Header.Set("Content-Type", x.kind)
			r.Header.Set("Cookie", "mingzhang="+x.session)
			resp, err := server.Client().Do(r)
			if err != nil {
				t.Errorf("%s, length %d: %v", x.name, length, err)
				continue
			}
			text, _ := io.ReadAll(resp.Body) // the answer may be cut with the connection
			resp.Body.Close()
			if resp.StatusCode != x.status || body.taken.Load() > x.most {
				t.Errorf("%s, length %d: %d after %d bytes, want %d before %d: %.200s", x.name, length, resp.StatusCode, body.taken.Load(), x.status, x.most, text)
			}
		}
	}
	if got := b.entries(); got != before {
		t.Errorf("%d entries, want %d", got, before)
	}
}

// served runs Serve on a listener until the test ends.
func (b *bundle) served(l net.Listener) {
	b.tb.Helper()
	ctx, stop := context.WithCancel(b.tb.Context())
	ended := make(chan error, 1)
	s := b.server(b.demoOptions())
	go func() { ended <- s.Serve(ctx, l, nil) }()
	b.tb.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			b.tb.Errorf("Serve: %v", err)
		}
	})
}

// spoken writes raw bytes to a served address and reads the answer.
func spoken(t *testing.T, address, text string) (*http.Response, error) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() { _, _ = io.WriteString(conn, text) }() // the server may hang up in between
	return http.ReadResponse(bufio.NewReader(conn), nil)
}

func TestBadInput_Headers(t *testing.T) {
	t.Parallel()
	b := demo(t)
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	b.served(l)
	const host = "\r\nHost: 127.0.0.1\r\n"
	for name, x := range map[string]struct {
		text   string
		status int
	}{
		"good":                  {"GET /sign-in HTTP/1.1" + host + "\r\n", 200},
		"one long header":       {"GET /sign-in HTTP/1.1" + host + "X-Long: " + strings.Repeat("a", 100_000) + "\r\n\r\n", 431},
		"many headers":          {"GET /sign-in HTTP/1.1" + host + strings.Repeat("X-Many: "+strings.Repeat("a", 90)+"\r\n", 1000) + "\r\n", 431},
		"a long address":        {"GET /sign-in?next=/" + strings.Repeat("a", 100_000) + " HTTP/1.1" + host + "\r\n", 431},
		"a space in a name":     {"GET /sign-in HTTP/1.1" + host + "X Y: a\r\n\r\n", 400},
		"no host":               {"GET /sign-in HTTP/1.1\r\n\r\n", 400},
		"two lengths":           {"POST /sign-in HTTP/1.1" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
		"length and chunks":     {"POST /sign-in HTTP/1.1" + host + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 401},
		"an address outside":    {"GET /static/../../../../etc/passwd HTTP/1.1" + host + "\r\n", 307},
		"a cookie of 30 kB":     {"GET /sign-in HTTP/1.1" + host + "Cookie: mingzhang=" + strings.Repeat("a", 30_000) + "\r\n\r\n", 200},
		"a NUL in a header":     {"GET /sign-in HTTP/1.1" + host + "X-Nul: a\x00b\r\n\r\n", 400},
		"a line feed in a path": {"GET /sign-in\n HTTP/1.1" + host + "\r\n", 400},
	} {
		resp, err := spoken(t, address, x.text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		resp.Body.Close()
		if resp.StatusCode != x.status {
			t.Errorf("%s: %d, want %d", name, resp.StatusCode, x.status)
		}
	}
}

// slowConn is a connection whose client has said something and then says no more. Time passes at once: a read that
// has a deadline meets it, and one that has none would wait for ever.
type slowConn struct {
	net.Conn

	said     io.Reader
	mu       sync.Mutex
	deadline time.Time
	forever  bool // a read had no deadline
}

func (c *slowConn) Read(p []byte) (int, error) {
	if n, err := c.said.Read(p); !errors.Is(err, io.EOF) {
		return n, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.deadline.IsZero() {
		return 0, os.ErrDeadlineExceeded
	}
	c.forever = true
	return 0, io.EOF
}

func (c *slowConn) waits() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.forever
}

func (c *slowConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return nil
}

func (c *slowConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// oneConn accepts one connection.
type oneConn struct {
	conn chan net.Conn
	done chan struct{}
	once sync.Once
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *oneConn) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// loopbackConn says where a pipe comes from.
type loopbackConn struct{ net.Conn }

func (loopbackConn) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 40000}
}

// Whoever sends a body drop by drop, or never ends it, holds the server no longer than its time-outs.
func TestBadInput_SlowBody(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	for name, x := range map[string]struct {
		text   string
		status int
	}{
		"a form": {"POST /statement HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: mingzhang=" + b.session +
			"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nstatement=a", 400},
		"JSON": {"POST /api/v1/books/demo/lots HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: mingzhang=" + b.session +
			"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", 400},
		"JSON of nobody": {"POST /api/v1/books/demo/lots HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", 401},
	} {
		here, there := net.Pipe()
		slow := &slowConn{Conn: loopbackConn{there}, said: strings.NewReader(x.text)}
		l := &oneConn{conn: make(chan net.Conn, 1), done: make(chan struct{})}
		l.conn <- slow
		b.served(l)
		resp, err := http.ReadResponse(bufio.NewReader(here), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		resp.Body.Close()
		here.Close()
		if resp.StatusCode != x.status {
			t.Errorf("%s: %d, want %d", name, resp.StatusCode, x.status)
		}
		if slow.waits() {
			t.Errorf("%s: the server would wait for ever", name)
		}
	}
}
