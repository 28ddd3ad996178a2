package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// craft writes exports that the program would write, and others: its keys are made from small numbers.
type craft struct {
	tb      testing.TB
	signers []signer
	lines   []string
	notes   []sizedNote
	tree    tree
	at      time.Time
}

// signer is a key of the test's own, of the book or of a witness.
type signer struct {
	name string
	kind byte
	key  ed25519.PrivateKey
}

func newSigner(name string, kind, seed byte) signer {
	return signer{name, kind, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))}
}

func (s signer) raw() []byte {
	return append([]byte{s.kind}, s.key.Public().(ed25519.PublicKey)...)
}

func (s signer) id() []byte {
	sum := sha256.Sum256(append([]byte(s.name+"\n"), s.raw()...))
	return sum[:4]
}

// text is the verifier key.
func (s signer) text() string {
	return s.name + "+" + hex.EncodeToString(s.id()) + "+" + base64.StdEncoding.EncodeToString(s.raw())
}

func (s signer) line(signed []byte) string {
	return "— " + s.name + " " + base64.StdEncoding.EncodeToString(append(s.id(), signed...)) + "\n"
}

func (s signer) sign(text string) string { return s.line(ed25519.Sign(s.key, []byte(text))) }

// cosign is a witness's line.
func (s signer) cosign(text string, seconds uint64) string {
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, text)
	return s.line(append(binary.BigEndian.AppendUint64(nil, seconds), ed25519.Sign(s.key, []byte(message))...))
}

const origin = "example.org/craft"

// newCraft is a book that was opened, and nothing else.
func newCraft(tb testing.TB, more ...string) *craft {
	tb.Helper()
	c := &craft{tb: tb, signers: []signer{newSigner(origin, logKey, 1)}, at: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	c.commit(append([]string{c.opened()}, more...)...)
	return c
}

func (c *craft) opened() string {
	return fmt.Sprintf(`"kind":"book.opened","record":0,"state":{"code":"craft","kind":"practice","name_zh":"示例(虚构)","origin":"%s","verifier_key":"%s"}`,
		c.signers[0].name, c.signers[0].text())
}

// commit appends entries: what follows their instants. AMENDS n, at the beginning, makes one amend entry n.
func (c *craft) commit(entries ...string) *craft {
	c.at = c.at.Add(time.Second)
	for _, e := range entries {
		amends := ""
		if rest, ok := strings.CutPrefix(e, "AMENDS "); ok {
			number, kind, _ := strings.Cut(rest, " ")
			amends, e = `"amends":`+number+`,`, kind
		}
		c.line(fmt.Sprintf(`{"v":1,"actor":"local:root",%s"at":"%s",%s}`, amends, c.at.Format("2006-01-02T15:04:05.000000Z"), e))
	}
	return c.sign()
}

func (c *craft) line(line string) {
	leaf, _ := leafHash(nil, []byte(line))
	c.lines = append(c.lines, line)
	c.tree.add(leaf)
}

// text is what is signed of the tree as it is.
func (c *craft) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.signers[0].name, c.tree.size, c.tree.root())
}

func (c *craft) sign() *craft {
	note := c.text() + "\n"
	for _, s := range c.signers {
		note += s.sign(c.text())
	}
	c.notes = append(c.notes, sizedNote{size: c.tree.size, note: note})
	return c
}

func (c *craft) head() string { return c.notes[len(c.notes)-1].note }

// lotEntry is an entry of a lot; record is its own number.
func lotEntry(record int, no, base, hammer, outcome, on string) string {
	return fmt.Sprintf(`"kind":"lot.recorded","record":%d,"state":{"base_total":"%s","direction":"sale","hammer_total":"%s","hammered_on":"%s","listing":1,"lot_no":"%s","outcome":"%s"}`,
		record, base, hammer, on, no, outcome)
}

// files are those of a full export.
func (c *craft) files() map[string]string {
	files := map[string]string{entriesFile: strings.Join(c.lines, "\n") + "\n", headFile: c.head(), keysFile: ""}
	for _, n := range c.notes {
		files[checkpointsFile] += noteLine(n)
	}
	return files
}

func noteLine(n sizedNote) string {
	return fmt.Sprintf(`{"size":%d,"note":"%s"}`, n.size, strings.ReplaceAll(n.note, "\n", `\n`)) + "\n"
}

// public are those of a public export that shows some entries.
func (c *craft) public(shown ...int) map[string]string {
	files := c.files()
	var b strings.Builder
	for i, line := range c.lines {
		if slices.Contains(shown, i) {
			b.WriteString(line + "\n")
			continue
		}
		leaf, _ := leafHash(nil, []byte(line))
		b.WriteString(`{"leaf_hash":"` + leaf.hex() + "\"}\n")
	}
	files[publicFile] = b.String()
	delete(files, entriesFile)
	delete(files, keysFile)
	return files
}

// inMemory is an export that is nowhere on disk.
func inMemory(files map[string]string) *folder {
	m := fstest.MapFS{}
	for name, body := range files {
		m[name] = &fstest.MapFile{Data: []byte(body), Mode: 0o600}
	}
	return &folder{FS: m, path: "memory"}
}

// onDisk writes an export and gives its path.
func onDisk(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// changed is a copy of an export with one file exchanged.
func changed(files map[string]string, name, body string) map[string]string {
	c := maps.Clone(files)
	c[name] = body
	return c
}

// run runs the program.
func run(tb testing.TB, args ...string) (status int, out string) {
	tb.Helper()
	var b bytes.Buffer
	p := &program{printer{&b, english}, &b}
	status = p.main(tb.Context(), args)
	return status, b.String()
}
