package browser_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/web"
)

// What was erased by law is said where it stood; that there is no backup is said to those who can make one.
func TestStory_Erased(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	book := o.book("street", ledger.OfficeBook, "示例街道", "Sample street")
	o.take(book, demoFiles+"lots-leases.csv")
	done, err := book.Erase(t.Context(), o.local, ledger.Erasing{What: ledger.ErasedPerson, Words: "示例承租人01", Reason: "个人信息保护法第四十七条"})
	if err != nil {
		t.Fatal(err)
	}
	o.serve(web.Options{Backups: func(context.Context) (web.Backups, error) {
		return web.Backups{Age: 9 * 24 * time.Hour, Late: true}, nil
	}})
	leader := o.joined("leader", "郑一(虚构)", account.Leader, "street")
	for _, at := range []struct {
		width int
		lang  string
	}{{wide, "zh"}, {narrow, "en"}} {
		p := o.as(t, leader, at.width, at.lang)
		p.visit("/").look("desk")
		p.visit("/books/street/entries/" + strconv.FormatInt(done.Texts[0].Seq, 10)).has(ledger.ErasedText).look("entry")
		p.visit("/books/street/entries/" + strconv.FormatInt(done.First, 10)).look("erasure")
	}
}
