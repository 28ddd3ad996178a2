package localpg

import (
	"io"
	"os"
	"sync"
	"time"
)

const (
	logMax  = 1 << 20 // bytes of postgres.log before it becomes postgres.log.1
	tailMax = 8 << 10
)

// logFile writes what postgres says into a file that cannot grow for ever, and
// remembers the end of it. It never stops reading: a full disk loses lines, it
// does not block the server.
type logFile struct {
	path  string
	ended chan struct{}

	mu   sync.Mutex
	f    *os.File
	size int64
	end  []byte
}

func newLogFile(path string) *logFile { return &logFile{path: path, ended: make(chan struct{})} }

func (l *logFile) copyFrom(r *os.File) {
	defer close(l.ended)
	defer drop(r)
	_, _ = io.Copy(l, r) // Write never fails, and reading ends when postgres does
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.f != nil {
		_ = l.f.Close() // lines lost on a full disk are lost
		l.f = nil
	}
}

// wait waits for the last words. Backends that outlive their postmaster hold
// the pipe too, so it does not wait long.
func (l *logFile) wait() {
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case <-l.ended:
	case <-t.C:
	}
}

func (l *logFile) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.end)
}

// Write implements io.Writer for io.Copy.
func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = append(l.end, p...)
	l.end = l.end[max(0, len(l.end)-tailMax):]
	if l.f == nil || l.size > logMax {
		l.open()
	}
	if l.f != nil {
		n, _ := l.f.Write(p)
		l.size += int64(n)
	}
	return len(p), nil
}

func (l *logFile) open() {
	if l.f != nil {
		_ = l.f.Close()
		l.f = nil
	}
	if st, err := os.Stat(l.path); err == nil && st.Size() > logMax {
		_ = os.Rename(l.path, l.path+".1")
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return // tried again at the next line
	}
	l.f, l.size = f, 0
	if st, err := f.Stat(); err == nil {
		l.size = st.Size()
	}
}
