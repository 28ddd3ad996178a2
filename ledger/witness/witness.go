package witness

import (
	"fmt"
	"sync"
	"time"

	"mingzhang/ledger/merkle"
)

// Verdict is what a witness makes of a request.
type Verdict string

// The verdicts, one for each status of the specification.
const (
	Cosigned      Verdict = "cosigned"       // 200: here is the cosignature
	Malformed     Verdict = "malformed"      // 400: cannot be read, or old is larger than the checkpoint
	NotSigned     Verdict = "not_signed"     // 403: not by a key that is trusted for this log
	UnknownLog    Verdict = "unknown_log"    // 404: nobody told the witness to trust it
	OtherSize     Verdict = "other_size"     // 409: the last one was of another size, or of another root
	NotConsistent Verdict = "not_consistent" // 422: the proof does not lead from the last one to this one
)

// Answer is what a witness says. Size goes with OtherSize, Lines with Cosigned. Alarm is one that is new.
type Answer struct {
	Verdict Verdict
	Size    int64
	Lines   string
	Alarm   *Alarm
	Cause   error
}

// Store keeps what a witness must not forget. What a method has kept is on the disk when it returns.
type Store interface {
	// Keys are the verifier keys of a log that is trusted; none for any other.
	Keys(origin string) ([]string, error)
	// Last is the newest note that was cosigned for a log; "" for none.
	Last(origin string) (string, error)
	// Known is the note of a size that was cosigned for a log; "" for none.
	Known(origin string, size int64) (string, error)
	// Advance makes a note the last of its checkpoint's log.
	Advance(c merkle.Checkpoint, note string, at time.Time) error
	// Raise keeps an alarm with its evidence. One that is there already is not raised again: false.
	Raise(Alarm) (bool, error)
	// Settle settles the alarms of a log that a consistent checkpoint answers (Alarm.AnsweredBy).
	Settle(c merkle.Checkpoint, at time.Time) error
}

// Witness cosigns the checkpoints of the logs in its store.
type Witness struct {
	store    Store
	cosigner *merkle.Cosigner
	now      func() time.Time

	mu    sync.Mutex
	turns map[string]*sync.Mutex // one a trusted log: to look at the last one and to keep the next is one step
}

// New makes a witness.
func New(store Store, cosigner *merkle.Cosigner, now func() time.Time) *Witness {
	return &Witness{store: store, cosigner: cosigner, now: now, turns: map[string]*sync.Mutex{}}
}

// VerifierKey is what others check the cosignatures with.
func (w *Witness) VerifierKey() string { return w.cosigner.VerifierKey() }

// Add answers a request. An error means that the store failed: then nothing was cosigned.
func (w *Witness) Add(body []byte) (Answer, error) {
	r, err := ParseRequest(body)
	if err != nil {
		return Answer{Verdict: Malformed, Cause: err}, nil
	}
	c, err := merkle.ClaimedCheckpoint(r.Note)
	if err != nil {
		return Answer{Verdict: Malformed, Cause: err}, nil
	}
	keys, err := w.store.Keys(c.Origin)
	if err != nil {
		return Answer{}, err
	}
	if len(keys) == 0 {
		return Answer{Verdict: UnknownLog, Cause: fmt.Errorf("witness: no log %q is trusted here", c.Origin)}, nil
	}
	if r.Note, err = merkle.VerifiedNote(r.Note, keys); err != nil {
		return Answer{Verdict: NotSigned, Cause: err}, nil
	}
	if r.Old > c.Size {
		return Answer{Verdict: Malformed, Cause: fmt.Errorf("witness: old %d is more than the checkpoint's %d", r.Old, c.Size)}, nil
	}
	turn := w.turn(c.Origin)
	turn.Lock()
	defer turn.Unlock()
	return w.decide(r, c)
}

func (w *Witness) turn(origin string) *sync.Mutex {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.turns[origin] == nil {
		w.turns[origin] = new(sync.Mutex)
	}
	return w.turns[origin]
}

// decide holds a checkpoint against the last one, of whose log it has the turn.
func (w *Witness) decide(r Request, c merkle.Checkpoint) (Answer, error) {
	note, err := w.store.Last(c.Origin)
	if err != nil {
		return Answer{}, err
	}
	var last merkle.Checkpoint // of a log that is new: the empty tree
	if note != "" {
		if last, err = merkle.ClaimedCheckpoint(note); err != nil {
			return Answer{}, fmt.Errorf("witness: reading the last checkpoint of %s: %w", c.Origin, err)
		}
	}
	alarm, err := w.suspect(r, c, last, note)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Size: last.Size, Alarm: alarm}
	unfit := merkle.CheckConsistency(r.Proof, last.Size, c.Size, last.Root, c.Root)
	switch {
	case r.Old != last.Size:
		a.Verdict, a.Cause = OtherSize, fmt.Errorf("witness: old is %d, the last checkpoint was of %d", r.Old, last.Size)
		return a, nil
	case note != "" && c.Size == last.Size && c.Root != last.Root:
		a.Verdict, a.Cause = OtherSize, fmt.Errorf("witness: another tree of %d", c.Size)
		return a, nil
	case unfit != nil:
		a.Verdict, a.Cause = NotConsistent, unfit
		return a, nil //nolint:nilerr // that it does not fit is the answer
	}
	at := w.now()
	if note == "" || c.Size > last.Size {
		if err := w.store.Advance(c, r.Note, at); err != nil {
			return Answer{}, err
		}
	}
	if err := w.store.Settle(c, at); err != nil {
		return Answer{}, err
	}
	a.Verdict = Cosigned
	a.Lines, err = w.cosigner.Cosign(r.Note, at)
	return a, err
}
