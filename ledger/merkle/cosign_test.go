package merkle

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// The cosignature is one that transparency-dev's code takes, at its time; a changed one is not.
func TestCosign(t *testing.T) {
	t.Parallel()
	const origin, name = "mingzhang/test/0123456789abcdef", "witness.audit.example"
	secret, verifier, err := NewKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner([]string{secret}, []string{verifier})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(Checkpoint{Origin: origin, Size: 42, Root: LeafHash([]byte("x"))})
	if err != nil {
		t.Fatal(err)
	}
	witnessSecret, witnessKey, err := NewCosignerKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	cosigner, err := NewCosigner(witnessSecret + "\n")
	if err != nil || cosigner.VerifierKey() != witnessKey {
		t.Fatalf("the key that was made reads as %v, %v", cosigner, err)
	}
	at := time.Unix(1_796_000_000, 0).UTC()
	line, err := cosigner.Cosign(signed, at)
	if err != nil {
		t.Fatal(err)
	}

	theirs, err := formats.NewVerifierForCosignatureV1(witnessKey)
	if err != nil {
		t.Fatal(err)
	}
	logKey, err := note.NewVerifier(verifier)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(signed+line), note.VerifierList(theirs, logKey))
	if err != nil || len(n.Sigs) != 2 || len(n.UnverifiedSigs) != 0 {
		t.Fatalf("opened by others' code: %+v, %v", n, err)
	}
	if got, err := formats.CoSigV1Timestamp(n.Sigs[1]); err != nil || !got.Equal(at) {
		t.Errorf("its time is %v, %v; want %v", got, err, at)
	}

	alien := "— elsewhere.example AAAAAAAA\n"
	got, when, err := OpenCosignature(signed, alien+line, witnessKey)
	if err != nil || got != line || !when.Equal(at) {
		t.Errorf("opened %q of %v, %v", got, when, err)
	}
	other, err := signer.Sign(Checkpoint{Origin: origin, Size: 43, Root: LeafHash([]byte("x"))})
	if err != nil {
		t.Fatal(err)
	}
	_, foreignKey, err := NewCosignerKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string][3]string{
		"another checkpoint": {other, line, witnessKey},
		"another key":        {signed, line, foreignKey},
		"no line":            {signed, "", witnessKey},
		"the log's own key":  {signed, line, verifier},
		"a torn line":        {signed, line[:len(line)-3], witnessKey},
	} {
		if _, _, err := OpenCosignature(c[0], c[1], c[2]); err == nil {
			t.Errorf("%s: the cosignature was taken", what)
		}
	}
}

func TestNewCosigner_Damaged(t *testing.T) {
	t.Parallel()
	secret, verifier, err := NewCosignerKey(rand.Reader, "witness.example/w1")
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range []string{"", "PRIVATE+KEY+", strings.Replace(secret, "w1", "w2", 1), secret[:len(secret)-6]} {
		if _, err := NewCosigner(damaged); err == nil {
			t.Errorf("%q was taken for a key", damaged)
		}
	}
	for _, damaged := range []string{"", "a+b", strings.Replace(verifier, "w1", "w2", 1), verifier[:len(verifier)-4]} {
		if name, err := CosignerName(damaged); err == nil {
			t.Errorf("%q was taken for the key of %s", damaged, name)
		}
	}
	for _, name := range []string{"", "a b", "a+b", "见证", "a\nb"} {
		if _, _, err := NewCosignerKey(rand.Reader, name); err == nil {
			t.Errorf("%q was taken for a name", name)
		}
	}
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"0": 0, "7": 7, "9223372036854775807": 1<<63 - 1} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "-1", "+1", "01", "1 ", "1e3", "9223372036854775808"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q was read as %d", text, got)
		}
	}
}
