package web_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/report"
	"mingzhang/ledger/review"
)

// randomly does one command after another to a book, as several people would.
type randomly struct {
	t       *testing.T
	rnd     *rand.Rand
	book    *ledger.Book
	scope   ledger.Scope
	today   ledger.Day
	lots    []int64
	parcels []int64
	visits  []int64
	n       int
}

func newRandomly(t *testing.T, book *ledger.Book) *randomly {
	t.Helper()
	today, err := ledger.NewDay(2021, 12, 31)
	if err != nil {
		t.Fatal(err)
	}
	return &randomly{t: t, rnd: rand.New(rand.NewPCG(4, 8)), book: book, scope: ledger.WholeBook(book), today: today} //nolint:gosec // the same book each time
}

func (x *randomly) lot() auction.LotInput {
	base := 1000 + x.rnd.IntN(90_000)
	return auction.LotInput{
		LotNo: fmt.Sprintf("随机-%d", x.rnd.IntN(1_000_000)), AssetName: "示例仓库（虚构）", Collective: "示例青禾经济联社", Kind: "warehouse", Method: "online_bidding",
		BaseTotal: fmt.Sprint(base), HammerTotal: fmt.Sprint(base + x.rnd.IntN(9000)), HammeredOn: fmt.Sprintf("2021-%02d-%02d", 1+x.rnd.IntN(9), 1+x.rnd.IntN(28)),
		Winner: []string{"示例甲（虚构）", "示例乙（虚构）"}[x.rnd.IntN(2)], Remark: "虚构示例数据",
	}
}

func (x *randomly) parcel() landcheck.ParcelInput {
	return landcheck.ParcelInput{
		ParcelNo: fmt.Sprintf("随机宗-%d", x.rnd.IntN(1_000_000)), Name: "示例地块（虚构）", Owner: "state", Category: "state_asset", Village: "示例青禾村",
		RegisteredArea: fmt.Sprint(1 + x.rnd.IntN(40)), Remark: "虚构示例数据",
	}
}

func (x *randomly) visit() landcheck.VerificationInput {
	return landcheck.VerificationInput{
		VerifiedOn: fmt.Sprintf("2021-%02d-%02d", 1+x.rnd.IntN(9), 1+x.rnd.IntN(28)), VerifiedArea: fmt.Sprint(1 + x.rnd.IntN(40)), Officers: "示例丙（虚构）、示例丁（虚构）", Conclusion: "面积不符",
	}
}

func (x *randomly) one(list []int64) int64 { return list[x.rnd.IntN(len(list))] }

// do does one of the commands; what is refused (a day taken, a record voided before) leaves no trace and is fine.
func (x *randomly) do() {
	x.t.Helper()
	ctx, clerk, reviewer, key := x.t.Context(), ledger.AccountActor(901), ledger.AccountActor(902), ledger.Key{}
	var receipt ledger.Receipt
	var err error
	x.n++
	switch kind := x.rnd.IntN(12); {
	case kind == 0 || len(x.lots) < 3:
		receipt, err = auction.Record(ctx, x.scope, clerk, key, x.lot(), x.today)
		x.lots = append(x.lots, receipt.Last)
	case kind == 1 || len(x.parcels) < 3:
		receipt, err = landcheck.RecordParcel(ctx, x.scope, clerk, key, x.parcel())
		x.parcels = append(x.parcels, receipt.Last)
	case kind == 2 || len(x.visits) < 3:
		if receipt, err = landcheck.Verify(ctx, x.scope, clerk, key, x.one(x.parcels), x.visit(), x.today); err == nil {
			x.visits = append(x.visits, receipt.Last)
		}
	case kind < 5:
		_, err = auction.Amend(ctx, x.scope, clerk, key, x.one(x.lots), 0, x.lot(), "抄错（虚构）", x.today)
	case kind == 5:
		_, err = landcheck.AmendParcel(ctx, x.scope, clerk, key, x.one(x.parcels), 0, x.parcel(), "抄错（虚构）")
	case kind == 6:
		_, err = landcheck.AmendVerification(ctx, x.scope, clerk, key, x.one(x.visits), 0, x.visit(), "抄错（虚构）", x.today)
	case kind == 7 && x.rnd.IntN(3) == 0:
		_, err = auction.VoidLot(ctx, x.scope, clerk, key, x.one(x.lots), 0, "重复（虚构）")
	case kind == 8 && x.rnd.IntN(3) == 0:
		_, err = landcheck.VoidVerification(ctx, x.scope, clerk, key, x.one(x.visits), 0, "重复（虚构）")
	case kind == 9:
		_, err = report.Issue(ctx, x.scope, reviewer, key, report.Order{Period: report.HalfYearOf(x.today).Before(), Format: "json", Lang: ledger.ZH})
	case kind == 10:
		err = x.reviewImport(reviewer)
	default:
		err = x.review(reviewer)
	}
	if code := ledger.CodeOf(err); err != nil && code != ledger.Conflict && code != ledger.NotFound && code != ledger.Invalid && code != ledger.Denied {
		x.t.Fatal(err)
	}
}

func (x *randomly) review(reviewer ledger.Actor) error {
	l, err := auction.Find(x.t.Context(), x.book.DB(), x.scope, x.one(x.lots))
	if err != nil {
		return err
	}
	if x.rnd.IntN(2) == 0 {
		_, err = review.Approve(x.t.Context(), x.scope, reviewer, ledger.Key{}, l.Target())
	} else {
		_, err = review.Return(x.t.Context(), x.scope, reviewer, ledger.Key{}, l.Target(), "看不清（虚构）")
	}
	return err
}

func (x *randomly) reviewImport(reviewer ledger.Actor) error {
	made := []review.Subjects{{Kind: "lot", Table: auction.Lots()}, {Kind: "parcel", Table: landcheck.Parcels()}, {Kind: "verification", Table: landcheck.Verifications()}}
	imports, err := review.Imports(x.t.Context(), x.book.DB(), x.scope, made, 0, 10)
	if err != nil {
		return err
	}
	_, err = review.Import(x.t.Context(), x.scope, reviewer, ledger.Key{}, made, imports[x.rnd.IntN(len(imports))].Entry, x.rnd.IntN(2) == 0, nil, "看不清（虚构）")
	return err
}

// reads are the addresses of all reads that can be asked as of a checkpoint.
func (x *randomly) reads() []string {
	list := []string{
		"/api/v1/books/demo/lots", "/api/v1/books/demo/lots?limit=7", "/api/v1/books/demo/lots?search=%E7%A4%BA%E4%BE%8B&sort=hammered_on", "/api/v1/books/demo/lots?sort=-hammer_total&limit=20",
		"/api/v1/books/demo/lots?sort=lot_no&review=waiting", "/api/v1/books/demo/lots?review=approved", "/api/v1/books/demo/lots?review=returned", "/api/v1/books/demo/lots?winner=%E7%A4%BA%E4%BE%8B%E7%94%B2%EF%BC%88%E8%99%9A%E6%9E%84%EF%BC%89",
		"/api/v1/books/demo/lots?village=%E7%A4%BA%E4%BE%8B%E9%9D%92%E7%A6%BE&from=2021-03-01&to=2021-08-31", "/api/v1/books/demo/lots.ndjson",
		"/api/v1/books/demo/parcels", "/api/v1/books/demo/parcels?verified=yes&sort=parcel_no", "/api/v1/books/demo/parcels?verified=no&limit=5", "/api/v1/books/demo/parcels?review=waiting&search=%E7%A4%BA%E4%BE%8B", "/api/v1/books/demo/parcels.ndjson",
		"/api/v1/books/demo/imports", "/api/v1/books/demo/imports/1", "/api/v1/books/demo/review", "/api/v1/books/demo/review?kind=lot",
		"/api/v1/books/demo/entries?limit=200", "/api/v1/books/demo/entries?after=280&limit=200", "/api/v1/books/demo/entries.ndjson?after=250", "/api/v1/books/demo/reports",
		"/api/v1/books/demo/summary?from=2021-01-01&to=2021-06-30", "/api/v1/books/demo/summary?from=2021-02-10&to=2021-08-20",
		"/books/demo/lots.csv", "/books/demo/parcels.csv",
	}
	for _, l := range x.lots {
		list = append(list, fmt.Sprintf("/api/v1/books/demo/lots/%d", l), fmt.Sprintf("/api/v1/books/demo/lots/%d/history", l))
	}
	for _, p := range x.parcels {
		list = append(list, fmt.Sprintf("/api/v1/books/demo/parcels/%d", p), fmt.Sprintf("/api/v1/books/demo/parcels/%d/history", p))
	}
	for _, v := range x.visits {
		list = append(list, fmt.Sprintf("/api/v1/books/demo/verifications/%d", v), fmt.Sprintf("/api/v1/books/demo/verifications/%d/history", v))
	}
	return list
}

// said is the status and the body of a read.
func (b *bundle) said(path string) string {
	b.tb.Helper()
	w, body := b.answer(b.request(http.MethodGet, path, nil))
	return fmt.Sprint(w.Code, "\n", body)
}

// After each of many random commands everything is read; asked later as of that checkpoint, every list, record,
// history, queue, feed, download and report is the same, byte for byte.
func TestAsOf_EverythingAsItWas(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-leader")
	x := newRandomly(t, b.book("demo"))
	type moment struct {
		size int64
		said map[string]string
	}
	var moments []moment
	for len(moments) < 12 {
		x.do()
		if x.n%6 != 0 {
			continue
		}
		head, err := x.book.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		m := moment{head.Size, map[string]string{}}
		for _, path := range x.reads() {
			m.said[path] = b.said(path)
		}
		moments = append(moments, m)
	}
	differ := 0
	for _, m := range moments {
		for path, then := range m.said {
			mark := "?"
			if strings.Contains(path, "?") {
				mark = "&"
			}
			now := b.said(path + mark + fmt.Sprint("as_of=", m.size))
			if now != then {
				t.Fatalf("%s as of %d:\n%s\nthen it was:\n%s", path, m.size, now, then)
			}
			if then != moments[len(moments)-1].said[path] {
				differ++
			}
		}
	}
	if differ < len(moments) {
		t.Errorf("only %d reads have changed since: the test shows little", differ)
	}
	if found, err := x.book.Check(t.Context(), nil); err != nil || len(found.Faults) > 0 {
		t.Errorf("the check: %+v, %v", found.Faults, err)
	}
}

// A size at which no command ended is refused with both neighbours, in the API and on pages; nothing can be written
// into the past, and its pages offer no form.
func TestAsOf_Pages(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-clerk")
	book := b.book("demo")
	head, err := book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := book.CheckpointsBefore(t.Context(), head.Size, 1)
	if err != nil {
		t.Fatal(err)
	}
	between, before := fmt.Sprint(head.Size-1), fmt.Sprint(list[0].Size)
	for _, path := range []string{"/books/demo/lots", "/books/demo/parcels", "/books/demo/entries", "/books/demo/lots.csv", "/books/demo/reports"} {
		b.get(path+"?as_of="+between, http.StatusUnprocessableEntity, before, fmt.Sprint(head.Size))
		b.get(path+"?as_of=x", http.StatusUnprocessableEntity)
	}
	p := b.refused(b.api("GET", "/api/v1/books/demo/lots?as_of="+between, ""), http.StatusUnprocessableEntity, "as_of.not_a_checkpoint", "as_of")
	if !strings.Contains(p.Title, before) {
		t.Errorf("%q does not name the neighbours %s and %d", p.Title, before, head.Size)
	}
	id := b.feed("demo", "lot")[0].Record
	page := b.get(fmt.Sprintf("/books/demo/lots/%d?as_of=%d", id, head.Size), http.StatusOK, "截至链首凭证 "+fmt.Sprint(head.Size), "回到现在", "as_of="+fmt.Sprint(head.Size))
	if strings.Contains(page, "/amend") || strings.Contains(page, "/void") {
		t.Errorf("a page of the past leads to a form:\n%s", page)
	}
	page = b.get("/books/demo/lots?as_of="+before+"&sort=lot_no", http.StatusOK, "截至链首凭证 "+before, `name="as_of" value="`+before+`"`)
	if strings.Contains(page, "/lots/new") {
		t.Errorf("a list of the past leads to a form:\n%s", page)
	}
	scope, err := ledger.WholeBook(book).AsOf(t.Context(), head.Size)
	if err != nil {
		t.Fatal(err)
	}
	x := newRandomly(t, book)
	if _, err := auction.Record(t.Context(), scope, b.actor, ledger.Key{}, x.lot(), x.today); ledger.CodeOf(err) != ledger.Invalid {
		t.Errorf("a scope of the past wrote: %v", err)
	}
}
