package web

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"mingzhang/ledger"
)

// metricSet is what the server counts, as Prometheus reads it. Labels come from the routing table and the codes
// of errors only: nothing that a client sends can make a new series.
type metricSet struct {
	mu       sync.Mutex
	counters map[string]int64 // by name with labels
	took     map[string]*histogram
}

// histogram counts how long something took.
type histogram struct {
	counts []int64 // by bucket, each with those of the smaller ones left out
	count  int64
	sum    time.Duration
}

// buckets are the upper bounds of durations.
func buckets() []time.Duration {
	return []time.Duration{
		time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
		100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, time.Minute,
	}
}

func newMetrics() *metricSet {
	return &metricSet{
		counters: map[string]int64{
			"mingzhang_entries_appended_total": 0, `mingzhang_sign_ins_total{outcome="opened"}`: 0, `mingzhang_sign_ins_total{outcome="refused"}`: 0,
		},
		took: map[string]*histogram{},
	}
}

func (m *metricSet) add(name string, n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counters[name] += n
}

func (m *metricSet) answered(name, pattern string, status int, took time.Duration) {
	if pattern == "" {
		pattern = "none"
	}
	m.add(fmt.Sprintf("mingzhang_requests_total{method=%q,route=%q,status=\"%d\"}", method(name), pattern, status), 1)
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.took[pattern]
	if h == nil {
		h = &histogram{counts: make([]int64, len(buckets()))}
		m.took[pattern] = h
	}
	h.count++
	h.sum += took
	if i := slices.IndexFunc(buckets(), func(b time.Duration) bool { return took <= b }); i >= 0 {
		h.counts[i]++
	}
}

func (m *metricSet) refused(code ledger.Code) {
	m.add(fmt.Sprintf("mingzhang_errors_total{code=%q}", string(code)), 1)
}

func (m *metricSet) signIn(opened bool) {
	outcome := "refused"
	if opened {
		outcome = "opened"
	}
	m.add(fmt.Sprintf("mingzhang_sign_ins_total{outcome=%q}", outcome), 1)
}

// appended counts the entries of a receipt.
func (m *metricSet) appended(r ledger.Receipt) {
	if !r.Replayed && r.Last >= r.First {
		m.add("mingzhang_entries_appended_total", r.Last-r.First+1)
	}
}

// write prints everything in a fixed order.
func (m *metricSet) write(w io.Writer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	family := ""
	for _, name := range sorted(m.counters) {
		if f, _, _ := strings.Cut(name, "{"); f != family {
			family = f
			fmt.Fprintf(w, "# TYPE %s counter\n", family)
		}
		fmt.Fprintf(w, "%s %d\n", name, m.counters[name])
	}
	fmt.Fprintln(w, "# TYPE mingzhang_request_duration_seconds histogram")
	for _, pattern := range sorted(m.took) {
		h, below := m.took[pattern], int64(0)
		for i, bound := range buckets() {
			below += h.counts[i]
			fmt.Fprintf(w, "mingzhang_request_duration_seconds_bucket{route=%q,le=%q} %d\n", pattern, seconds(bound), below)
		}
		fmt.Fprintf(w, "mingzhang_request_duration_seconds_bucket{route=%q,le=\"+Inf\"} %d\n", pattern, h.count)
		fmt.Fprintf(w, "mingzhang_request_duration_seconds_sum{route=%q} %s\n", pattern, seconds(h.sum))
		fmt.Fprintf(w, "mingzhang_request_duration_seconds_count{route=%q} %d\n", pattern, h.count)
	}
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// seconds prints a duration with all its digits: 0.005, 1.
func seconds(d time.Duration) string {
	s := fmt.Sprintf("%d.%09d", int64(d/time.Second), int64(d%time.Second))
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// Metrics answers the figures; serve puts it on an address of its own.
func (s *Server) Metrics() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", s.writeMetrics)
	return mux
}

func (s *Server) writeMetrics(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	s.metrics.write(w)
	s.writeWitnessFigures(r.Context(), w)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	open, err := s.accounts.OpenSessions(r.Context())
	if err != nil {
		open = -1 // the database does not answer; the rest is told all the same
	}
	for _, gauge := range []struct {
		name  string
		value int64
	}{
		{"mingzhang_open_sessions", open},
		{"go_goroutines", int64(runtime.NumGoroutine())},
		{"go_memstats_heap_inuse_bytes", int64(memory.HeapInuse)},
		{"go_memstats_sys_bytes", int64(memory.Sys)},
	} {
		fmt.Fprintf(w, "# TYPE %s gauge\n%s %s\n", gauge.name, gauge.name, strconv.FormatInt(gauge.value, 10))
	}
	s.writeBackups(w, r)
}

// showMetrics answers them on the common address to this machine alone, and to nobody through a proxy.
func (s *Server) showMetrics(w http.ResponseWriter, r *http.Request) {
	if !loopback(peer(r)) || traceOf(r.Context()).proxied || forwarded(r) {
		s.refuseRoute(w, r, &silentWriter{header: http.Header{}, status: http.StatusNotFound})
		return
	}
	s.writeMetrics(w, r)
}
