package witness

import (
	"time"

	"mingzhang/ledger/merkle"
)

// AlarmKind says what a log was caught at.
type AlarmKind string

// The kinds of alarm. Only a fork proves by itself that the log's key signed two stories: whoever has the log's
// verifier key and the two notes can see it, without trusting the witness. The other two are suspicions.
const (
	Fork         AlarmKind = "fork"         // two trees of one size
	RolledBack   AlarmKind = "rolled_back"  // a shorter tree than was shown before
	Inconsistent AlarmKind = "inconsistent" // a longer tree that was not shown to extend the last one
)

// Proven holds for what is a proof by itself.
func (k AlarmKind) Proven() bool { return k == Fork }

// Alarm is what a log was caught at, with the evidence.
type Alarm struct {
	Kind    AlarmKind
	Origin  string
	At      time.Time
	Size    int64 // of the checkpoint that was shown
	Root    merkle.Hash
	Last    int64         // size of the newest checkpoint that was cosigned
	Known   string        // the note that was cosigned
	Shown   string        // the note that was not
	Proof   []merkle.Hash // the proof that came with it
	Name    string        // under which the store keeps it
	Settled *time.Time    // when it was answered
	Reason  string        // by whom and why, when a person settled it
}

// Open holds as long as nothing has answered the alarm.
func (a Alarm) Open() bool { return a.Settled == nil }

// AnsweredBy holds when a checkpoint that was found consistent answers a suspicion: a log that goes on from its longest
// tree was not rolled back; and a tree whose proof did not fit was all right when it is now shown with one that does.
func (a Alarm) AnsweredBy(c merkle.Checkpoint) bool {
	switch a.Kind {
	case RolledBack:
		return c.Size > a.Size
	case Inconsistent:
		return c.Size == a.Size && c.Root == a.Root
	default:
		return false
	}
}

// suspect compares a checkpoint that the log signed with all that it signed before, whatever size the request
// named, and raises the alarm. It gives one that is new.
func (w *Witness) suspect(r Request, c, last merkle.Checkpoint, note string) (*Alarm, error) {
	if note == "" {
		return nil, nil //nolint:nilnil // nothing to compare with, nothing to suspect
	}
	alarm := Alarm{Origin: c.Origin, Size: c.Size, Root: c.Root, Last: last.Size, Known: note, Shown: r.Note, Proof: r.Proof}
	switch {
	case c.Size < last.Size:
		alarm.Kind = RolledBack
		known, err := w.store.Known(c.Origin, c.Size)
		if err != nil {
			return nil, err
		}
		if known == "" {
			break
		}
		then, err := merkle.ClaimedCheckpoint(known)
		if err != nil {
			return nil, err
		}
		if then.Root != c.Root {
			alarm.Kind, alarm.Known = Fork, known
		}
	case c.Size == last.Size && c.Root != last.Root:
		alarm.Kind = Fork
	case c.Size > last.Size && r.Old == last.Size && merkle.CheckConsistency(r.Proof, last.Size, c.Size, last.Root, c.Root) != nil:
		alarm.Kind = Inconsistent
	default:
		return nil, nil //nolint:nilnil // nothing to suspect
	}
	alarm.At = w.now()
	raised, err := w.store.Raise(alarm)
	if err != nil || !raised {
		return nil, err
	}
	return &alarm, nil
}
