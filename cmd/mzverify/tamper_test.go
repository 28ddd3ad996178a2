package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// sample is a small book with everything that is checked: commits of several entries, an amendment, a voided record,
// sealed texts, a key, escapes, other keys from a point on.
func sample(tb testing.TB) (*craft, map[string]string) {
	tb.Helper()
	c := newCraft(tb)
	salt := strings.Repeat("5a", 32)
	seal := func(field, text string) string {
		return fmt.Sprintf(`{"sealed":"%s"}`, sealOf(tb, salt, field, text).hex())
	}
	c.commit(
		`"kind":"import.recorded","record":1,"state":{"file_name":`+seal("file_name", "台账.xlsx")+`,"file_sha256":"`+salt+`","records":1,"what":"lots"}`,
		`"kind":"person.recorded","record":2,"state":{"name":`+seal("name", "张三")+`}`,
		`"kind":"lot.recorded","record":3,"source":{"import":1,"row":2},"state":{"asset_name":"三号\"旧\"仓","base_total":"10000.00","direction":"sale","hammer_total":"14328.00","hammered_on":"2021-03-05","listing":1,"lot_no":"示例1号","outcome":"hammered","winner":"p2"}`,
	)
	c.commit(`AMENDS 3 "kind":"lot.amended","reason":` + seal("reason", "更正") + `,"record":3,"state":{"base_total":"10000.00","direction":"sale","hammer_total":"14328.50","hammered_on":"2021-03-05","listing":1,"lot_no":"示例1号","outcome":"hammered","winner":"p2"}`)
	c.commit(lotEntry(5, "示例2号", "20000.00", "20000.00", "confirmed", "2021-04-01"))
	c.commit(`AMENDS 5 "kind":"lot.voided","reason":` + seal("reason", "录重") + `,"record":5,"state":{"direction":"sale","listing":1,"lot_no":"示例2号","outcome":"confirmed"}`)
	c.signers = inOrder2(c.signers[0], newSigner(origin, logKey, 2))
	c.commit(`AMENDS 0 ` + rekeyed(c))
	c.commit(`"kind":"review.approved","record":8,"state":{"entry":4,"records":1,"verdict":"approved","what":"lot"}`)
	files := c.files()
	files[keysFile] = fmt.Sprintf(`{"actor":"local:root","key":"a-1","body_sha256":"%s","first":1,"last":3}`+"\n", salt) +
		fmt.Sprintf(`{"actor":"local:root","key":"a-2","body_sha256":"%s","first":5,"last":5}`+"\n", salt)
	for _, s := range []struct {
		seq         int
		field, text string
	}{{1, "file_name", "台账.xlsx"}, {2, "name", "张三"}, {4, "reason", "更正"}, {6, "reason", "录重"}} {
		files[sealedFile] += fmt.Sprintf(`{"seq":%d,"field":"%s","salt":"%s","text":"%s"}`+"\n", s.seq, s.field, salt, s.text)
	}
	return c, files
}

func sealOf(tb testing.TB, salt, field, text string) hash {
	tb.Helper()
	raw := make([]byte, 32)
	if !unhex(raw, []byte(salt)) {
		tb.Fatal(salt)
	}
	return sha256.Sum256(append(raw, field+text...))
}

// inOrder2 are two signers in the order of their keys, which is that of their lines.
func inOrder2(a, b signer) []signer {
	if a.text() > b.text() {
		a, b = b, a
	}
	return []signer{a, b}
}

// rekeyed names all signers of the book.
func rekeyed(c *craft) string {
	keys := []string{}
	for _, s := range c.signers {
		keys = append(keys, s.text())
	}
	slices.Sort(keys)
	return fmt.Sprintf(`"kind":"book.rekeyed","record":0,"state":{"code":"craft","kind":"practice","name_zh":"示例(虚构)","origin":"%s","verifier_key":"%s","verifier_keys":["%s"]}`,
		c.signers[0].name, c.signers[0].text(), strings.Join(keys, `","`))
}

// mustBreak wants an export refused as broken, and never as unreadable.
func mustBreak(t *testing.T, what string, files map[string]string) {
	t.Helper()
	_, err := verify(t.Context(), inMemory(files), nil)
	if _, ok := errors.AsType[*broken](err); !ok {
		t.Errorf("%s: %v, want it broken", what, err)
	}
}

func TestVerify_Sample(t *testing.T) {
	t.Parallel()
	_, files := sample(t)
	r, err := verify(t.Context(), inMemory(files), nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.entries != 9 || r.checkpoints != 7 || r.texts != 4 || r.keys != 2 || r.hidden != 0 || len(r.chain) != 2 {
		t.Errorf("found %+v", r)
	}
}

// Any one byte of any file that is changed is found. What stands in no entry is not: the keys of idempotency.jsonl, the
// hashes of their bodies, and which entries of one commit they were answered with.
func TestTamper_EveryByte(t *testing.T) {
	t.Parallel()
	_, files := sample(t)
	for name, body := range files {
		tried := 0
		for i := range len(body) {
			if name == keysFile && isUnprotected(body, i) {
				continue
			}
			b := []byte(body)
			b[i] ^= []byte{1, 2, 0x20}[i%3]
			mustBreak(t, fmt.Sprintf("%s: byte %d %q → %q", name, i, body[i], b[i]), changed(files, name, string(b)))
			tried++
		}
		t.Logf("%s: %d changes tried, all found", name, tried)
	}
}

// isUnprotected holds within the text of a key, the hash of a body or the number of an entry.
func isUnprotected(body string, i int) bool {
	line := body[strings.LastIndexByte(body[:i], '\n')+1:]
	at := i - (len(body) - len(line))
	for _, name := range []string{`"key":"`, `"body_sha256":"`, `"first":`, `"last":`} {
		start := strings.Index(line, name) + len(name)
		if end := start + strings.IndexAny(line[start:], `",}`); at >= start && at < end {
			return true
		}
	}
	return false
}

// Lines swapped, dropped, sent twice or put in, in every place of every file.
func TestTamper_Lines(t *testing.T) {
	t.Parallel()
	c, files := sample(t)
	public := c.public(0, 4, 7)
	for _, export := range []map[string]string{files, public} {
		for _, name := range []string{entriesFile, publicFile, checkpointsFile, sealedFile, keysFile} {
			if export[name] == "" {
				continue
			}
			lines := strings.SplitAfter(export[name], "\n")
			lines = lines[:len(lines)-1]
			for i, line := range lines {
				join := func(parts ...[]string) map[string]string {
					var b strings.Builder
					for _, p := range parts {
						b.WriteString(strings.Join(p, ""))
					}
					return changed(export, name, b.String())
				}
				hidden := name == checkpointsFile && export[publicFile] != "" && i+1 < len(lines)
				if name != keysFile && !hidden { // no entry says of a key that it was there, no hash of a commit where it ended
					mustBreak(t, fmt.Sprintf("%s without line %d", name, i+1), join(lines[:i], lines[i+1:]))
				}
				mustBreak(t, fmt.Sprintf("%s with line %d twice", name, i+1), join(lines[:i], []string{line}, lines[i:]))
				mustBreak(t, fmt.Sprintf("%s with an empty line %d", name, i+1), join(lines[:i], []string{"\n"}, lines[i:]))
				if i > 0 {
					mustBreak(t, fmt.Sprintf("%s with lines %d and %d swapped", name, i, i+1), join(lines[:i-1], []string{line, lines[i-1]}, lines[i+1:]))
				}
			}
			mustBreak(t, name+" without its last line feed", changed(export, name, strings.TrimSuffix(export[name], "\n")))
			mustBreak(t, name+" with more at its end", changed(export, name, export[name]+"{}\n"))
		}
	}
}

// Whoever has the files and not the key can make every hash fit, and no signature.
func TestTamper_RehashedWithoutKey(t *testing.T) {
	t.Parallel()
	c, _ := sample(t)
	forged := &craft{tb: t, at: c.at}
	size := 0
	for _, n := range c.notes {
		for ; int64(size) < n.size; size++ {
			forged.line(strings.ReplaceAll(c.lines[size], `"hammer_total":"14328.50"`, `"hammer_total":"14328.60"`))
		}
		forged.signers = c.signers[:1]
		_, rest, _ := strings.Cut(n.note, "\n\n")
		forged.notes = append(forged.notes, sizedNote{size: n.size, note: forged.text() + "\n" + rest})
	}
	mustBreak(t, "hashed again, old signatures", forged.files())

	thief := newSigner(origin, logKey, 9)
	own := &craft{tb: t, signers: []signer{thief}, at: c.at}
	for _, line := range c.lines[:7] {
		own.line(line)
	}
	own.sign()
	mustBreak(t, "hashed again and signed by another key", own.files())
}

// With a key of the thief's everywhere the files fit; the key that the auditor has from elsewhere does not.
func TestTamper_OtherKeyThroughout(t *testing.T) {
	t.Parallel()
	c := newCraft(t)
	forged := &craft{tb: t, signers: []signer{newSigner(origin, logKey, 9)}, at: c.at}
	forged.commit(forged.opened())
	dir := onDisk(t, forged.files())
	if status, out := run(t, "export", dir); status != exitFine || !strings.Contains(out, "own word") {
		t.Errorf("without a key: %d %s", status, out)
	}
	if status, out := run(t, "export", dir, "--key", c.signers[0].text()); status != exitBroken {
		t.Errorf("with the right key: %d %s", status, out)
	}
}

// Other keys from a point on: a key from before leads to them, because one of its time signed the exchange.
func TestTrusted_Rekeyed(t *testing.T) {
	t.Parallel()
	c := newCraft(t)
	first, second := c.signers[0], newSigner(origin, logKey, 2)
	c.signers = inOrder2(first, second)
	c.commit(`AMENDS 0 ` + rekeyed(c))
	c.signers = []signer{second}
	c.commit(`AMENDS 1 ` + strings.Replace(rekeyed(c), `"verifier_key":"`+second.text(), `"verifier_key":"`+first.text(), 1))
	dir := onDisk(t, c.files())
	for _, k := range []signer{first, second} {
		if status, out := run(t, "export", dir, "--key", k.text()); status != exitFine || !strings.Contains(out, "from entry 2 on other keys sign") {
			t.Errorf("%s: %d %s", k.text(), status, out)
		}
	}
	alone := newCraft(t)
	alone.signers = []signer{second}
	alone.commit(`AMENDS 0 ` + rekeyed(alone))
	mustBreak(t, "a new key that brings itself in", alone.files())
}

// A reopened book has a key that nothing from before vouches for.
func TestTrusted_Reopened(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size int
		root func(*craft) string
		want string
	}{
		{1, func(c *craft) string { return c.tree.root().String() }, "are those of that checkpoint"},
		{1, func(*craft) string { return hash{}.String() }, "are missing"},
		{9, func(c *craft) string { return c.tree.root().String() }, "are missing"},
	} {
		b := newCraft(t)
		old, root := b.signers[0], c.root(b)
		b.signers = []signer{newSigner("example.org/second", logKey, 2)}
		b.commit(fmt.Sprintf(`AMENDS 0 "kind":"book.reopened","record":0,"state":{"code":"craft","kind":"practice","name_zh":"示例(虚构)","origin":"example.org/second","reopened":{"origin":"%s","root":"%s","size":%d},"verifier_key":"%s"}`,
			origin, root, c.size, b.signers[0].text()))
		dir := onDisk(t, b.files())
		if status, out := run(t, "export", dir, "--key", old.text()); status != exitBroken || !strings.Contains(out, "as far as size 1") {
			t.Errorf("the old key: %d %s", status, out)
		}
		if status, out := run(t, "export", dir, "--key", b.signers[0].text()); status != exitFine || !strings.Contains(out, c.want) {
			t.Errorf("the new key: %d, no %q in %s", status, c.want, out)
		}
	}
}

// A key names entries of one commit and of its actor.
func TestKeys_Entries(t *testing.T) {
	t.Parallel()
	_, files := sample(t)
	for _, pair := range [][2]string{
		{`"first":1`, `"first":0`}, {`"last":3`, `"last":4`}, {`"last":3`, `"last":5`}, {`"first":5,"last":5`, `"first":9,"last":9`},
		{`"first":5,"last":5`, `"first":8,"last":9`}, {`"first":5,"last":5`, `"first":3,"last":3`}, {`local:root`, `local:toor`}, {`"last":3`, `"last":03`},
	} {
		mustBreak(t, pair[0]+" → "+pair[1], changed(files, keysFile, strings.Replace(files[keysFile], pair[0], pair[1], 1)))
	}
}

// The rules of what may follow what, each broken and signed with the right key.
func TestVerify_Rules(t *testing.T) {
	t.Parallel()
	for name, build := range map[string]func(*craft){
		"another record's entry amended": func(c *craft) {
			c.commit(lotEntry(1, "a", "1.00", "2.00", "hammered", "2021-01-01"), lotEntry(2, "b", "1.00", "2.00", "hammered", "2021-01-01"))
			c.commit(`AMENDS 2 "kind":"lot.amended","record":1,"state":{}`)
		},
		"amended twice":       func(c *craft) { twice(c, 1) },
		"of another kind":     func(c *craft) { c.commit(`AMENDS 0 "kind":"lot.amended","record":0,"state":{}`) },
		"a record of another": func(c *craft) { c.commit(lotEntry(0, "a", "1.00", "2.00", "hammered", "2021-01-01")) },
		"voids nothing":       func(c *craft) { c.commit(`"kind":"lot.voided","record":1,"state":{}`) },
		"a winner who is none": func(c *craft) {
			c.commit(`"kind":"lot.recorded","record":1,"state":{"winner":"p0"}`)
		},
		"a parcel to come": func(c *craft) {
			c.commit(`"kind":"verification.recorded","record":1,"state":{"parcel":2,"verified_on":"2021-01-01"}`)
		},
		"opened twice": func(c *craft) { c.commit(strings.Replace(c.opened(), `"record":0`, `"record":1`, 1)) },
		"two commits, one instant": func(c *craft) {
			c.at = c.at.Add(-time.Second)
			c.commit(`"kind":"note.made","record":1,"state":{}`)
		},
		"back in time": func(c *craft) {
			c.at = c.at.Add(-3 * time.Second)
			c.commit(`"kind":"note.made","record":1,"state":{}`)
		},
		"no checkpoint between": func(c *craft) {
			c.commit(`"kind":"note.made","record":1,"state":{}`).commit(`"kind":"note.made","record":2,"state":{}`)
			c.notes = append(c.notes[:1], c.notes[2])
		},
		"an origin of its own": func(c *craft) {
			c.signers = []signer{newSigner("example.org/other", logKey, 1)}
			c.commit(`AMENDS 0 ` + rekeyed(c))
		},
		"a key of another name": func(c *craft) {
			s := newSigner("example.org/other", logKey, 3)
			c.commit(`AMENDS 0 ` + strings.ReplaceAll(rekeyed(c), c.signers[0].text(), s.text()))
		},
		"lines out of order": func(c *craft) {
			c.signers = inOrder2(c.signers[0], newSigner(origin, logKey, 2))
			slices.Reverse(c.signers)
			c.commit(`AMENDS 0 ` + rekeyed(c))
		},
		"keys changed by another kind": func(c *craft) {
			c.signers = inOrder2(c.signers[0], newSigner(origin, logKey, 2))
			c.commit(`AMENDS 0 ` + strings.Replace(rekeyed(c), "book.rekeyed", "book.closed", 1))
		},
		"a book that says so anew": func(c *craft) {
			c.commit(strings.Replace(rekeyed(c), `"record":0`, `"record":1`, 1))
		},
		"one of two keys silent": func(c *craft) {
			both := &craft{signers: []signer{c.signers[0], newSigner(origin, logKey, 2)}}
			c.commit(`AMENDS 0 ` + rekeyed(both))
		},
	} {
		c := newCraft(t)
		build(c)
		mustBreak(t, name, c.files())
	}
}

func twice(c *craft, first int) {
	c.commit(lotEntry(first, "a", "1.00", "2.00", "hammered", "2021-01-01"))
	for range 2 {
		c.commit(fmt.Sprintf(`AMENDS %d "kind":"lot.amended","record":%d,"state":{}`, first, first))
	}
}

// A commitment without its text is fine where the book records an erasure, and only there.
func TestSealed_Erased(t *testing.T) {
	t.Parallel()
	c, files := sample(t)
	sealed := files[sealedFile]
	_, without, _ := strings.Cut(sealed, "\n")
	mustBreak(t, "a text is gone", changed(files, sealedFile, without))
	c.commit(`"kind":"erasure.recorded","record":9,"state":{"texts":[{"entry":1,"field":"file_name"}],"what":"text"}`)
	files = c.files()
	files[sealedFile] = without
	r, err := verify(t.Context(), inMemory(files), nil)
	if err != nil || r.missing != 1 || r.texts != 3 {
		t.Errorf("after an erasure: %v, %+v", err, r)
	}
	mustBreak(t, "an erased text that is still here", changed(files, sealedFile, sealed))
	other, _, _ := strings.Cut(without, "\n")
	mustBreak(t, "another text is gone, too", changed(files, sealedFile, strings.TrimPrefix(without, other+"\n")))
}
