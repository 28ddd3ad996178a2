package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/merkle"
)

// move is one thing that a superuser does to whole rows, and what check must say of it.
type move struct {
	name string
	do   func(*testing.T, *drill)
	what string // how the fault's place begins
	seq  int64  // the entry that the first fault names; -1: any
}

func sqlMove(name, what string, seq int64, statements ...string) move {
	return move{name: name, what: what, seq: seq, do: func(t *testing.T, d *drill) {
		t.Helper()
		for _, s := range statements {
			d.exec(t, strings.ReplaceAll(s, "$B", fmt.Sprint(d.id)))
		}
	}}
}

// The entries of the drill's book: 0 opened, 1–3 slips, 4 person, 5 import, 6–265 one command, 266 amends 1,
// 267 voids 2, 268–269 one command, 270 amends 266, 271 a slip.
func moves() []move {
	return []move{
		sqlMove("last 2 entries dropped, checkpoints kept", "entries", 270, "DELETE FROM entries WHERE book_id = $B AND seq >= 270"),
		sqlMove("last 3 entries dropped, within a command", "entries", 268, "DELETE FROM entries WHERE book_id = $B AND seq >= 269"),
		sqlMove("last 2 entries and checkpoints dropped", "", 270,
			"DELETE FROM entries WHERE book_id = $B AND seq >= 270", "DELETE FROM checkpoints WHERE book_id = $B AND size > 270"),
		sqlMove("all entries dropped", "entries", 0, "DELETE FROM entries WHERE book_id = $B"),
		sqlMove("all checkpoints dropped", "checkpoints", 0, "DELETE FROM checkpoints WHERE book_id = $B"),
		sqlMove("newest checkpoint dropped", "checkpoints", 271, "DELETE FROM checkpoints WHERE book_id = $B AND size = 272"),
		sqlMove("a checkpoint in the middle dropped", "checkpoints", 4, "DELETE FROM checkpoints WHERE book_id = $B AND size = 5"),
		sqlMove("an entry in the middle dropped", "entries", 100, "DELETE FROM entries WHERE book_id = $B AND seq = 100"),
		sqlMove("one dropped, the rest moved up", "", 100, "DELETE FROM entries WHERE book_id = $B AND seq = 100",
			"UPDATE entries SET seq = seq + 100000 WHERE book_id = $B AND seq > 100", "UPDATE entries SET seq = seq - 100001 WHERE book_id = $B AND seq > 100000"),
		sqlMove("one inserted, the rest moved down", "", 4,
			"UPDATE entries SET seq = seq + 100000 WHERE book_id = $B AND seq > 3", "UPDATE entries SET seq = seq - 99999 WHERE book_id = $B AND seq > 100000",
			"INSERT INTO entries SELECT book_id, 4, leaf_hash, body FROM entries WHERE book_id = $B AND seq = 3"),
		sqlMove("an entry added at the end", "checkpoints", 272,
			"INSERT INTO entries SELECT book_id, 272, leaf_hash, body FROM entries WHERE book_id = $B AND seq = 271"),
		sqlMove("two entries swapped", "entries", 1, "UPDATE entries SET seq = 3 - seq + 100000 WHERE book_id = $B AND seq IN (1, 2)",
			"UPDATE entries SET seq = seq - 100000 WHERE book_id = $B AND seq >= 100000"),
		sqlMove("an amended entry changed places with one of another kind", "entries", 1, "UPDATE entries AS e SET body = o.body, leaf_hash = o.leaf_hash FROM entries AS o "+
			"WHERE e.book_id = $B AND o.book_id = $B AND e.seq IN (1, 4) AND o.seq = 5 - e.seq"),
		sqlMove("an entry that amends what can never be", "entries", 266, replaceIn(266, `"amends":1,`, `"amends":9000000000000000000,`)),
		sqlMove("an entry that amends a number below 0", "entries", 266, replaceIn(266, `"amends":1,`, `"amends":-1,`)),
		sqlMove("an entry that amends itself", "", 266, replaceIn(266, `"amends":1,`, `"amends":266,`)),
		sqlMove("two bodies swapped within a command", "entries", 7,
			"UPDATE entries AS e SET body = o.body FROM entries AS o WHERE e.book_id = $B AND o.book_id = $B AND e.seq IN (7, 8) AND o.seq = 15 - e.seq"),
		sqlMove("a row's versions merged", "slips", 266, "DELETE FROM slips WHERE book_id = $B AND id = 1 AND seq_from = 266",
			"UPDATE slips SET seq_to = 270 WHERE book_id = $B AND id = 1 AND seq_from = 1"),
		sqlMove("sealed texts swapped", "sealed", 1, "UPDATE sealed AS s SET value = o.value, salt = o.salt FROM sealed AS o "+
			"WHERE s.book_id = $B AND o.book_id = $B AND s.field = 'remark' AND o.field = 'remark' AND s.seq IN (1, 2) AND o.seq = 3 - s.seq"),
		sqlMove("a sealed text beyond the end", "sealed", 9000, "INSERT INTO sealed SELECT book_id, 9000, field, salt, value FROM sealed WHERE book_id = $B AND seq = 1"),
		sqlMove("a tile of a higher level", "tiles", 272, "INSERT INTO tiles SELECT book_id, 1, 0, hashes, root FROM tiles WHERE book_id = $B"),
		sqlMove("a checkpoint where no commit ended", "checkpoints", 6, "INSERT INTO checkpoints SELECT (jsonb_populate_record(c, '{\"size\":100}')).* FROM checkpoints AS c WHERE book_id = $B AND size = 6"),
		sqlMove("another book's key", "books", 0, "UPDATE books SET verifier_key = (SELECT verifier_key FROM books WHERE id <> $B LIMIT 1) WHERE id = $B"),
		sqlMove("a value that cannot be read", "slips", 3, "ALTER TABLE slips ALTER amount TYPE text USING amount::text",
			"UPDATE slips SET amount = '许多' WHERE book_id = $B AND seq_from = 3"),
		sqlMove("a sum that cannot be read", "slip_sums", 3, "ALTER TABLE slip_sums ALTER amount TYPE text USING amount::text",
			"UPDATE slip_sums SET amount = '许多' WHERE book_id = $B AND seq_from = 3"),
		{"an amount changed everywhere, re-hashed without the key", forge(false), "checkpoints.note", 3},
		{"the same, with the new roots in the old notes", forge(true), "checkpoints.note", 3},
	}
}

// replaceIn changes a text in an entry.
func replaceIn(seq int64, old, now string) string {
	return fmt.Sprintf("UPDATE entries SET body = convert_to(replace(convert_from(body, 'UTF8'), '%s', '%s'), 'UTF8') WHERE book_id = $B AND seq = %d", old, now, seq)
}

// forge changes the amount of entry 3 consistently: entry, row, sums, hashes, tile and every root. Only the
// signatures cannot be made.
func forge(inNote bool) func(*testing.T, *drill) {
	return func(t *testing.T, d *drill) {
		t.Helper()
		book := fmt.Sprintf(" WHERE book_id = %d", d.id)
		d.exec(t, "UPDATE entries SET body = convert_to(replace(convert_from(body, 'UTF8'), '100.00', '900.00'), 'UTF8')"+book+" AND seq = 3")
		d.exec(t, "UPDATE slips SET amount = 900"+book+" AND seq_from = 3")
		d.exec(t, "UPDATE slip_sums SET amount = amount::numeric + 800"+book+" AND grain = 'b' AND seq_from >= 3")
		var bodies [][]byte
		d.scan(t, &bodies, "SELECT body FROM entries"+book+" ORDER BY seq")
		tree := new(merkle.Tree)
		for i, body := range bodies {
			leaf := merkle.LeafHash(body)
			d.exec(t, fmt.Sprintf(`UPDATE entries SET leaf_hash = '\x%x'`+book+" AND seq = %d", leaf[:], i))
			for _, tile := range tree.Append(leaf) {
				root := tile.Root()
				d.exec(t, fmt.Sprintf(`UPDATE tiles SET hashes = '\x%x', root = '\x%x'`+book+" AND level = %d AND index = %d",
					tile.Bytes(), root[:], tile.Level, tile.Index))
			}
			root := tree.Root()
			if inNote {
				d.exec(t, fmt.Sprintf(`UPDATE checkpoints SET note = replace(note, encode(root, 'base64'), '%s')`+book+" AND size = %d", root, i+1))
			}
			d.exec(t, fmt.Sprintf(`UPDATE checkpoints SET root = '\x%x'`+book+" AND size = %d", root[:], i+1))
		}
	}
}

func TestCheck_Moves(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	caught := 0
	list := append(moves(), d.rowMoves(t)...)
	for _, m := range list {
		m.do(t, d)
		faults := d.faults(t)
		if len(faults) == 0 || !slices.ContainsFunc(faults, func(f ledger.Fault) bool { return strings.HasPrefix(f.What, m.what) }) ||
			m.seq >= 0 && faults[0].Seq != m.seq {
			t.Errorf("%s: got %+v, want %s at entry %d", m.name, faults, m.what, m.seq)
		} else {
			caught++
			t.Logf("caught  %-60s as %s at entry %d", m.name, faults[0].What, faults[0].Seq)
		}
		d.restore(t)
	}
	t.Logf("tried %d, caught %d", len(list), caught)
	d.clean(t, 272)
}

// rowMoves adds a row to and removes one from every table that the catalog knows. An added row is a copy of
// the middle one with another last key.
func (d *drill) rowMoves(t *testing.T) []move {
	t.Helper()
	var list []move
	for _, table := range d.tables {
		if slices.Contains(notFilled, table) || table == "books" || table == "book_locks" {
			continue
		}
		var key []string
		d.scan(t, &key, fmt.Sprintf(`SELECT a.attname FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
			WHERE i.indrelid = 'public.%s'::regclass AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)`, table))
		last := key[len(key)-1]
		from, _ := seqOf(table)
		middle := fmt.Sprintf(`(SELECT r FROM (SELECT x AS r, row_number() OVER (ORDER BY %s, x) AS n, count(*) OVER () AS of
			FROM public.%s AS x WHERE book_id = $B) AS m WHERE n = (of + 1) / 2)`, from, table)
		where := fmt.Sprintf("FROM public.%s AS x WHERE x.ctid = (SELECT ctid FROM public.%s AS y WHERE y = %s)", table, table, middle)
		added := table
		if table == "checkpoints" {
			added = "entries" // it is of more entries than there are, so these are what is missed
		}
		list = append(list,
			sqlMove("a row added to "+table, added, -1, fmt.Sprintf(`INSERT INTO public.%[1]s SELECT (jsonb_populate_record(r, jsonb_build_object('%[2]s',
				'9' || (to_jsonb(r) ->> '%[2]s'), 'seq_to', 999999999))).* FROM %[3]s AS s`, table, last, middle)),
			sqlMove("a row removed from "+table, table, -1, "DELETE "+where))
		if table == "idempotency" { // no entry speaks of a key taken away: see notEvidence
			list = list[:len(list)-1]
		}
	}
	list = append(list,
		sqlMove("the book's row removed", "books", 0, "DELETE FROM books WHERE id = $B"),
		sqlMove("the book's lock removed", "book_locks", 0, "DELETE FROM book_locks WHERE book_id = $B"))
	return list
}

// What check alone cannot see: a book taken back, whole, to an earlier checkpoint is a book of that time.
// Whoever kept a later checkpoint outside sees it: the book does not extend it.
func TestCheck_OutsideCheckpointOnly(t *testing.T) {
	t.Parallel()
	d := newDrill(t)
	kept, err := d.book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const back = 268
	for _, table := range []string{"slips", "slip_sums", "book_profiles", "persons", "imports"} {
		d.exec(t, fmt.Sprintf("DELETE FROM %s WHERE book_id = %d AND seq_from >= %d", table, d.id, back))
		d.exec(t, fmt.Sprintf("UPDATE %s SET seq_to = NULL WHERE book_id = %d AND seq_to >= %d", table, d.id, back))
	}
	for table, column := range map[string]string{"entries": "seq", "sealed": "seq", "idempotency": "seq_first", "checkpoints": "size - 1"} {
		d.exec(t, fmt.Sprintf("DELETE FROM %s WHERE book_id = %d AND %s >= %d", table, d.id, column, back))
	}
	d.clean(t, back) // the limit
	if _, err := d.book.AsOf(t.Context(), kept.Size); ledger.CodeOf(err) != ledger.Invalid {
		t.Errorf("the checkpoint kept outside, of size %d: %v, want invalid", kept.Size, err)
	}
	// Written on, with the key, to the same size: another root.
	d.do(t, d.many(t, "e", int(kept.Size)-back))
	d.clean(t, kept.Size)
	now, err := d.book.AsOf(t.Context(), kept.Size)
	if err != nil || now.Root == kept.Root {
		t.Errorf("at size %d: root %s, %v; want another than the one kept outside, %s", kept.Size, now.Root, err, kept.Root)
	}
	t.Logf("%-60s caught by an outside checkpoint only", "everything dropped back to an earlier checkpoint")
}
