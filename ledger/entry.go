package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// timeForm is how an instant stands in an entry: UTC, microseconds.
const timeForm = "2006-01-02T15:04:05.000000Z"

// State is the whole state of a record after an entry. Its exported fields with json tags are what the
// entry holds; the shape is frozen once written and only added to.
type State interface {
	// Sealed lists the fields that stand in the entry as commitments; nil values are left out.
	Sealed() []SealedField
}

// Source says where in an imported file a record was read.
type Source struct {
	Import int64  `json:"import"` // number of the import's entry
	Sheet  string `json:"sheet,omitempty"`
	Row    int    `json:"row"`
}

// Entry is one line of the book. Its number is its place; nothing in its bytes says it.
type Entry struct {
	Seq    int64
	Actor  Actor
	Amends *int64 // the record's previous entry; nil for its first
	At     time.Time
	Kind   string // lot.recorded, lot.amended, lot.voided …
	Reason *Sealed
	Record int64 // the number of the record's first entry: its id
	Source *Source
	State  State
}

// entryBytes is an entry as it is encoded: {"v":1, then these keys in byte order.
type entryBytes struct {
	Actor  string  `json:"actor"`
	Amends *int64  `json:"amends,omitempty"`
	At     string  `json:"at"`
	Kind   string  `json:"kind"`
	Reason *Sealed `json:"reason,omitempty"`
	Record int64   `json:"record"`
	Source *Source `json:"source,omitempty"`
	State  any     `json:"state"`
}

// Voids tells whether the entry strikes its record out.
func (e Entry) Voids() bool { return strings.HasSuffix(e.Kind, ".voided") }

// sealedFields are all texts of the entry that are sealed.
func (e Entry) sealedFields() []SealedField {
	var fields []SealedField
	if e.Reason != nil {
		fields = append(fields, SealedField{"reason", e.Reason})
	}
	for _, f := range e.State.Sealed() {
		if f.Value != nil {
			fields = append(fields, f)
		}
	}
	return fields
}

func (e Entry) encode() ([]byte, error) {
	return encodeEntry(&entryBytes{
		Actor: e.Actor.name, Amends: e.Amends, At: e.At.UTC().Format(timeForm), Kind: e.Kind,
		Reason: e.Reason, Record: e.Record, Source: e.Source, State: e.State,
	})
}

// decodeEntry reads the bytes of an entry and refuses any that Encode would have written otherwise.
func decodeEntry(kinds kindList, seq int64, body []byte) (Entry, error) {
	var raw struct {
		V int `json:"v"`
		entryBytes
		State json.RawMessage `json:"state"`
	}
	if err := decodeStrictly(body, &raw); err != nil {
		return Entry{}, fmt.Errorf("ledger: reading entry %d: %w", seq, err)
	}
	kind, ok := kinds.of(raw.Kind)
	if raw.V != 1 || !ok {
		return Entry{}, fmt.Errorf("ledger: entry %d is of kind %q, version %d, which this program does not know", seq, raw.Kind, raw.V)
	}
	state := kind.New()
	if err := decodeStrictly(raw.State, state); err != nil {
		return Entry{}, fmt.Errorf("ledger: reading the state of entry %d: %w", seq, err)
	}
	at, err := time.Parse(timeForm, raw.At)
	if err != nil {
		return Entry{}, fmt.Errorf("ledger: reading the time of entry %d: %w", seq, err)
	}
	e := Entry{
		Seq: seq, Actor: Actor{raw.Actor}, Amends: raw.Amends, At: at, Kind: raw.Kind,
		Reason: raw.Reason, Record: raw.Record, Source: raw.Source, State: state,
	}
	again, err := e.encode()
	if err != nil {
		return Entry{}, err
	}
	if !bytes.Equal(again, body) {
		return Entry{}, fmt.Errorf("ledger: entry %d is not in canonical form", seq)
	}
	return e, nil
}

// StateOf reads the state out of the bytes of an entry, for a command that writes it again.
func StateOf(body []byte, into State) error {
	var raw struct {
		State json.RawMessage `json:"state"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return fmt.Errorf("ledger: reading an entry: %w", err)
	}
	if err := decodeStrictly(raw.State, into); err != nil {
		return fmt.Errorf("ledger: reading a state: %w", err)
	}
	return nil
}

func decodeStrictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("something follows the object")
	}
	return nil
}
