package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/report"
	"mingzhang/ledger/review"
	"mingzhang/ledger/sheet"
	"mingzhang/migrations/dbtest"
)

// mzverify is the auditor's checker, built once.
var mzverify = sync.OnceValues(func() (string, error) {
	bin := filepath.Join(filepath.Dir(built.bin), "mzverify")
	out, err := exec.CommandContext(context.Background(), "go", "build", "-o", bin, "../mzverify").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building mzverify: %w\n%s", err, out)
	}
	return bin, nil
})

// audit runs the checker, wants its exit status and texts, and gives what it printed.
func audit(tb testing.TB, status int, texts []string, args ...string) string {
	tb.Helper()
	bin, err := mzverify()
	if err != nil {
		tb.Fatal(err)
	}
	w := &world{tb: tb, bin: bin}
	return w.want(status, texts, args...).out
}

// sameFigures holds the program's report against the checker's: every figure of the checker under its name.
func sameFigures(tb testing.TB, what, own, independent string) {
	tb.Helper()
	var a, b map[string]any
	for _, read := range []struct {
		text string
		into *map[string]any
	}{{own, &a}, {independent, &b}} {
		if err := json.Unmarshal([]byte(read.text), read.into); err != nil {
			tb.Fatalf("%s: %v in %s", what, err, read.text)
		}
	}
	for _, key := range []string{"trades", "land", "land_records", "as_of", "root", "about"} {
		if b[key] == nil {
			tb.Errorf("%s: mzverify has no %s", what, key)
		}
	}
	delete(b, "simple_mean") // the report has none
	for key := range b {
		for _, diff := range differing(key, a[key], b[key]) {
			tb.Errorf("%s: %s", what, diff)
		}
	}
}

// differing names the figures that differ.
func differing(name string, own, independent any) []string {
	o, isObject := own.(map[string]any)
	i, also := independent.(map[string]any)
	if !isObject || !also {
		if reflect.DeepEqual(own, independent) {
			return nil
		}
		return []string{fmt.Sprintf("%s: the report says %v, mzverify %v", name, own, independent)}
	}
	var all []string
	for key := range o {
		all = append(all, differing(name+"."+key, o[key], i[key])...)
	}
	return all
}

// The demo book, amended and voided, is exported in both forms, checked and reckoned anew without the program.
func TestStory_Export(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(0, nil, "demo")
	dir := t.TempDir()
	early := filepath.Join(dir, "early")
	w.want(0, []string{"291", "mzverify export"}, "export", "--book", "demo", "--out", early)
	w.want(0, nil, "import", "lots", "--book", "demo", "--amend", "--reason", "复核更正(虚构)", w.file("lots.csv",
		"交易编号,资产名称,底价合同总额(元),成交合同总额(元),成交日期,结果\n示例街集资交〔2021〕0004号,石桥示例工业区H栋整体租赁,2880000.00,3960000.50,2021-05-14,已签约\n"))
	w.want(0, nil, "void", "lot", "示例街集资交〔2021〕0006号", "--book", "demo", "--reason", "录重(虚构)")
	w.want(0, nil, "void", "parcel", "示例集-001", "--book", "demo", "--reason", "录重(虚构)")
	whole, zipped := filepath.Join(dir, "whole"), filepath.Join(dir, "whole.zip")
	w.want(0, []string{"sealed.jsonl"}, "export", "--book", "demo", "--out", whole, "--sealed")
	w.want(0, nil, "export", "--book", "demo", "--out", zipped, "--sealed")
	w.want(1, []string{"已存在"}, "export", "--book", "demo", "--out", whole)
	w.want(1, []string{"已存在"}, "export", "--book", "demo", "--out", zipped)
	w.want(1, []string{"没有公开"}, "export", "--book", "demo", "--out", filepath.Join(dir, "public"), "--public")
	w.want(2, []string{"--public"}, "export", "--book", "demo", "--out", filepath.Join(dir, "both"), "--public", "--sealed")
	w.want(1, []string{"290"}, "export", "--book", "demo", "--out", filepath.Join(dir, "odd"), "--as-of", "290")
	w.want(2, nil, "export", "--book", "demo")
	for _, name := range []string{"public", "both", "odd"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s was left behind by an export that was refused", name)
		}
	}
	again := filepath.Join(dir, "again")
	w.want(0, nil, "export", "--book", "demo", "--out", again, "--as-of", "291")
	sameFiles(t, early, again)
	sameFiles(t, whole, unzipped(t, zipped))

	audit(t, 0, []string{"完好", "与承诺值相符"}, "export", whole)
	audit(t, 0, []string{"fine", "checkpoints, every signature valid"}, "export", zipped, "--lang", "en")
	audit(t, 0, []string{"接续"}, "consistency", early, zipped)
	audit(t, 0, []string{"接续"}, "consistency", filepath.Join(early, "checkpoint"), whole)
	audit(t, 3, []string{"回退"}, "consistency", whole, early)
	audit(t, 1, nil, "export", filepath.Join(dir, "nothing"))
	audit(t, 2, nil, "totals", whole)
	for _, period := range []string{demoPeriodFlags, "--book demo --from 2020-08-13 --to 2021-05-14", "--book demo --from 2021-05-14 --to 2021-05-14", "--book demo --from 2010-01-01 --to 2030-12-31"} {
		flags := strings.Fields(period)
		for _, e := range []struct{ path, asOf string }{{early, "291"}, {whole, "0"}} {
			own := w.want(0, nil, append([]string{"report", "summary", "--format", "json", "--as-of", e.asOf}, flags...)...).out
			sameFigures(t, period+" "+e.asOf, own, audit(t, 0, nil, append([]string{"totals", e.path, "--json"}, flags[2:]...)...))
		}
	}
	var logged int
	db := w.behind()
	if err := db.NewRaw(`SELECT count(*) FROM entries WHERE book_id = 0 AND convert_from(body, 'UTF8') LIKE '%"kind":"event.exported"%'`).Scan(t.Context(), &logged); err != nil || logged < 4 {
		t.Errorf("%d exports in the installation's log, %v", logged, err)
	}
	tamperedFiles(t, whole)
}

// tamperedFiles changes files of a real export, one at a time: each is found.
func tamperedFiles(t *testing.T, dir string) {
	t.Helper()
	for _, c := range []struct{ file, from, to string }{
		{"entries.jsonl", `"hammer_total":"3960000.50"`, `"hammer_total":"3960000.60"`},
		{"entries.jsonl", `"outcome":"unsold"`, `"outcome":"hammered"`},
		{"checkpoints.jsonl", `{"size":291,`, `{"size":292,`},
		{"checkpoint", "\n— mingzhang/demo/", "\n— mingzhang/dem0/"},
		{"sealed.jsonl", "虚构示例数据", "真实示例数据"},
	} {
		path := filepath.Join(dir, c.file)
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		other := strings.Replace(string(body), c.from, c.to, 1)
		if other == string(body) {
			t.Fatalf("%s has no %s", c.file, c.from)
		}
		if err := os.WriteFile(path, []byte(other), 0o600); err != nil {
			t.Fatal(err)
		}
		audit(t, 3, []string{"不符"}, "export", dir)
		audit(t, 3, nil, "totals", dir, "--from", "2021-01-01", "--to", "2021-06-30")
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	audit(t, 0, nil, "export", dir)
}

func sameFiles(t *testing.T, a, b string) {
	t.Helper()
	for _, dir := range [][2]string{{a, b}, {b, a}} {
		list, err := os.ReadDir(dir[0])
		if err != nil || len(list) == 0 {
			t.Fatal(dir[0], err)
		}
		for _, f := range list {
			one, err := os.ReadFile(filepath.Join(dir[0], f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			other, err := os.ReadFile(filepath.Join(dir[1], f.Name()))
			if err != nil || !bytes.Equal(one, other) {
				t.Errorf("%s differs between %s and %s: %v", f.Name(), dir[0], dir[1], err)
			}
		}
	}
}

func unzipped(t *testing.T, path string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	dir := t.TempDir()
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// streetOffice is a store over a database of the test's own, with a book of an office.
func streetOffice(tb testing.TB) (*program, *ledger.Store, *ledger.Book) {
	tb.Helper()
	p := &program{out: io.Discard, err: io.Discard, now: time.Now, lang: ledger.ZH}
	o := p.newOptions("test")
	o.dataDir = tb.TempDir()
	store := ledger.Open(dbtest.New(tb).Writer(), o.keys(), time.Now, kinds()...)
	book, err := store.AddBook(tb.Context(), ledger.AccountActor(1), ledger.BookProfile{Code: "street", Kind: ledger.OfficeBook, NameZH: "示例街道(虚构)"})
	if err != nil {
		tb.Fatal(err)
	}
	return p, store, book
}

const publicLots = "交易编号,资产名称,底价合同总额(元),成交合同总额(元),成交日期,结果,竞得人,备注\n" +
	"公-1,仓库,10000.00,14328.00,2021-03-05,已签约,张三(虚构),私下备注\n" +
	"公-2,鱼塘,20000.00,25000.00,2021-03-06,成交,李四(虚构),私下备注\n" +
	"公-3,商铺,30000.00,,2021-03-07,流拍,,私下备注\n" +
	"公-4,厂房,40000.00,45000.00,2021-03-08,成交,王五(虚构),私下备注\n"

// A public export shows the published results, hashes of all else, and is checked like any other.
func TestStory_PublicExport(t *testing.T) {
	t.Parallel()
	p, store, book := streetOffice(t)
	ctx, scope := t.Context(), ledger.WholeBook(book)
	file, err := sheet.Open("lots.csv", strings.NewReader(publicLots), int64(len(publicLots)), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := auction.Import(ctx, scope, ledger.AccountActor(1), intake.Source{Name: "lots.csv", SHA256: strings.Repeat("0", 64), File: file}, intake.Options{Today: p.today()}); err != nil {
		t.Fatal(err)
	}
	made := []review.Subjects{{Kind: "lot", Table: auction.Lots()}}
	imports, err := review.Imports(ctx, store.DB(), scope, made, 0, 10)
	if err != nil || len(imports) != 1 {
		t.Fatal(imports, err)
	}
	lots, _, err := auction.List(ctx, store.DB(), scope, auction.LotFilter{Sort: "lot_no"}, ledger.Page{})
	if err != nil || len(lots) != 4 {
		t.Fatal(lots, err)
	}
	if _, err := review.Import(ctx, scope, ledger.AccountActor(2), ledger.Key{}, made, imports[0].Entry, true, []int64{lots[1].SeqFrom}, ""); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if _, err := p.export(ctx, book, exportOptions(book, true), filepath.Join(dir, "closed")); ledger.CodeOf(err) != ledger.Denied {
		t.Errorf("a book that is not disclosed: %v", err)
	}
	if _, err := book.Disclose(ctx, ledger.AccountActor(3), true, "按规定公开(虚构)"); err != nil {
		t.Fatal(err)
	}
	if _, err := auction.Void(ctx, scope, ledger.AccountActor(1), "公-4", 0, "录重(虚构)"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "public")
	done, err := p.export(ctx, book, exportOptions(book, true), path)
	if err != nil || done.Shown != 3 { // opened, disclosed, 公-1: the others are not approved, unsold and voided
		t.Fatalf("%d shown, %v", done.Shown, err)
	}
	body, err := os.ReadFile(filepath.Join(path, "public.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(body, []byte("公-1")) {
		t.Error("公-1 is not shown")
	}
	for _, secret := range []string{"张三", "李四", "私下备注", "公-2", "公-3", "公-4"} {
		if bytes.Contains(body, []byte(secret)) {
			t.Errorf("a public export shows %s", secret)
		}
	}
	key := "--key=" + book.VerifierKey
	audit(t, 0, []string{"公开导出", "其中只列哈希"}, "export", path, key)
	out := audit(t, 0, []string{"只含已公布的成交结果", "10000.00", "14328.00", "4328.00", "43.28%"}, "totals", path, "--from", "2021-01-01", "--to", "2021-06-30", key)
	if strings.Contains(out, "25000") {
		t.Errorf("an unpublished lot is in the totals: %s", out)
	}
	whole := filepath.Join(dir, "whole.zip")
	if _, err := p.export(ctx, book, exportOptions(book, false), whole); err != nil {
		t.Fatal(err)
	}
	audit(t, 0, []string{"接续"}, "consistency", path, whole, key)
	compareReviewed(t, scope, whole)
}

// compareReviewed holds the figures of a book with reviews against the checker's.
func compareReviewed(t *testing.T, scope ledger.Scope, path string) {
	t.Helper()
	days := make([]ledger.Day, 2)
	for i, text := range []string{"2021-01-02", "2021-06-29"} {
		var err error
		if days[i], err = ledger.ParseDay(text); err != nil {
			t.Fatal(err)
		}
	}
	s, err := report.NewSummary(t.Context(), scope, report.Period{From: days[0], To: days[1]}, 0)
	if err != nil || s.Trades.Reviewed != 1 {
		t.Fatalf("%+v, %v", s, err)
	}
	var own bytes.Buffer
	if err := s.WriteJSON(&own); err != nil {
		t.Fatal(err)
	}
	sameFigures(t, "with reviews", own.String(), audit(t, 0, nil, "totals", path, "--from", "2021-01-02", "--to", "2021-06-29", "--json"))
}
