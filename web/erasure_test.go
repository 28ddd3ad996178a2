package web_test

import (
	"net/http"
	"strings"
	"testing"

	"mingzhang/ledger"
)

// erase erases a person's name, and all texts that hold it.
func (b *bundle) erase(words string) ledger.Erased {
	b.tb.Helper()
	mentions, err := b.book("demo").Mentions(b.tb.Context(), words)
	if err != nil || len(mentions) == 0 {
		b.tb.Fatalf("%s: %v, %v", words, mentions, err)
	}
	done, err := b.book("demo").Erase(b.tb.Context(), b.actor, ledger.Erasing{What: ledger.ErasedPerson, Words: words, Reason: "个人信息保护法第四十七条"})
	if err != nil {
		b.tb.Fatal(err)
	}
	return done
}

// Whatever would show a name or a remark says that it was erased, and nothing shows what it was.
func TestErasure_Everywhere(t *testing.T) {
	t.Parallel()
	b := demo(t)
	var winner, officer, file int64
	for words, seq := range map[string]*int64{"示例承租人01": &winner, "示例核查员甲": &officer, "lots-leases.csv": &file} {
		*seq = b.erase(words).Texts[0].Seq
	}
	remark := b.erase("虚构示例数据").Texts[0].Seq
	lots, parcels := b.feed("demo", "lot"), b.feed("demo", "parcel")
	visits := b.feed("demo", "verification")
	for _, tt := range []struct{ target, text string }{
		{"/books/demo/lots/" + itoa(lots[0].Record), ledger.ErasedText + " p" + itoa(winner)},
		{"/books/demo/parcels/" + itoa(parcels[0].Record), ledger.ErasedText + " p" + itoa(officer)},
		{"/books/demo/lots.csv", ledger.ErasedText + " p" + itoa(winner)},
		{"/api/v1/books/demo/lots/" + itoa(lots[0].Record), ledger.ErasedText + " p" + itoa(winner)},
		{"/api/v1/books/demo/parcels/" + itoa(parcels[0].Record), ledger.ErasedText},
		{"/api/v1/books/demo/verifications/" + itoa(visits[0].Record), ledger.ErasedText + " p" + itoa(officer)},
		{"/api/v1/books/demo/lots.ndjson", ledger.ErasedText + " p" + itoa(winner)},
		{"/books/demo/imports", ledger.ErasedText},
		{"/books/demo/imports/" + itoa(file), ledger.ErasedText},
		{"/books/demo/entries/" + itoa(winner), ledger.ErasedText},
		{"/books/demo/entries/" + itoa(remark), ledger.ErasedText},
		{"/api/v1/books/demo/entries/" + itoa(winner), `"erased":true`},
		{"/books/demo/lots?winner=" + strings.ReplaceAll(ledger.ErasedText, " ", "+") + "+p" + itoa(winner), "0001号"},
	} {
		body := b.get(tt.target, http.StatusOK)
		if !strings.Contains(body, tt.text) {
			t.Errorf("%s does not say %q: %.2000s", tt.target, tt.text, body)
		}
		for _, gone := range []string{"示例承租人01", "示例核查员甲", "lots-leases.csv", "虚构示例数据"} {
			if strings.Contains(body, gone) {
				t.Errorf("%s still says %q", tt.target, gone)
			}
		}
	}
	if result, err := b.book("demo").Check(t.Context(), nil); err != nil || result.Err() != nil {
		t.Errorf("check: %v, %v", err, result.Err())
	}
	// Nothing in the database holds them any more but the files that the demo was loaded from.
	for _, query := range []string{
		"SELECT count(*) FROM sealed WHERE value LIKE '%示例承租人01%' OR value LIKE '%虚构示例数据%'",
		"SELECT count(*) FROM lots WHERE lots::text LIKE '%示例承租人01%' OR lots::text LIKE '%虚构示例数据%'",
		"SELECT count(*) FROM parcels WHERE parcels::text LIKE '%示例核查员甲%' OR parcels::text LIKE '%虚构示例数据%'",
		"SELECT count(*) FROM entries WHERE convert_from(body, 'UTF8') LIKE '%示例承租人01%' OR convert_from(body, 'UTF8') LIKE '%示例核查员甲%'",
	} {
		var left int
		if err := b.db.Owner().NewRaw(query).Scan(t.Context(), &left); err != nil || left != 0 {
			t.Errorf("%s: %d, %v", query, left, err)
		}
	}
}
