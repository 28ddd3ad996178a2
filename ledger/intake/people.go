package intake

import "mingzhang/ledger"

// People turns names into persons of the book, drafting those that the book does not know yet.
type People struct {
	present *ledger.Present
	first   int64 // number of the draft at index 0
	refs    map[string]string
	drafts  []ledger.Draft
}

// NewPeople begins with the number that the first drafted person would get.
func NewPeople(p *ledger.Present, first int64) *People {
	return &People{present: p, first: first, refs: map[string]string{}}
}

// ReadPeople is what a command must read so that these names can be found.
func ReadPeople(names []string) ledger.Read {
	return ledger.Read{Table: ledger.Persons, Index: "name", Keys: names}
}

// Ref is the person of a name, p17; an empty name is nobody.
func (p *People) Ref(name string) string {
	if name == "" {
		return ""
	}
	if ref, ok := p.refs[name]; ok {
		return ref
	}
	ref := ""
	if known := p.present.Find(ledger.Persons, "name", name); len(known) > 0 {
		ref = ledger.PersonRef(known[0].(*ledger.Person).ID)
	} else {
		ref = ledger.PersonRef(p.first + int64(len(p.drafts)))
		p.drafts = append(p.drafts, ledger.Draft{Kind: "person.recorded", State: &ledger.PersonState{Name: ledger.Seal(name)}})
	}
	p.refs[name] = ref
	return ref
}

// Known is the person of a name without recording one: a name that the book does not know is ?, which is
// nobody's reference.
func (p *People) Known(name string) string {
	if ref, ok := p.refs[name]; ok || name == "" {
		return ref
	}
	if known := p.present.Find(ledger.Persons, "name", name); len(known) > 0 {
		return ledger.PersonRef(known[0].(*ledger.Person).ID)
	}
	return "?"
}

// Drafts are the persons that have to be recorded.
func (p *People) Drafts() []ledger.Draft { return p.drafts }
