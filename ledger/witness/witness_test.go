package witness

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"mingzhang/ledger/merkle"
)

const origin = "mingzhang/demo/0123456789abcdef"

// growing is a log of which each size can be shown: two that differ from some entry on are a fork.
type growing struct {
	signer *merkle.Signer
	key    string
	leaves []merkle.Hash
}

func newLog(tb testing.TB, n int) *growing {
	tb.Helper()
	secret, key, err := merkle.NewKey(rand.Reader, origin)
	if err != nil {
		tb.Fatal(err)
	}
	signer, err := merkle.NewSigner([]string{secret}, []string{key})
	if err != nil {
		tb.Fatal(err)
	}
	g := &growing{signer: signer, key: key}
	return g.with("entry", n)
}

// with is the log with n more entries; the log itself stays as it is.
func (g *growing) with(word string, n int) *growing {
	longer := &growing{signer: g.signer, key: g.key, leaves: append([]merkle.Hash(nil), g.leaves...)}
	for range n {
		longer.leaves = append(longer.leaves, merkle.LeafHash(fmt.Appendf(nil, "%s %d", word, len(longer.leaves))))
	}
	return longer
}

// upTo is the log when it had n entries.
func (g *growing) upTo(n int) *growing {
	return &growing{signer: g.signer, key: g.key, leaves: g.leaves[:n]}
}

func (g *growing) size() int64 { return int64(len(g.leaves)) }

func (g *growing) note(tb testing.TB) string {
	tb.Helper()
	var tree merkle.Tree
	for _, h := range g.leaves {
		tree.Append(h)
	}
	signed, err := g.signer.Sign(merkle.Checkpoint{Origin: origin, Size: g.size(), Root: tree.Root()})
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

// request shows the log, with an honest proof from old.
func (g *growing) request(tb testing.TB, old int64) Request {
	tb.Helper()
	proof, err := merkle.ProveConsistency(old, g.size(), func(level int, index int64, width int) ([]merkle.Hash, error) {
		if level > 0 {
			return nil, errors.New("these logs are short")
		}
		return g.leaves[index*merkle.TileWidth:][:width], nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return Request{Old: old, Proof: proof, Note: g.note(tb)}
}

// shelf keeps what a witness knows until the test ends.
type shelf struct {
	mu     sync.Mutex
	keys   map[string][]string
	notes  map[string][]string
	alarms []Alarm
	broken error // what keeping answers
}

func (s *shelf) Keys(of string) ([]string, error) { return s.keys[of], nil }

func (s *shelf) Last(of string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if all := s.notes[of]; len(all) > 0 {
		return all[len(all)-1], nil
	}
	return "", nil
}

func (s *shelf) Known(of string, size int64) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.notes[of] {
		if c, err := merkle.ClaimedCheckpoint(n); err == nil && c.Size == size {
			return n, nil
		}
	}
	return "", nil
}

func (s *shelf) Advance(c merkle.Checkpoint, note string, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken == nil {
		s.notes[c.Origin] = append(s.notes[c.Origin], note)
	}
	return s.broken
}

func (s *shelf) Raise(a Alarm) (bool, error) {
	s.alarms = append(s.alarms, a)
	return true, nil
}

func (s *shelf) Settle(c merkle.Checkpoint, at time.Time) error {
	for i, a := range s.alarms {
		if a.Open() && a.AnsweredBy(c) {
			s.alarms[i].Settled = &at
		}
	}
	return nil
}

func setup(tb testing.TB, log *growing) (*Witness, *shelf) {
	tb.Helper()
	secret, _, err := merkle.NewCosignerKey(rand.Reader, "witness.audit.example")
	if err != nil {
		tb.Fatal(err)
	}
	cosigner, err := merkle.NewCosigner(secret)
	if err != nil {
		tb.Fatal(err)
	}
	s := &shelf{keys: map[string][]string{origin: {log.key}}, notes: map[string][]string{}}
	return New(s, cosigner, func() time.Time { return time.Unix(1_796_000_000, 0) }), s
}

// verified opens the answer with another implementation of cosignatures and of signed notes.
func verified(tb testing.TB, w *Witness, logKey, signed, lines string) {
	tb.Helper()
	theirs, err := formats.NewVerifierForCosignatureV1(w.VerifierKey())
	if err != nil {
		tb.Fatal(err)
	}
	log, err := note.NewVerifier(logKey)
	if err != nil {
		tb.Fatal(err)
	}
	if n, err := note.Open([]byte(signed+lines), note.VerifierList(theirs, log)); err != nil || len(n.Sigs) != 2 {
		tb.Fatalf("the note with %q: %+v, %v", lines, n, err)
	}
}

// Each line of the specification, one after the other on one witness.
func TestWitness_Answers(t *testing.T) {
	t.Parallel()
	log, foreign := newLog(t, 30), newLog(t, 30)
	fork := log.upTo(10).with("forged", 20)
	w, _ := setup(t, log)
	sizes := func(n int) *growing { return log.upTo(n) }
	changed := func(r Request, change func(*Request)) []byte { change(&r); return r.Bytes() }
	extra := func(r *Request) { r.Proof = append(r.Proof, merkle.Hash{}) }
	for _, step := range []struct {
		what string
		body []byte
		want Verdict
		size int64
	}{
		{"not a request", []byte("hello"), Malformed, 0},
		{"a log that nobody trusts", changed(sizes(5).request(t, 0), func(r *Request) { r.Note = strings.ReplaceAll(r.Note, "demo", "else") }), UnknownLog, 0},
		{"another key of the same name", foreign.upTo(5).request(t, 0).Bytes(), NotSigned, 0},
		{"a changed checkpoint", changed(sizes(5).request(t, 0), func(r *Request) { r.Note = strings.Replace(r.Note, "\n5\n", "\n6\n", 1) }), NotSigned, 0},
		{"old larger than the checkpoint", changed(sizes(5).request(t, 0), func(r *Request) { r.Old = 6 }), Malformed, 0},
		{"old larger than nothing", sizes(5).request(t, 3).Bytes(), OtherSize, 0},
		{"a proof from nothing", changed(sizes(5).request(t, 0), extra), NotConsistent, 0},
		{"the first", sizes(5).request(t, 0).Bytes(), Cosigned, 0},
		{"the same again", sizes(5).request(t, 5).Bytes(), Cosigned, 0},
		{"the same with a proof", changed(sizes(5).request(t, 5), extra), NotConsistent, 0},
		{"the same from nothing", sizes(5).request(t, 0).Bytes(), OtherSize, 5},
		{"learning the size", sizes(12).request(t, 0).Bytes(), OtherSize, 5},
		{"too little a proof", changed(sizes(12).request(t, 5), func(r *Request) { r.Proof = r.Proof[1:] }), NotConsistent, 0},
		{"no proof", changed(sizes(12).request(t, 5), func(r *Request) { r.Proof = nil }), NotConsistent, 0},
		{"the next", sizes(12).request(t, 5).Bytes(), Cosigned, 0},
		{"the one before", sizes(5).request(t, 5).Bytes(), OtherSize, 12},
		{"another tree of the same size", fork.upTo(12).request(t, 12).Bytes(), OtherSize, 12},
		{"another tree that goes on", fork.request(t, 12).Bytes(), NotConsistent, 0},
		{"a fork that begins later", sizes(12).with("forged", 3).request(t, 12).Bytes(), Cosigned, 0}, // it is the log, for all that the witness saw
		{"what the log wrote meanwhile", sizes(30).request(t, 15).Bytes(), NotConsistent, 0},
	} {
		a, err := w.Add(step.body)
		if err != nil {
			t.Fatal(err)
		}
		if a.Verdict != step.want || a.Verdict == OtherSize && a.Size != step.size {
			t.Errorf("%s: %s %d (%v), want %s %d", step.what, a.Verdict, a.Size, a.Cause, step.want, step.size)
		}
		if (a.Lines != "") != (a.Verdict == Cosigned) {
			t.Errorf("%s: %s with the lines %q", step.what, a.Verdict, a.Lines)
		}
		if a.Verdict == Cosigned {
			r, err := ParseRequest(step.body)
			if err != nil {
				t.Fatal(err)
			}
			verified(t, w, log.key, r.Note, a.Lines)
		}
	}
}

func TestParseRequest(t *testing.T) {
	t.Parallel()
	log := newLog(t, 7)
	good := log.request(t, 3)
	again, err := ParseRequest(good.Bytes())
	if err != nil || again.Old != 3 || again.Note != good.Note || fmt.Sprint(again.Proof) != fmt.Sprint(good.Proof) {
		t.Errorf("read again it is %+v, %v", again, err)
	}
	hash := merkle.Hash{}.String() + "\n"
	for what, body := range map[string]string{
		"empty":            "",
		"no old line":      "\n" + good.Note,
		"old of words":     "old three\n\n" + good.Note,
		"leading zero":     "old 03\n\n" + good.Note,
		"negative":         "old -3\n\n" + good.Note,
		"two blanks":       "old  3\n\n" + good.Note,
		"no empty line":    "old 3\n" + hash,
		"a short hash":     "old 3\nAAAA\n\n" + good.Note,
		"a hash in hex":    "old 3\n" + strings.Repeat("00", 32) + "\n\n" + good.Note,
		"carriage returns": "old 3\r\n\r\n" + good.Note,
		"64 hashes":        "old 3\n" + strings.Repeat(hash, 64) + "\n" + good.Note,
		"too long":         "old 3\n\n" + good.Note + strings.Repeat("— a AAAA\n", BodyBytesMost/9),
	} {
		if r, err := ParseRequest([]byte(body)); err == nil {
			t.Errorf("%s: read as %+v", what, r)
		}
	}
	if r, err := ParseRequest([]byte("old 3\n" + strings.Repeat(hash, ProofMost) + "\n" + good.Note)); err != nil || len(r.Proof) != ProofMost {
		t.Errorf("63 hashes: %d, %v", len(r.Proof), err)
	}
}

// A suspicion is answered when the log goes on consistently; a proof of a fork stays, and needs no trust in the
// witness: both notes open with the log's own key, and say different things of one size.
func TestWitness_Alarms(t *testing.T) {
	t.Parallel()
	log := newLog(t, 30)
	w, s := setup(t, log)
	ask := func(r Request) Answer {
		t.Helper()
		a, err := w.Add(r.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	ask(log.upTo(10).request(t, 0))
	ask(log.upTo(20).request(t, 10))
	if len(s.alarms) != 0 {
		t.Fatalf("an honest log raised %+v", s.alarms)
	}
	if a := ask(log.upTo(15).request(t, 0)); a.Alarm == nil || a.Alarm.Kind != RolledBack || a.Alarm.Last != 20 {
		t.Errorf("a shorter tree: %+v", a)
	}
	junk := log.upTo(25).request(t, 20)
	junk.Proof = junk.Proof[:1]
	if a := ask(junk); a.Alarm == nil || a.Alarm.Kind != Inconsistent {
		t.Errorf("a proof that does not fit: %+v", a)
	}
	if ask(log.upTo(25).request(t, 20)); s.alarms[0].Open() || s.alarms[1].Open() {
		t.Errorf("the log went on, and what was suspected stays: %+v", s.alarms)
	}
	fork := log.upTo(5).with("forged", 25)
	for what, c := range map[string]struct {
		r    Request
		size int64
	}{
		"the newest size":         {fork.upTo(25).request(t, 25), 25},
		"the newest, from no old": {fork.upTo(25).request(t, 0), 25},
		"a size of long ago":      {fork.upTo(10).request(t, 10), 10},
	} {
		a := ask(c.r)
		if a.Verdict == Cosigned || a.Alarm == nil || a.Alarm.Kind != Fork || a.Alarm.Size != c.size {
			t.Fatalf("%s: %+v", what, a)
		}
		known, err := merkle.OpenCheckpoint(a.Alarm.Known, log.key)
		shown, shownErr := merkle.OpenCheckpoint(a.Alarm.Shown, log.key)
		if err != nil || shownErr != nil || known.Size != shown.Size || known.Root == shown.Root {
			t.Errorf("%s: the evidence is %+v and %+v (%v, %v)", what, known, shown, err, shownErr)
		}
	}
	ask(log.request(t, 25))
	open := 0
	for _, a := range s.alarms {
		if a.Open() {
			open++
		}
	}
	if open != 3 {
		t.Errorf("%d alarms are open after the log went on, want the three forks", open)
	}
}

// What cannot be kept is not cosigned.
func TestWitness_KeepsFirst(t *testing.T) {
	t.Parallel()
	log := newLog(t, 3)
	w, s := setup(t, log)
	s.broken = errors.New("the disk is full")
	if a, err := w.Add(log.request(t, 0).Bytes()); err == nil || a.Lines != "" {
		t.Errorf("cosigned without keeping: %+v, %v", a, err)
	}
}

// Two branches and many sizes are shown at once: what was cosigned is one growing tree.
func TestWitness_Concurrent(t *testing.T) {
	t.Parallel()
	log := newLog(t, 60)
	fork := log.upTo(8).with("forged", 52)
	w, s := setup(t, log)
	var all sync.WaitGroup
	var cosigned sync.Map
	for i := range 8 {
		branch := log
		if i%2 == 1 {
			branch = fork
		}
		all.Go(func() {
			old := int64(0)
			for n := 1; n <= 60; n += 1 + i%3 {
				a, err := w.Add(branch.upTo(n).request(t, min(old, int64(n))).Bytes())
				if err != nil {
					t.Error(err)
				}
				if old = a.Size; a.Verdict == Cosigned {
					old = int64(n)
					cosigned.Store(branch.upTo(n).note(t), true)
				}
			}
		})
	}
	all.Wait()
	kept := map[string]bool{}
	var last *growing
	for _, n := range s.notes[origin] {
		kept[n] = true
		c, err := merkle.ClaimedCheckpoint(n)
		if err != nil {
			t.Fatal(err)
		}
		now := log.upTo(int(c.Size))
		if now.note(t) != n {
			now = fork.upTo(int(c.Size))
		}
		if now.note(t) != n || last != nil && (now.size() <= last.size() || last.note(t) != now.upTo(len(last.leaves)).note(t)) {
			t.Errorf("the checkpoint of %d does not extend the one before", c.Size)
		}
		last = now
	}
	n := 0
	cosigned.Range(func(key, _ any) bool {
		if n++; !kept[key.(string)] {
			t.Error("a checkpoint was cosigned and not kept")
		}
		return true
	})
	if n == 0 {
		t.Error("nothing was cosigned")
	}
}

func FuzzParseRequest(f *testing.F) {
	log := newLog(f, 9)
	f.Add(log.request(f, 4).Bytes())
	f.Add([]byte("old 0\n\na\n1\n\n"))
	w, _ := setup(f, log)
	f.Fuzz(func(t *testing.T, body []byte) {
		if r, err := ParseRequest(body); err == nil && string(r.Bytes()) != string(body) {
			t.Errorf("%q is written again as %q", body, r.Bytes())
		}
		if _, err := w.Add(body); err != nil {
			t.Error(err)
		}
	})
}
