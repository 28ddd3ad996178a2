package main

import (
	"encoding/json"
	"slices"
)

// profile is what a book says of itself in an entry of kind book.*, as far as a checker needs it.
type profile struct {
	Code         string   `json:"code"`
	Kind         string   `json:"kind"`
	NameZH       string   `json:"name_zh"`
	NameEN       string   `json:"name_en"`
	Origin       string   `json:"origin"`
	Public       bool     `json:"public"`
	VerifierKey  string   `json:"verifier_key"`
	VerifierKeys []string `json:"verifier_keys"`
	Reopened     *struct {
		Origin string `json:"origin"`
		Root   string `json:"root"`
		Size   int64  `json:"size"`
	} `json:"reopened"`
}

// reign is the time of some keys: the checkpoints from the size above from on are signed by all of them.
type reign struct {
	from    int64 // number of the entry that says so
	origin  string
	keys    []verifier // in the order of their texts, which is that of the signature lines
	profile profile
	// goesOn says, of a reopened book, whether its entries are those of the checkpoint that it names.
	goesOn continuation
}

type continuation int

// What is known of a reopened book.
const (
	notCompared continuation = iota // the checkpoint is older than the last commit before the reopening
	goesOn                          // the book holds all that was published
	lostEntries                     // entries that were published are not in it
)

// chain is who signed when. It begins with entry 0 and grows with each entry that names other keys.
type chain []reign

// now are the keys in force.
func (c chain) now() *reign {
	if len(c) == 0 {
		return nil
	}
	return &c[len(c)-1]
}

// follow takes an entry of kind book.*.
func (c chain) follow(seq int64, e *entry) (chain, *text) {
	kind := string(e.kind)
	if seq > 0 && (e.amends == none || e.record != 0) {
		return c, &text{"账簿的自述必须更正上一条自述", "what a book says of itself amends what it said before"}
	}
	if seq == 0 != (kind == "book.opened") {
		return c, &text{"开立账簿（book.opened）只能是、且必须是条目 0", "book.opened is entry 0 and no other"}
	}
	var said struct {
		State profile `json:"state"`
	}
	if err := json.Unmarshal(e.line, &said); err != nil {
		return c, &text{"读不出账簿的自述", "what the book says of itself cannot be read"}
	}
	next := reign{from: seq, origin: said.State.Origin, profile: said.State}
	lines := said.State.VerifierKeys
	if len(lines) == 0 {
		lines = []string{said.State.VerifierKey}
	}
	if !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
		return c, &text{"验证公钥没有按序列出，或有重复", "the verifier keys are out of order or twice there"}
	}
	if v, ok := parseVerifier(said.State.VerifierKey); !ok || v.name != next.origin {
		return c, &text{"验证公钥无效，或不属于该来源名", "a verifier key that is none, or not of this origin"}
	}
	for _, line := range lines {
		v, ok := parseVerifier(line)
		if !ok || v.kind != logKey || v.name != next.origin {
			return c, &text{"验证公钥无效，或不属于该来源名", "a verifier key that is none, or not of this origin"}
		}
		next.keys = append(next.keys, v)
	}
	before := c.now()
	if before == nil || !next.changed(before) {
		return append(c, next), nil
	}
	switch {
	case kind == "book.reopened" && next.origin != before.origin:
	case kind != "book.rekeyed" || next.origin != before.origin:
		return c, &text{"来源名或公钥改变，而这一种条目不能改变它们", "origin or keys change, by an entry of a kind that cannot change them"}
	case !slices.ContainsFunc(next.keys, before.has):
		return c, &text{"更换公钥时没有保留任何旧公钥：新公钥不能自己为自己作证", "other keys, and none of those before stays: a new key cannot bring itself in"}
	}
	return append(c, next), nil
}

// reaches tells whether a key leads to those in force now: each exchange since was signed by a key of before.
func (c chain) reaches(v verifier) bool {
	for i := len(c) - 1; i >= 0; i-- {
		if c[i].has(v) {
			return true
		}
		if i > 0 && c[i].origin != c[i-1].origin {
			return false // reopened by a key that nobody from before signed for
		}
	}
	return false
}

func (r *reign) has(v verifier) bool {
	return slices.ContainsFunc(r.keys, func(k verifier) bool { return k.text == v.text })
}

// changed tells whether other keys sign than before.
func (r *reign) changed(before *reign) bool {
	return r.origin != before.origin || !slices.EqualFunc(r.keys, before.keys, func(a, b verifier) bool { return a.text == b.text })
}
