package landcheck

import (
	"context"
	"fmt"
	"strconv"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
)

// moves is how often a command looks for a parcel again whose number another command has just changed: each time
// one of the others got its way.
const moves = 100

// subject is the record that a command changes: a parcel, or a verification of it.
type subject struct {
	parcel       *Parcel
	verification *Verification // nil: the parcel itself
	visits       []*Verification
}

// change is a command on one record.
type change struct {
	scope        ledger.Scope
	actor        ledger.Actor
	key          ledger.Key
	parcel       int64 // the record, or
	verification int64
	seen         int64 // the entry that the user saw; 0: not asked
	reads        []ledger.Read
	decide       func(*ledger.Present, subject) ([]ledger.Draft, error)
}

// do finds the record and carries the command out. Commands put themselves in order by the number of the parcel,
// which is read before; where it changes in between, it is read again.
func (c change) do(ctx context.Context) (ledger.Receipt, error) {
	for range moves {
		key, err := c.number(ctx)
		if err != nil {
			return ledger.Receipt{}, err
		}
		moved := false
		receipt, err := c.scope.Do(ctx, ledger.Command{
			Actor: c.actor, Key: c.key.Name, Body: c.key.Body, Reads: append(readsOf(key, nil), c.reads...),
			Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
				s, ok := c.find(p, key)
				if !ok {
					moved = key != ""
					return nil, c.unknown()
				}
				return c.decided(p, s)
			},
		})
		if err == nil || !moved {
			return receipt, err
		}
	}
	return ledger.Receipt{}, c.unknown()
}

// number is the key of the parcel's number; "" where there is no such record.
func (c change) number(ctx context.Context) (string, error) {
	book, err := c.scope.Book()
	if err != nil {
		return "", err
	}
	id, err := c.scope.BookID()
	if err != nil {
		return "", err
	}
	q := book.DB().NewSelect().TableExpr("parcels AS p").ColumnExpr("p.parcel_no_key").
		Where("p.book_id = ?", id).Where("p.seq_to IS NULL").Where("NOT p.voided")
	if c.verification == 0 {
		q = q.Where("p.id = ?", c.parcel)
	} else {
		q = q.Where("p.id = (SELECT parcel FROM verifications WHERE book_id = ? AND id = ? AND seq_to IS NULL AND NOT voided)", id, c.verification)
	}
	var keys []string
	if err := q.Scan(ctx, &keys); err != nil {
		return "", fmt.Errorf("landcheck: reading the number of a parcel: %w", err)
	}
	if len(keys) == 0 {
		return "", nil
	}
	return keys[0], nil
}

// find gives the record among the rows that the command read.
func (c change) find(p *ledger.Present, key string) (subject, bool) {
	for _, row := range p.Find(parcels, "parcel_no_key", key) {
		parcel := row.(*Parcel)
		if parcel.Voided {
			continue // by a command of the same group
		}
		s := subject{parcel: parcel, visits: visitsOf(p, parcel)}
		if c.verification == 0 && parcel.ID == c.parcel {
			return s, true
		}
		for _, v := range s.visits {
			if v.ID == c.verification {
				s.verification = v
				return s, true
			}
		}
	}
	return subject{}, false
}

// decided refuses what lies outside of the scope as if it were not there, and what is not any more what was seen.
func (c change) decided(p *ledger.Present, s subject) ([]ledger.Draft, error) {
	var row ledger.Row = s.parcel
	inside := sees(c.scope, s.parcel.VillageKey)
	if s.verification != nil {
		row = s.verification
		inside = c.scope.Covers(s.parcel.VillageKey, &s.verification.VerifiedOn)
	}
	if !inside {
		return nil, c.unknown()
	}
	if err := ledger.Seen(row, c.seen); err != nil {
		return nil, err
	}
	return c.decide(p, s)
}

func (c change) unknown() error {
	if c.verification == 0 {
		return unknownParcel(c.parcel)
	}
	return unknownVisit(c.verification)
}

func unknownParcel(id int64) error {
	return ledger.E(ledger.NotFound, "parcel.unknown", strconv.FormatInt(id, 10))
}

func unknownVisit(id int64) error {
	return ledger.E(ledger.NotFound, "verification.unknown_record", strconv.FormatInt(id, 10))
}

// readsOf are a parcel, its verifications and persons.
func readsOf(parcelNo string, names []string) []ledger.Read {
	key := []string{intake.NumberKey(parcelNo)}
	return []ledger.Read{
		{Table: parcels, Index: "parcel_no_key", Keys: key}, {Table: verifications, Index: "parcel_no_key", Keys: key}, intake.ReadPeople(names),
	}
}

// visitsOf are the current verifications of a parcel.
func visitsOf(p *ledger.Present, parcel *Parcel) []*Verification {
	var list []*Verification
	for _, row := range p.Find(verifications, "parcel_no_key", parcel.ParcelNoKey) {
		if v := row.(*Verification); v.Parcel == parcel.ID && !v.Voided {
			list = append(list, v)
		}
	}
	return list
}

func refs(people *intake.People, names []string) []string {
	var list []string
	for _, name := range names {
		list = append(list, people.Ref(name))
	}
	return list
}

// reasonOf reads why a record is changed.
func reasonOf(reason string) (string, error) {
	reason = ledger.Normal(reason)
	if reason == "" {
		return "", ledger.E(ledger.Invalid, "reason.missing").On("reason")
	}
	if err := ledger.Clean(reason); err != nil {
		return "", err
	}
	if n := len([]rune(reason)); n > ledger.SealedMax {
		return "", ledger.E(ledger.Invalid, "text.too_long", n, ledger.SealedMax).On("reason")
	}
	return reason, nil
}
