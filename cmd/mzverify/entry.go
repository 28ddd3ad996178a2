package main

import (
	"bytes"
)

// noun is what a kind of entry is about; the list below says its number. A kind that this program does not know
// is other: new ones may come.
type noun = byte

// The nouns that references are checked against.
const (
	other noun = iota
	aBook
	aPerson
	anImport
	aLot
	aParcel
	aVerification
	aReview
	anErasure
)

func nounOf(word []byte) noun {
	switch string(word) {
	case "book":
		return aBook
	case "person":
		return aPerson
	case "import":
		return anImport
	case "lot":
		return aLot
	case "parcel":
		return aParcel
	case "verification":
		return aVerification
	case "review":
		return aReview
	case "erasure":
		return anErasure
	}
	return other
}

// none stands for an entry number that is not there.
const none = -1

// entry is what a checker needs of an entry. Slices point into the line.
type entry struct {
	leaf   hash
	line   []byte
	clear  bool // false for a line of a public export that shows the hash alone
	noun   noun
	kind   []byte
	actor  []byte
	at     []byte
	amends int64
	record int64
	refs   [2]int // its part of the block's references
	seals  [2]int // and of its commitments
	bad    string // why it is no canonical entry
}

// reference is another entry that an entry names. To is the least that it must be: a first entry of a record, or any.
type reference struct {
	seq    int64
	to     noun
	record bool // it names a record, by its first entry
}

// commitment is a sealed text of an entry.
type commitment struct{ field, sum []byte }

// reader reads entries. It belongs to one goroutine.
type reader struct {
	s       scanner
	scratch []byte
	refs    []reference
	seals   []commitment
	at      []byte                // of the entry before: all of a commit have the same
	state   func(key []byte) bool // made once
	e       *entry
}

func newReader() *reader {
	r := new(reader)
	r.state = r.stateMember
	return r
}

var hiddenPrefix, hiddenSuffix = []byte(`{"leaf_hash":"`), []byte(`"}`)

// read reads a line. public says that it may show the hash alone.
func (r *reader) read(e *entry, line []byte, public bool) {
	*e = entry{line: line, amends: none}
	if public && bytes.HasPrefix(line, hiddenPrefix) {
		text, whole := bytes.CutSuffix(line[len(hiddenPrefix):], hiddenSuffix)
		if !whole || !unhex(e.leaf[:], text) {
			e.bad = "want 64 hexadecimal digits"
		}
		return
	}
	e.leaf, r.scratch = leafHash(r.scratch, line)
	e.clear, r.e = true, e
	e.refs[0], e.seals[0] = len(r.refs), len(r.seals)
	if len(line) > entryMax {
		e.bad = "longer than 65,535 bytes"
		return
	}
	r.s = scanner{b: line}
	if ok := r.entry(e) && (r.s.i == len(line) || r.s.fail("something follows")); !ok {
		e.bad = r.s.bad
	}
	e.refs[1], e.seals[1] = len(r.refs), len(r.seals)
}

// entry goes over the keys of section 4, in their order.
func (r *reader) entry(e *entry) (ok bool) {
	s := &r.s
	if !s.need(`{"v":1,"actor":`) {
		return false
	}
	if e.actor, ok = s.text(); !ok || len(e.actor) == 0 {
		return s.fail("no actor")
	}
	if s.take(`,"amends":`) {
		if e.amends, ok = s.number(); !ok {
			return false
		}
	}
	if !s.need(`,"at":`) {
		return false
	}
	if e.at, ok = s.text(); !ok || !bytes.Equal(e.at, r.at) && !isInstant(e.at) {
		return s.fail("an instant in another form")
	}
	r.at = append(r.at[:0], e.at...)
	if !s.need(`,"kind":`) || !r.kind(e) {
		return false
	}
	if s.take(`,"reason":`) && !r.sealed([]byte("reason")) {
		return false
	}
	if !s.need(`,"record":`) {
		return false
	}
	if e.record, ok = s.number(); !ok {
		return false
	}
	if s.take(`,"source":`) && !s.object(r.sourceMember) {
		return false
	}
	return s.need(`,"state":`) && s.object(r.state) && s.need("}")
}

func (r *reader) kind(e *entry) (ok bool) {
	if e.kind, ok = r.s.text(); !ok {
		return false
	}
	word, past, found := bytes.Cut(e.kind, []byte{'.'})
	if !found || len(word) == 0 || len(past) == 0 {
		return r.s.fail("a kind in another form")
	}
	e.noun = nounOf(word)
	return true
}

// sealed goes over {"sealed":"…"}.
func (r *reader) sealed(field []byte) bool {
	s := &r.s
	if !s.need(`{"sealed":`) {
		return false
	}
	sum, ok := s.text()
	if !ok || !isHex(sum, 2*len(hash{})) {
		return s.fail("a commitment in another form")
	}
	r.seals = append(r.seals, commitment{field, sum})
	return s.need("}")
}

func (r *reader) sourceMember(key []byte) bool {
	if string(key) != "import" {
		return r.s.value()
	}
	n, ok := r.s.number()
	r.refs = append(r.refs, reference{n, anImport, true})
	return ok
}

// stateMember goes over a member of the state. What names another entry, or has a fixed form, is looked at.
func (r *reader) stateMember(key []byte) bool {
	s := &r.s
	switch s.peek() {
	case '{':
		if s.i+8 < len(s.b) && string(s.b[s.i:s.i+9]) == `{"sealed"` {
			return r.sealed(key)
		}
	case '"':
		return r.stateText(key)
	case '[':
		if r.e.noun == aVerification && string(key) == "officers" {
			return s.list(r.person)
		}
	default:
		return r.stateNumber(key)
	}
	return s.value()
}

func (r *reader) stateNumber(key []byte) bool {
	switch {
	case r.e.noun == aVerification && string(key) == "parcel":
		n, ok := r.s.number()
		r.refs = append(r.refs, reference{n, aParcel, true})
		return ok
	case r.e.noun == aReview && string(key) == "entry":
		n, ok := r.s.number()
		r.refs = append(r.refs, reference{seq: n, to: other})
		return ok
	}
	return r.s.value()
}

// stateText goes over a text and holds its form against what section 3 says of its key.
func (r *reader) stateText(key []byte) bool {
	text, ok := r.s.text()
	if !ok {
		return false
	}
	if len(text) == 0 {
		return r.s.fail("an empty text")
	}
	switch string(key) {
	case "base_total", "hammer_total", "base_first_year", "hammer_first_year", "deposit":
		ok = isDecimal(text, 2, 2)
	case "hammered_on", "lease_from", "lease_to", "verified_on":
		ok = isDay(text)
	case "verified_area_mu", "registered_area_mu":
		ok = isDecimal(text, 2, 11)
	case "floor_area_m2":
		ok = isDecimal(text, 0, 4)
	case "winner":
		ok = r.refer(text)
	case "holder":
		if text[0] == 'p' && isPerson(text) {
			ok = r.refer(text)
		}
	}
	return ok || r.s.fail("a value of "+string(key)+" in another form")
}

// person goes over the reference of a person.
func (r *reader) person() bool {
	text, ok := r.s.text()
	return ok && (r.refer(text) || r.s.fail("a person in another form"))
}

func isPerson(text []byte) bool {
	s := scanner{b: text, i: 1}
	n, ok := s.number()
	return len(text) > 1 && text[0] == 'p' && ok && n >= 0 && s.i == len(text)
}

func (r *reader) refer(text []byte) bool {
	if !isPerson(text) {
		return false
	}
	s := scanner{b: text, i: 1}
	n, _ := s.number()
	r.refs = append(r.refs, reference{n, aPerson, true})
	return true
}
