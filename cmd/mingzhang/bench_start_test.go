//go:build bench

package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"time"

	"mingzhang/migrations/localpg"
)

const starts = 5 // how often each start is measured

// starts measures how long the program takes until its database is ready, and how large it is.
func (b *bench) starts() {
	b.part("Start until the book can be used (mingzhang db --wait until its first line), size")
	var cold, warm, join []time.Duration
	for range starts {
		w := newWorld(b)
		took, stop := b.ready(w)
		stop()
		b.stopped(w)
		cold = append(cold, took)
		took, stop = b.ready(w)
		warm = append(warm, took)
		took, leave := b.ready(w)
		leave()
		stop()
		join = append(join, took)
	}
	b.line("cold: a new cluster, migrated", seconds(median(cold)), "", "", "≤ 2 s")
	b.line("warm: a cluster that was stopped", seconds(median(warm)), "of cold", ratio(over(median(warm), median(cold))), "≤ 0.2 s")
	b.line("joining a running cluster", seconds(median(join)), "of warm", ratio(over(median(join), median(warm))), "")
	info, err := os.Stat(b.bin)
	b.must(nil, err)
	b.line("the program's file, stripped", megabytes(info.Size()), "", "", "≤ 45 MB")
}

// ready starts a user of the cluster and waits until it says where that is. stop ends it.
func (b *bench) ready(w *world) (took time.Duration, stop func()) {
	b.Helper()
	c := exec.CommandContext(b.Context(), b.bin, "db", "--wait", "--data-dir", w.data)
	out, err := c.StdoutPipe()
	b.must(nil, err)
	start := time.Now()
	b.must(nil, c.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	took = time.Since(start)
	if err != nil || !strings.HasPrefix(line, "socket") {
		b.Fatalf("mingzhang db said %q, %v", line, err)
	}
	return took, func() {
		b.must(nil, c.Process.Signal(os.Interrupt))
		b.must(nil, c.Wait())
	}
}

func (b *bench) stopped(w *world) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), waitStop)
	defer cancel()
	b.must(nil, localpg.WaitStopped(ctx, w.data))
}
