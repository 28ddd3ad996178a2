package main

import (
	"context"
	"encoding/json"
	"runtime"
	"strings"
	"sync"
)

// sizedNote is a line of checkpoints.jsonl.
type sizedNote struct {
	size int64
	note string
	line int64
}

// noteLines reads checkpoints.jsonl beside the entries.
type noteLines struct {
	*lines
	next sizedNote // not yet reached
	more bool
	last int64
}

func (n *noteLines) advance() error {
	line, ok, err := n.lines.next()
	if n.more = ok; err != nil || !ok {
		return err
	}
	var read struct {
		Size *int64  `json:"size"`
		Note *string `json:"note"`
	}
	if err := json.Unmarshal(line, &read); err != nil || read.Size == nil || read.Note == nil || !isSizedNote(string(line), *read.Size, *read.Note) {
		return brokenAt(n.name, n.number, text{"不是规定的形式", "not in the form that it has to have"})
	}
	if *read.Size <= n.last {
		return brokenAt(n.name, n.number, textf(text{"条目数 %d 没有大于上一行的 %d", "size %d is not above %d of the line before"}, *read.Size, n.last))
	}
	n.last = *read.Size
	n.next = sizedNote{*read.Size, *read.Note, n.number}
	return nil
}

// isSizedNote holds for the one way in which a line is written: no other escape than that of line feeds.
func isSizedNote(line string, size int64, note string) bool {
	s := scanner{b: []byte(line)}
	if !s.take(`{"size":`) {
		return false
	}
	n, ok := s.number()
	return ok && n == size && line[s.i:] == `,"note":"`+strings.ReplaceAll(note, "\n", `\n`)+`"}` && !strings.ContainsAny(note, "\\\"")
}

// signatures checks the signatures of checkpoints on all processors. It remembers the first that does not hold.
type signatures struct {
	work  chan signatureJob
	group sync.WaitGroup
	stop  context.CancelFunc
	ctx   context.Context

	mu     sync.Mutex
	fault  *broken
	signed map[string]int64 // the greatest size that each key signed
}

type signatureJob struct {
	checkpoint checkpoint
	file       string
	line       int64
	keys       []verifier
	head       bool // other lines than those of the keys may stand beside them
}

func newSignatures(ctx context.Context) *signatures {
	s := &signatures{work: make(chan signatureJob, 256), signed: map[string]int64{}}
	s.ctx, s.stop = context.WithCancel(ctx)
	for range runtime.GOMAXPROCS(0) {
		s.group.Go(func() {
			for job := range s.work {
				if s.ctx.Err() == nil {
					s.check(job)
				}
			}
		})
	}
	return s
}

func (s *signatures) check(job signatureJob) {
	var missing string
	for _, k := range job.keys {
		if !job.checkpoint.signedBy(k) {
			missing = k.text
		}
	}
	extra := len(job.checkpoint.signatures) - len(job.keys)
	for i, s := range job.checkpoint.signatures[:min(len(job.keys), len(job.checkpoint.signatures))] {
		if missing == "" && !s.isOf(job.keys[i]) {
			extra = -1 // a line of the book's own keys stands elsewhere
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if missing == "" && (job.head && extra >= 0 || extra == 0) {
		for _, k := range job.keys {
			s.signed[k.text] = max(s.signed[k.text], job.checkpoint.size)
		}
		return
	}
	what := textf(text{"条目数为 %d 的链首凭证没有公钥 %s 的有效签名", "the checkpoint of size %d has no valid signature of the key %s"}, job.checkpoint.size, missing)
	if missing == "" {
		what = textf(text{"条目数为 %d 的链首凭证有多余或次序不对的签名行", "the checkpoint of size %d has signature lines too many, or out of order"}, job.checkpoint.size)
	}
	if s.fault == nil || job.file == s.fault.file && job.line < s.fault.line {
		s.fault = &broken{job.file, job.line, what}
	}
}

// finish waits for all checks. It may be called once.
func (s *signatures) finish() error {
	close(s.work)
	s.group.Wait()
	s.stop()
	if s.fault != nil {
		return s.fault
	}
	return nil
}
