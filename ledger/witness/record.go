package witness

import (
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// LogState is a log that is trusted, and how far it was cosigned.
type LogState struct {
	Origin string
	Keys   []string
	Seen   bool // a checkpoint was cosigned: what follows says which
	Size   int64
	Root   merkle.Hash
	At     time.Time
}

// Record is what a witness can show of its work.
type Record interface {
	Logs() ([]LogState, error)
	Alarms() ([]Alarm, error)
}

// Trouble is the alarm as a sentence for people.
func (a Alarm) Trouble() *ledger.Error {
	switch a.Kind {
	case Fork:
		return ledger.E(ledger.Tampered, "alarm.fork", a.Origin, a.Size)
	case RolledBack:
		return ledger.E(ledger.Tampered, "alarm.rolled_back", a.Origin, a.Size, a.Last)
	default:
		return ledger.E(ledger.Tampered, "alarm.inconsistent", a.Origin, a.Last, a.Size)
	}
}
