package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
)

// The export is read in blocks of whole lines. Blocks are hashed and scanned on all processors and taken in order, so a
// book of any length takes the memory of a few blocks.
const (
	blockSize = 1 << 20
	// lineMax is more than an entry may have, so that one that is too long is told as such.
	lineMax = 2 * entryMax
)

// block is some lines and what was read of them.
type block struct {
	data    []byte
	reader  *reader
	entries []entry
	long    bool // the last line is too long to be read
	torn    bool // the last line has no line feed
	done    chan struct{}
}

// blocks reads lines in the background. A block belongs to the taker until it is given back.
type blocks struct {
	ordered chan *block
	free    sync.Pool
	fault   error // of reading; set before ordered is closed
	stop    context.CancelFunc
}

// readBlocks begins to read the lines of an export.
func readBlocks(ctx context.Context, from io.Reader, public bool) *blocks {
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	b := &blocks{ordered: make(chan *block, workers+1), stop: cancel}
	b.free.New = func() any { return &block{reader: newReader(), data: make([]byte, 0, blockSize+lineMax)} }
	work := make(chan *block, workers)
	for range workers {
		go func() {
			for bl := range work {
				bl.read(public)
				close(bl.done)
			}
		}()
	}
	go func() {
		defer close(b.ordered)
		defer close(work)
		b.fault = b.cut(ctx, from, work)
	}()
	return b
}

// cut fills blocks with whole lines.
func (b *blocks) cut(ctx context.Context, from io.Reader, work chan<- *block) error {
	var rest []byte
	for {
		bl := b.free.Get().(*block)
		bl.data, bl.done, bl.long, bl.torn = append(bl.data[:0], rest...), make(chan struct{}), false, false
		n, err := io.ReadFull(from, bl.data[len(bl.data):blockSize])
		bl.data = bl.data[:len(bl.data)+n]
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return err
		}
		last := bytes.LastIndexByte(bl.data, '\n') + 1
		rest = append(rest[:0], bl.data[last:]...)
		if end || len(rest) > lineMax { // no entry is that long: what follows is not read
			bl.long, bl.torn = !end, end && len(rest) > 0
			end, last = true, len(bl.data)
		}
		bl.data = bl.data[:last]
		select {
		case <-ctx.Done():
			return nil
		case b.ordered <- bl:
			work <- bl
		}
		if end {
			return nil
		}
	}
}

// read hashes and scans the lines of a block.
func (bl *block) read(public bool) {
	bl.reader.refs, bl.reader.seals, bl.entries = bl.reader.refs[:0], bl.reader.seals[:0], bl.entries[:0]
	for data := bl.data; len(data) > 0; {
		line := data
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			line, data = data[:i], data[i+1:]
		} else {
			data = nil
		}
		bl.entries = append(bl.entries, entry{})
		bl.reader.read(&bl.entries[len(bl.entries)-1], line, public)
	}
	if n := len(bl.entries); n > 0 && bl.torn {
		bl.entries[n-1].bad = "no line feed at its end"
	}
	if n := len(bl.entries); n > 0 && bl.long {
		bl.entries[n-1].bad = "longer than 65,535 bytes"
	}
}

// each gives the blocks in order until take says no.
func (b *blocks) each(take func(*block) bool) error {
	defer b.stop()
	for bl := range b.ordered {
		<-bl.done
		if !take(bl) {
			return nil
		}
		b.free.Put(bl)
	}
	return b.fault
}
