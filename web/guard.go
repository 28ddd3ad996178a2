package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"mime"
	"net/http"
	"sync"
	"time"

	"mingzhang/ledger"
)

// The bounds of what a form may send: a text as long as statement takes (1 MB) and its form; and a file.
const (
	bodyBytesMax   = 1<<20 + 64<<10
	uploadBytesMax = 32 << 20
)

// parseForm reads the address and the body, in both encodings that browsers send. What it could read stays
// in r.Form when it fails. Nothing is kept on disk: the body is bounded by what memory may hold.
func parseForm(r *http.Request, most int64) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "multipart/form-data" {
		return nil
	}
	err := r.ParseMultipartForm(most)
	if r.PostForm == nil {
		r.PostForm = r.Form
	}
	return err
}

// How many files are read at once, each in memory, how many of them of one person, and how long another waits for its
// turn.
const (
	uploadsAtOnce = 4
	uploadsOfOne  = 2
	uploadWait    = 20 * time.Second
)

// uploadTurns says whose file is read. One person's slow line, or malice, does not keep all others waiting.
type uploadTurns struct {
	all chan struct{} // one for each file that is read

	mu sync.Mutex
	of map[int64]int // files by account, also those that wait
}

func newUploadTurns() *uploadTurns {
	return &uploadTurns{all: make(chan struct{}, uploadsAtOnce), of: map[int64]int{}}
}

// begin waits for a turn: busy upload.busy, at once for whoever has too many.
func (u *uploadTurns) begin(ctx context.Context, account int64) error {
	if !u.count(account) {
		return ledger.E(ledger.Busy, "upload.busy")
	}
	wait := time.NewTimer(uploadWait)
	defer wait.Stop()
	select {
	case u.all <- struct{}{}:
		return nil
	case <-wait.C:
	case <-ctx.Done():
	}
	u.forget(account)
	return ledger.E(ledger.Busy, "upload.busy").Because(ctx.Err())
}

func (u *uploadTurns) end(account int64) {
	<-u.all
	u.forget(account)
}

func (u *uploadTurns) count(account int64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of[account] >= uploadsOfOne {
		return false
	}
	u.of[account]++
	return true
}

func (u *uploadTurns) forget(account int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of[account]--; u.of[account] == 0 {
		delete(u.of, account)
	}
}

// isTooLarge holds for a body over the limit.
func isTooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}

// unreadForm is a form that could not be read as a refusal.
func unreadForm(err error) error {
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return ledger.E(ledger.Invalid, "body.too_large", e.Limit>>20).Because(err)
	}
	return ledger.E(ledger.Invalid, "body.unreadable").Because(err)
}

// formKey is the key that a form carries against being sent twice: a field called key.
func (r *request) formKey() ledger.Key {
	name := r.PostForm.Get("key")
	if name == "" || len(name) > keyBytesMax {
		return ledger.Key{}
	}
	body := r.Method + " " + r.URL.Path + "\n" + r.PostForm.Encode()
	return ledger.Key{Name: name, Body: []byte(body)}
}

// newKey makes the key of a form.
func newKey() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
