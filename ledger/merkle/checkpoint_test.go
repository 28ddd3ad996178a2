package merkle

import (
	"crypto/rand"
	"strings"
	"testing"
)

func TestCheckpoint_SignAndOpen(t *testing.T) {
	t.Parallel()
	secret, verifier, err := NewKey(rand.Reader, "mingzhang/test/0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner([]string{secret}, []string{verifier})
	if err != nil {
		t.Fatal(err)
	}
	want := Checkpoint{Origin: "mingzhang/test/0123456789abcdef", Size: 42, Root: LeafHash([]byte("x"))}
	signed, err := signer.Sign(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenCheckpoint(signed, verifier)
	if err != nil || got != want {
		t.Errorf("opened %+v, %v; want %+v", got, err, want)
	}
	forged := strings.Replace(signed, "\n42\n", "\n43\n", 1)
	if _, err := OpenCheckpoint(forged, verifier); err == nil {
		t.Error("a checkpoint with another size was taken")
	}
	_, other, err := NewKey(rand.Reader, "mingzhang/test/0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCheckpoint(signed, other); err == nil {
		t.Error("a checkpoint was taken under another key of the same name")
	}
	if _, err := NewSigner([]string{secret}, []string{other}); err == nil {
		t.Error("a signer was made for another book's verifier key")
	}
}

// Two keys sign one checkpoint: a line each in the order given, and both are asked for.
func TestCheckpoint_TwoKeys(t *testing.T) {
	t.Parallel()
	const origin = "mingzhang/test/0123456789abcdef"
	secrets, verifiers := make([]string, 2), make([]string, 2)
	for i := range secrets {
		var err error
		if secrets[i], verifiers[i], err = NewKey(rand.Reader, origin); err != nil {
			t.Fatal(err)
		}
		if SecretID(secrets[i]) != KeyID(verifiers[i]) || len(KeyID(verifiers[i])) != 8 {
			t.Errorf("key id %q of the secret, %q of the verifier key", SecretID(secrets[i]), KeyID(verifiers[i]))
		}
	}
	signer, err := NewSigner(secrets, verifiers)
	if err != nil {
		t.Fatal(err)
	}
	want := Checkpoint{Origin: origin, Size: 7, Root: LeafHash([]byte("x"))}
	signed, err := signer.Sign(want)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(signed, "\n\u2014 ") != 2 || !Bare(signed, want, verifiers...) {
		t.Errorf("no line of each key in:\n%s", signed)
	}
	for i, v := range verifiers {
		if got, err := OpenCheckpoint(signed, v); err != nil || got != want {
			t.Errorf("under key %d alone: %+v, %v", i, got, err)
		}
	}
	if got, err := OpenCheckpoint(signed, verifiers...); err != nil || got != want {
		t.Errorf("under both keys: %+v, %v", got, err)
	}
	if got, err := ReadCheckpoint(signed); err != nil || got != want {
		t.Errorf("read: %+v, %v", got, err)
	}
	lines := strings.SplitAfter(signed, "\n")
	one := strings.Join(lines[:5], "")
	if _, err := OpenCheckpoint(one, verifiers...); err == nil {
		t.Error("a checkpoint that one of two keys signed was taken for both")
	}
	for name, other := range map[string]string{
		"one line": one, "swapped": strings.Join(append(lines[:4:4], lines[5], lines[4]), ""), "a third": signed + lines[4],
		"with a blank": strings.TrimSuffix(signed, "\n") + " \n", "cut": strings.TrimSuffix(signed, "\n"),
	} {
		if Bare(other, want, verifiers...) {
			t.Errorf("%s: taken for the one way to write it:\n%s", name, other)
		}
	}
	if _, err := NewSigner(secrets, []string{verifiers[1], verifiers[0]}); err == nil {
		t.Error("a signer was made of keys in another order")
	}
	if _, err := NewSigner(nil, nil); err == nil {
		t.Error("a signer was made of no key")
	}
}
