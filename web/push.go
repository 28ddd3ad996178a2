package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
	"mingzhang/ledger/witness"
	"mingzhang/web/locale"
)

// How books are shown to witnesses: an answer is waited for so long; commits of one moment are one; what another
// process wrote is found at the next look; after a failure the pause doubles.
const (
	witnessTimeout = 20 * time.Second
	pushGap        = time.Second
	pushLook       = 10 * time.Second
	pauseLeast     = 2 * time.Second
	pauseMost      = 5 * time.Minute
	askAgain       = time.Hour // also when nothing was written, and at every start
)

// RemoteWitness is a witness as a log knows it: where it answers, and the key of its cosignatures.
type RemoteWitness struct {
	url, Verifier, Name string
	client              *http.Client
}

// ParseWitness reads URL=VERIFIERKEY: invalid witness.option_form, witness.key_form.
func ParseWitness(text string) (*RemoteWitness, error) {
	address, verifier, ok := strings.Cut(text, "=")
	u, err := url.Parse(address)
	if !ok || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, ledger.E(ledger.Invalid, "witness.option_form", text).Because(err)
	}
	name, err := merkle.CosignerName(verifier)
	if err != nil {
		return nil, ledger.E(ledger.Invalid, "witness.key_form", verifier).Because(err)
	}
	return &RemoteWitness{url: u.JoinPath("add-checkpoint").String(), Verifier: verifier, Name: name, client: &http.Client{
		Timeout:       witnessTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// send brings a request to the witness (witness.Send).
func (w *RemoteWitness) send(ctx context.Context, body []byte) (a witness.Answer, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return a, fmt.Errorf("web: asking a witness: %w", err)
	}
	r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	response, err := w.client.Do(r)
	if err != nil {
		return a, fmt.Errorf("web: asking a witness: %w", err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	text, err := io.ReadAll(io.LimitReader(response.Body, witness.BodyBytesMost))
	if err != nil {
		return a, fmt.Errorf("web: reading the answer of a witness: %w", err)
	}
	for _, v := range []witness.Verdict{witness.Cosigned, witness.Malformed, witness.NotSigned, witness.UnknownLog, witness.OtherSize, witness.NotConsistent} {
		if verdictStatus(v) == response.StatusCode {
			a.Verdict = v
		}
	}
	switch a.Verdict {
	case "":
		return a, fmt.Errorf("%w: %s", errAnswer, response.Status)
	case witness.Cosigned:
		a.Lines = string(text)
	case witness.OtherSize:
		if a.Size, err = merkle.ParseSize(strings.TrimSuffix(string(text), "\n")); err != nil {
			return a, fmt.Errorf("web: reading the answer of a witness: %w", err)
		}
	default:
		a.Cause = fmt.Errorf("%w: %s: %.200q", errAnswer, response.Status, text)
	}
	return a, nil
}

// Show shows the newest checkpoint of a book to the witness and keeps its cosignature; with again, also when it is
// there already.
func (w *RemoteWitness) Show(ctx context.Context, b *ledger.Book, again bool) (ledger.Checkpoint, error) {
	return witness.Show(ctx, b, w.Verifier, again, w.send)
}

// Pusher shows the books of a store to witnesses as they grow. It never keeps a commit waiting.
type Pusher struct {
	Store     *ledger.Store
	Witnesses []*RemoteWitness
	Books     []string // codes; none: all books of offices
	Now       func() time.Time
	Lang      ledger.Lang
	Log       *slog.Logger
}

// Run goes on until the context ends. A witness that does not answer holds up no other.
func (p *Pusher) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, w := range p.Witnesses {
		all.Go(func() { p.follow(ctx, w) })
	}
	all.Wait()
}

// patience is how a witness takes the books: what was told last of each, and when it is tried again.
type patience struct {
	due    time.Time
	pause  time.Duration
	reason string
	again  time.Time // when it is asked even though nothing is new; zero: now
}

func (p *Pusher) follow(ctx context.Context, w *RemoteWitness) {
	committed := p.Store.Committed()
	books := map[string]*patience{}
	for {
		p.round(ctx, w, books)
		select { // also between two rounds under load, so that many commits are one request
		case <-ctx.Done():
			return
		case <-time.After(pushGap):
		}
		select {
		case <-ctx.Done():
			return
		case <-committed:
		case <-time.After(p.next(books)):
		}
	}
}

// next is the pause until something is due again.
func (p *Pusher) next(books map[string]*patience) time.Duration {
	pause := pushLook
	for _, b := range books {
		if b.pause > 0 {
			pause = min(pause, max(b.due.Sub(p.Now()), 0))
		}
	}
	return pause
}

func (p *Pusher) round(ctx context.Context, w *RemoteWitness, known map[string]*patience) {
	books, err := p.Store.Books(ctx)
	if err != nil {
		if ctx.Err() == nil {
			p.Log.ErrorContext(ctx, "web: looking for books to be witnessed", slog.Any("error", err))
		}
		return
	}
	for _, b := range books {
		if len(p.Books) == 0 && !b.Kind.Real() || len(p.Books) > 0 && !slices.Contains(p.Books, b.Code) {
			continue
		}
		if known[b.Origin] == nil {
			known[b.Origin] = new(patience)
		}
		if its := known[b.Origin]; its.pause == 0 || !p.Now().Before(its.due) {
			p.show(ctx, w, b, its)
		}
	}
}

func (p *Pusher) show(ctx context.Context, w *RemoteWitness, b *ledger.Book, its *patience) {
	again := !p.Now().Before(its.again)
	_, err := w.Show(ctx, b, again)
	if ctx.Err() != nil {
		return
	}
	if again {
		its.again = p.Now().Add(askAgain)
	}
	if err == nil {
		if its.pause > 0 {
			p.Log.InfoContext(ctx, "web: witnessed again", slog.String("book", b.Code), slog.String("witness", w.Name))
		}
		*its = patience{again: its.again}
		return
	}
	reason := "internal"
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		reason = e.Reason
	}
	// The same trouble is told once; that the book is not the one that was witnessed is told each time.
	if reason != its.reason || ledger.CodeOf(err) == ledger.Tampered {
		p.Log.ErrorContext(ctx, pushTrouble(p.Lang, err), slog.String("book", b.Code), slog.String("witness", w.Name), slog.Any("error", err))
	}
	its.reason = reason
	its.pause = min(max(2*its.pause, pauseLeast), pauseMost)
	its.due = p.Now().Add(its.pause)
}

// pushTrouble is what a person reads of an error.
func pushTrouble(lang ledger.Lang, err error) string {
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		return locale.Sentence(lang, e)
	}
	return err.Error()
}
