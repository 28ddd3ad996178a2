package ledger

import (
	"encoding/hex"
	"testing"
	"time"

	"mingzhang/ledger/merkle"
)

// The golden vector of docs/log-format.md: these bytes are hashed for ever.
func TestErasure_Golden(t *testing.T) {
	t.Parallel()
	const want = `{"v":1,"actor":"local:root","at":"2026-11-29T08:00:00.000001Z","kind":"erasure.recorded",` +
		`"reason":{"sealed":"f26c68f277b17a22f2c0f339b20db24218763bdf258a3a7a5df41e12dcf29ff6"},"record":10,` +
		`"state":{"texts":[{"entry":2,"field":"name"},{"entry":3,"field":"remark"}],"what":"person"}}`
	e := Entry{
		Seq: 10, Actor: must(LocalActor("root")), At: time.Date(2026, 11, 29, 8, 0, 0, 1_000, time.UTC), Kind: "erasure.recorded", Record: 10,
		Reason: &Sealed{Commitment: "f26c68f277b17a22f2c0f339b20db24218763bdf258a3a7a5df41e12dcf29ff6"},
		State:  &ErasureState{Texts: []TextAt{{2, "name"}, {3, "remark"}}, What: ErasedPerson},
	}
	body, err := e.encode()
	if err != nil || string(body) != want {
		t.Fatalf("got\n%s %v, want\n%s", body, err, want)
	}
	leaf := merkle.LeafHash(body)
	if got := hex.EncodeToString(leaf[:]); got != "1e03985624896e041dde317741443b4821a83f621305c3a087b53802d6ef5db8" {
		t.Errorf("the leaf is %s (%d bytes)", got, len(body))
	}
	kinds := kindList{"erasure": erasureKind()}
	back, err := decodeEntry(kinds, 10, body)
	if err != nil || len(back.State.(*ErasureState).Texts) != 2 {
		t.Errorf("read again as %+v, %v", back, err)
	}
}
