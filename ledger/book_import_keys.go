package ledger

import (
	"context"
	"encoding/hex"
	"reflect"
	"unicode/utf8"
)

// keyLine is an idempotency key as an export has it.
type keyLine struct {
	Actor string `json:"actor"`
	Key   string `json:"key"`
	Body  string `json:"body_sha256"`
	First int64  `json:"first"`
	Last  int64  `json:"last"`
}

// takeKeys takes the idempotency keys, so that a retry that reaches the book after it came here is known.
func (t *taking) takeKeys(ctx context.Context) error {
	if t.keys == nil {
		return nil
	}
	for more := true; more; {
		var rows []*keyRow
		for len(rows) < checkChunk {
			var x keyLine
			var err error
			if more, err = t.keys.next(&x); err != nil {
				return err
			}
			if !more {
				break
			}
			body, err := hex.DecodeString(x.Body)
			if err != nil || len(body) != 32 || x.Key == "" || len(x.Key) > keyBytesMax || !utf8.ValidString(x.Key) || Clean(x.Actor) != nil {
				return broken(ExportKeys, t.keys.line, Text{ZH: "不是幂等键", EN: "not an idempotency key"})
			}
			rows = append(rows, &keyRow{BookID: t.book.id, Actor: x.Actor, Key: x.Key, BodySHA256: body, SeqFirst: x.First, SeqLast: x.Last})
		}
		err := insert(ctx, t.conn, "idempotency", reflect.ValueOf(rows))
		if Broke(err) == "idempotency_pkey" {
			return broken(ExportKeys, t.keys.line, Text{ZH: "到这一行为止有重复的幂等键", EN: "up to here a key comes twice"})
		}
		if err != nil {
			return err
		}
	}
	if err := t.compareKeys(ctx); err != nil || len(t.result.Faults) == 0 {
		return err
	}
	f := t.result.Faults[0]
	return t.brokenKey(f.Seq, Text{ZH: "应为" + f.Want.ZH, EN: "want " + f.Want.EN})
}

// brokenKey finds the line of the key whose entries begin with first.
func (t *taking) brokenKey(first int64, what Text) error {
	again, err := openLines(t.export, ExportKeys)
	if err != nil {
		return err
	}
	defer again.close()
	for {
		var x keyLine
		if more, err := again.next(&x); err != nil || !more || x.First == first {
			return broken(ExportKeys, again.line, what)
		}
	}
}
