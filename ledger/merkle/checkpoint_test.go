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
	signer, err := NewSigner(secret, verifier)
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
	if _, err := NewSigner(secret, other); err == nil {
		t.Error("a signer was made for another book's verifier key")
	}
}
