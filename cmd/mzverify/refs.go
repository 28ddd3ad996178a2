package main

import "bytes"

// refs knows of each entry what it is about, in a byte: so much of the memory grows with the book. Entries that
// amend are remembered with their record.
type refs struct {
	seen  []byte
	chain map[int64]int64 // an entry that amends → its record
}

// In a byte of seen: the noun, and these.
const (
	nounBits   = 0x0f
	firstBit   = 0x10 // the first entry of its record
	amendedBit = 0x20 // another entry amends it
	hiddenBit  = 0x40 // a public export shows its hash alone
)

// note remembers an entry, once it was checked.
func (r *refs) note(e *entry) {
	b := e.noun
	switch {
	case !e.clear:
		b = hiddenBit
	case e.amends == none:
		b |= firstBit
	}
	r.seen = append(r.seen, b)
}

// check holds what an entry names against what is there.
func (r *refs) check(seq int64, e *entry, list []reference) *text {
	if e.amends == none && e.record != seq {
		t := textf(text{"记录号是 %d，而它是自己记录的首条", "it says record %d, and is the first of its own"}, e.record)
		return &t
	}
	if e.amends == none && bytes.HasSuffix(e.kind, []byte(".voided")) {
		return &text{"作废条目没有指明所作废的条目", "an entry that voids, and amends none"}
	}
	if e.amends != none {
		if what := r.amend(seq, e); what != nil {
			return what
		}
	}
	for _, ref := range list {
		if ref.seq < 0 || ref.seq >= seq {
			t := textf(text{"它指向条目 %d，那不是更早的条目", "it names entry %d, which is none before it"}, ref.seq)
			return &t
		}
		b := r.seen[ref.seq]
		if b&hiddenBit != 0 {
			continue
		}
		if ref.to != other && b&nounBits != ref.to || ref.record && b&firstBit == 0 {
			t := textf(text{"它指向条目 %d，那是另一种条目", "it names entry %d, which is of another kind"}, ref.seq)
			return &t
		}
	}
	return nil
}

// amend holds an entry against the one that it replaces: the record's newest.
func (r *refs) amend(seq int64, e *entry) *text {
	if e.amends < 0 || e.amends >= seq || e.record < 0 || e.record > e.amends {
		t := textf(text{"它更正条目 %d，那不是该记录更早的条目", "it amends entry %d, which is none of its record's before it"}, e.amends)
		return &t
	}
	old := &r.seen[e.amends]
	record := e.amends
	if *old&firstBit == 0 {
		record = r.chain[e.amends]
	}
	switch {
	case *old&amendedBit != 0:
		t := textf(text{"它更正条目 %d，而那一条已被更正过", "it amends entry %d, which was amended before"}, e.amends)
		return &t
	case *old&hiddenBit == 0 && record != e.record:
		t := textf(text{"它更正条目 %d，那属于另一记录", "it amends entry %d, which is of another record"}, e.amends)
		return &t
	case *old&hiddenBit == 0 && *old&nounBits != e.noun:
		t := textf(text{"它更正条目 %d，那是另一种条目", "it amends entry %d, which is of another kind"}, e.amends)
		return &t
	}
	*old |= amendedBit
	if r.chain == nil {
		r.chain = map[int64]int64{}
	}
	r.chain[seq] = e.record
	return nil
}
