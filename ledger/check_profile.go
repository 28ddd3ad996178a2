package ledger

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mingzhang/ledger/merkle"
)

// signed holds a note against the identity in force at its size: every key has signed it, in the one way that there
// is to write it.
func (i identity) signed(note string, size int64, root merkle.Hash) error {
	got, err := merkle.OpenCheckpoint(note, i.keys...)
	if err != nil {
		return err
	}
	if want := (merkle.Checkpoint{Origin: i.origin, Size: size, Root: root}); got != want || !merkle.Bare(note, want, i.keys...) {
		return errors.New("a note of something else")
	}
	return nil
}

// compareProfile follows what the entries say of the book: entry 0 opens it, others change what their kind may change,
// and from there on other keys sign.
func (c *checker) compareProfile(e Entry) {
	p, ok := e.State.(*BookProfile)
	if e.Seq == 0 && (!ok || e.Kind != "book.opened") {
		c.fault(0, "entries.kind", Text{ZH: "账簿的开立", EN: "the opening of a book"}, e.Kind)
	}
	if !ok {
		return
	}
	if e.Seq == 0 {
		for _, row := range [][3]string{
			{"books.code", cmp.Or(c.code, p.Code), c.book.Code}, {"books.kind", string(p.Kind), string(c.book.Kind)},
			{"books.origin", p.Origin, c.book.Origin}, {"books.verifier_key", p.VerifierKey, c.book.VerifierKey},
		} {
			if row[1] != row[2] {
				c.fault(0, row[0], row[1], row[2])
			}
		}
	} else if err := c.profile.follows(e.Kind, p); err != nil || e.Record != 0 {
		c.fault(e.Seq, "entries.state", Text{ZH: "本账簿允许的变更", EN: "a change that a book may have"}, fmt.Sprint(e.Kind, ": ", err))
	}
	c.profile, c.identity = *p, p.identity()
}

// follows holds a change of the profile against what its kind may change. Keys are exchanged under a key that stays, so
// that the commit is signed by one that was in force before; only book.reopened begins anew, under another origin.
func (p BookProfile) follows(kind string, next *BookProfile) error {
	want := p
	keys := next.Keys()
	switch kind {
	case "book.disclosed", "book.closed":
		want.Public = kind == "book.disclosed"
	case "book.rekeyed":
		want.VerifierKeys = next.VerifierKeys
		if !slices.ContainsFunc(keys, func(v string) bool { return slices.Contains(p.Keys(), v) }) {
			return errors.New("no key stays")
		}
	case "book.reopened":
		want.Origin, want.VerifierKey, want.VerifierKeys, want.Reopened = next.Origin, next.VerifierKey, nil, next.Reopened
		if next.Reopened == nil || next.Reopened.Origin != p.Origin || next.Origin == p.Origin || next.Reopened.Size < 1 {
			return errors.New("the old origin is not named")
		}
		if root, err := base64.StdEncoding.Strict().DecodeString(next.Reopened.Root); err != nil || len(root) != len(merkle.Hash{}) {
			return errors.New("the old root is none")
		}
	default:
		return errors.New("not a kind of change")
	}
	short := len(next.VerifierKeys) == 1 && next.VerifierKeys[0] == next.VerifierKey // has a shorter form
	if CanonicalJSON(&want) != CanonicalJSON(next) || short || len(keys) > keysMax {
		return errors.New("something else changed")
	}
	for i, key := range keys {
		if merkle.KeyID(key) == "" || !strings.HasPrefix(key, next.Origin+"+") || i > 0 && keys[i-1] >= key {
			return errors.New("the keys are not sorted, or not of the origin")
		}
	}
	return nil
}
