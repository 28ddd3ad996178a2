package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// class is one kind of tampering, and which catchers must see it. Whoever adds a catcher (an exported copy and its
// verifier, a witness) puts it into newDrill and its name here.
type class struct {
	name string
	do   func(*drill)
	by   []string
}

// tampered is a class that SQL alone makes. $B is the office's book, $L the installation's log, $N how many entries the
// book has.
func tampered(name string, by []string, statements ...string) class {
	return class{name, func(d *drill) {
		id, size := d.number(), d.size()
		for _, s := range statements {
			d.exec(strings.NewReplacer("$B", fmt.Sprint(id), "$L", "0", "$N", fmt.Sprint(size)).Replace(s))
		}
	}, by}
}

func (d *drill) number() (id int64) {
	d.scan(&id, "SELECT id FROM saved.books WHERE code = '"+officeCode+"'")
	return id
}

func (d *drill) size() (n int64) {
	d.scan(&n, fmt.Sprintf("SELECT count(*) FROM saved.entries WHERE book_id = %d", d.number()))
	return n
}

var (
	byCheck   = []string{"check"}
	byOutside = []string{"outside checkpoint", "mzverify", "witness"} // what the key was used for, only who kept something sees
	byBoth    = []string{"check", "outside checkpoint", "mzverify"}
)

func classes() []class {
	return []class{
		tampered("the last 3 entries dropped, their rows kept", byCheck, "DELETE FROM entries WHERE book_id = $B AND seq >= $N - 3"),
		tampered("the last entry and its checkpoint dropped", byCheck, "DELETE FROM entries WHERE book_id = $B AND seq >= $N - 1", "DELETE FROM checkpoints WHERE book_id = $B AND size > $N - 1"),
		tampered("two entries swapped", byBoth, "UPDATE entries AS e SET body = o.body, leaf_hash = o.leaf_hash FROM entries AS o WHERE e.book_id = $B AND o.book_id = $B AND e.seq IN (20, 21) AND o.seq = 41 - e.seq"),
		tampered("one inserted in the middle, the rest moved", byBoth, "UPDATE entries SET seq = seq + 100000 WHERE book_id = $B AND seq >= 20", "UPDATE entries SET seq = seq - 99999 WHERE book_id = $B AND seq > 100000",
			"INSERT INTO entries SELECT book_id, 20, leaf_hash, body FROM entries WHERE book_id = $B AND seq = 19"),
		tampered("one taken out of the middle, the rest moved", byBoth, "DELETE FROM entries WHERE book_id = $B AND seq = 20", "UPDATE entries SET seq = seq + 100000 WHERE book_id = $B AND seq > 20",
			"UPDATE entries SET seq = seq - 100001 WHERE book_id = $B AND seq > 100000"),
		tampered("a tile replaced", byCheck, "UPDATE tiles SET hashes = overlay(hashes PLACING substring(hashes FROM 33 FOR 32) FROM 1 FOR 32) WHERE book_id = $B"),
		tampered("the tiles dropped", byCheck, "DELETE FROM tiles WHERE book_id = $B"),
		tampered("the newest checkpoint replaced by an older note", byCheck, "UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE book_id = $B AND size = 1), root = (SELECT root FROM checkpoints WHERE book_id = $B AND size = 1) WHERE book_id = $B AND size = $N"),
		tampered("all checkpoints but the newest dropped", byCheck, "DELETE FROM checkpoints WHERE book_id = $B AND size < $N"),
		tampered("a row of a lot changed with its sum", byCheck, "UPDATE lots SET hammer_total = hammer_total + 100 WHERE book_id = $B AND id = (SELECT min(id) FROM lots WHERE book_id = $B AND outcome = 'hammered')",
			"UPDATE lot_months SET hammer_total = hammer_total + 100 WHERE book_id = $B AND seq_to IS NULL"),
		tampered("a review invented", byCheck, "INSERT INTO reviews SELECT (jsonb_populate_record(r, jsonb_build_object('id', 30, 'seq_from', 30))).* FROM reviews AS r WHERE book_id = $B LIMIT 1"),
		tampered("a right given back that was revoked", byCheck, "UPDATE rights SET revoked = false WHERE book_id = $L AND revoked"),
		tampered("a book invented beside it", byCheck, "INSERT INTO books (id, code, kind, origin, verifier_key) SELECT 900, 'other', kind, origin || 'x', verifier_key FROM books WHERE id = $B"),
		tampered("the whole book taken away, with all its rows", byBoth, wholeBook()...),
		{"an amount changed everywhere, re-hashed without the key", func(d *drill) { d.forge(nil) }, byBoth},
		{"the same, signed with another key put into the book's row", func(d *drill) { d.forge(d.otherKey()) }, byBoth},
		{"everything after an older checkpoint dropped, rows and sums too", func(d *drill) { d.rollBack(d.number(), officeCode) }, byOutside},
		{"the same, and written on with the key to the same size", func(d *drill) { d.rollBackAndGrow() }, byOutside},
		{"the same in the installation's log: an account never made", func(d *drill) { d.rollBack(0, "installation") }, byOutside},
		{"an amount changed everywhere, re-hashed WITH the stolen key", func(d *drill) { d.forge(d.stolenKey()) }, byOutside},
	}
}

// wholeBook are the statements that leave nothing of a book.
func wholeBook() []string {
	list := []string{"DELETE FROM books WHERE id = $B"}
	for _, table := range append(derived(), "entries", "tiles", "checkpoints", "sealed", "idempotency", "book_locks") {
		list = append(list, "DELETE FROM "+table+" WHERE book_id = $B")
	}
	return list
}

// derived are the tables that the entries of the program's kinds make.
func derived() []string {
	names := []string{"book_profiles", "erasures", "persons", "imports"}
	for _, k := range kinds() {
		if k.Table != nil {
			names = append(names, k.Table.Name)
		}
		if k.Rollup != nil {
			names = append(names, k.Rollup.Table.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// rollBack takes a book back, whole, to a checkpoint before the one that is held outside: what is left is a book of that
// time, as it was.
func (d *drill) rollBack(book int64, code string) (back int64) {
	d.scan(&back, fmt.Sprintf("SELECT max(size) FROM checkpoints WHERE book_id = %d AND size < %d", book, d.kept[code].Size))
	for _, table := range derived() {
		d.exec(fmt.Sprintf("DELETE FROM %s WHERE book_id = %d AND seq_from >= %d", table, book, back),
			fmt.Sprintf("UPDATE %s SET seq_to = NULL WHERE book_id = %d AND seq_to >= %d", table, book, back))
	}
	for table, column := range map[string]string{
		"entries": "seq", "sealed": "seq", "idempotency": "seq_last", "checkpoints": "size - 1", "tiles": "(index + 1) * (256 ^ (level + 1))::bigint - 1",
	} {
		d.exec(fmt.Sprintf("DELETE FROM %s WHERE book_id = %d AND %s >= %d", table, book, column, back))
	}
	return back
}

// rollBackAndGrow writes another history from there, as the program itself does: signed with the key.
func (d *drill) rollBackAndGrow() {
	d.tb.Helper()
	size := d.size()
	back := d.rollBack(d.number(), officeCode)
	book, err := d.store.Book(d.tb.Context(), officeCode)
	d.must(nil, err)
	for i := range size - back {
		in := drillLot(fmt.Sprintf("虚构-另-%d", i))
		in.Winner = "" // one entry a lot
		d.must(auction.Record(d.tb.Context(), ledger.WholeBook(book), d.actor("clerk"), ledger.Key{}, in, d.today()))
	}
}

// stolenKey signs with the book's own key.
func (d *drill) stolenKey() *merkle.Signer {
	d.tb.Helper()
	book, err := d.store.Book(d.tb.Context(), officeCode)
	d.must(nil, err)
	secret, err := (&options{dataDir: d.data}).keys().Load(book.Origin)
	d.must(nil, err)
	s, err := merkle.NewSigner([]string{secret}, []string{book.VerifierKey})
	d.must(nil, err)
	return s
}

// otherKey is a new key of the same origin, put where the program looks for the book's.
func (d *drill) otherKey() *merkle.Signer {
	d.tb.Helper()
	book, err := d.store.Book(d.tb.Context(), officeCode)
	d.must(nil, err)
	secret, verifier, err := merkle.NewKey(zeros{}, book.Origin)
	d.must(nil, err)
	d.exec(fmt.Sprintf("UPDATE books SET verifier_key = '%s' WHERE code = '%s'", verifier, officeCode))
	s, err := merkle.NewSigner([]string{secret}, []string{verifier})
	d.must(nil, err)
	return s
}

// zeros is no randomness: the forger's key is always the same.
type zeros struct{}

// Read gives nothing but zeros.
func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// forge changes an amount in an entry and makes everything that follows from it anew: leaf hashes, tiles, roots, rows and
// sums, and, with a signer, the signature of every checkpoint.
func (d *drill) forge(sign *merkle.Signer) {
	d.tb.Helper()
	id := d.number()
	book := fmt.Sprintf(" WHERE book_id = %d", id)
	d.exec("UPDATE entries SET body = convert_to(replace(convert_from(body, 'UTF8'), '250000.00', '950000.00'), 'UTF8')" + book)
	var bodies [][]byte
	d.scan(&bodies, "SELECT body FROM entries"+book+" ORDER BY seq")
	var origin string
	d.scan(&origin, fmt.Sprintf("SELECT origin FROM books WHERE id = %d", id))
	tree := new(merkle.Tree)
	var statements []string
	for i, body := range bodies {
		leaf := merkle.LeafHash(body)
		statements = append(statements, fmt.Sprintf("UPDATE entries SET leaf_hash = %s%s AND seq = %d", hexed(leaf[:]), book, i))
		for _, tile := range tree.Append(leaf) {
			root := tile.Root()
			statements = append(statements, fmt.Sprintf("UPDATE tiles SET hashes = %s, root = %s%s AND level = %d AND index = %d",
				hexed(tile.Bytes()), hexed(root[:]), book, tile.Level, tile.Index))
		}
		root := tree.Root()
		set := "root = " + hexed(root[:])
		if sign != nil {
			note, err := sign.Sign(merkle.Checkpoint{Origin: origin, Size: int64(i + 1), Root: root})
			d.must(nil, err)
			set += ", note = '" + note + "'"
		} else {
			set += fmt.Sprintf(", note = replace(note, encode(root, 'base64'), '%s')", root)
		}
		statements = append(statements, fmt.Sprintf("UPDATE checkpoints SET %s%s AND size = %d", set, book, i+1))
	}
	d.exec(statements...)
	d.exec(fmt.Sprintf("INSERT INTO work_rebuilds (book_id) VALUES (%d)", id))
	d.must(nil, d.store.RebuildPending(d.tb.Context(), d.db.Owner(), nil))
	var forged int64
	d.scan(&forged, "SELECT count(*) FROM lots"+book+" AND hammer_total = 950000")
	if forged == 0 {
		d.tb.Fatal("nothing was forged")
	}
}

// Every class of tampering is caught, and by whom is printed.
func TestDrill_Classes(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	list, caught := classes(), 0
	for _, c := range list {
		c.do(d)
		var line strings.Builder
		anybody := false
		for _, catcher := range d.catchers {
			saw := catcher.sees(t, d)
			anybody = anybody || saw != ""
			switch must := slices.Contains(c.by, catcher.name); {
			case must && saw == "":
				t.Errorf("%s: %s sees nothing", c.name, catcher.name)
			case !must && saw != "" && !slices.Contains(c.by, "check"):
				t.Errorf("%s: %s sees it by now (%s): say so in the list", c.name, catcher.name, saw)
			}
			fmt.Fprintf(&line, " · %s: %s", catcher.name, cmp.Or(saw, "—"))
		}
		if anybody {
			caught++
		}
		t.Logf("%-66s%s", c.name, line.String())
		d.restore()
	}
	t.Logf("tried %d classes, caught %d", len(list), caught)
	if caught != len(list) {
		t.Errorf("%d classes of %d are caught", caught, len(list))
	}
	for _, c := range d.catchers {
		if saw := c.sees(t, d); saw != "" {
			t.Errorf("%s after all was put back: %s", c.name, saw)
		}
	}
}
