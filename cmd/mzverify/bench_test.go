package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// processor is the time that the process has used: what counts where others use the machine, too.
func processor(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// perProcessor reports how many megabytes a second of one processor takes.
func perProcessor(b *testing.B, bytes int64, begun time.Duration) {
	b.Helper()
	used := processor(b) - begun
	b.ReportAllocs()
	b.ReportMetric(float64(bytes)*float64(b.N)/1e6/used.Seconds(), "MB/cpu-s")
}

// bulk is a book of n lots in one commit, about as long as lots of an import are.
func bulk(tb testing.TB, n int) *craft {
	tb.Helper()
	c := newCraft(tb)
	entries := make([]string, n)
	for i := range entries {
		entries[i] = strings.Replace(lotEntry(i+1, fmt.Sprintf("速〔2021〕%d号", i), "10000.00", "14328.00", "confirmed", "2021-03-05"),
			`"direction"`, `"claims":[{"computed":"0.4328","field":"premium_rate","text":"43.28","unit":"%"}],"collective":"东升村第一经济社(虚构)","convention":"flat","direction"`, 1)
	}
	return c.commit(entries...)
}

func BenchmarkExport(b *testing.B) {
	f := inMemory(bulk(b, 200_000).files())
	var bytes int64
	begun := processor(b)
	for b.Loop() {
		r, err := verify(b.Context(), f, nil)
		if err != nil {
			b.Fatal(err)
		}
		bytes = r.bytes
	}
	perProcessor(b, bytes, begun)
}

func BenchmarkReader(b *testing.B) {
	line := []byte(bulk(b, 1).lines[1])
	r, e := newReader(), new(entry)
	begun := processor(b)
	for b.Loop() {
		r.read(e, line, false)
		r.refs, r.seals = r.refs[:0], r.seals[:0]
	}
	perProcessor(b, int64(len(line)), begun)
	if e.bad != "" {
		b.Fatal(e.bad)
	}
}

func BenchmarkHash(b *testing.B) {
	line := []byte(bulk(b, 1).lines[1])
	var buf []byte
	begun := processor(b)
	for b.Loop() {
		_, buf = leafHash(buf, line)
	}
	perProcessor(b, int64(len(line)), begun)
}
