package web_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/transparency-dev/formats/log"
	theirs "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// street is an office with one lot that was sold, and the people who enter, approve and publish.
type street struct {
	*bundle
	book                    *ledger.Book
	clerk, reviewer, leader *person
	lot                     int64
}

const (
	soldLot   = `{"lot_no":"公-1","asset_name":"门面（虚构）","collective":"东升村经济联社","base_total":"3324.74万元","hammer_total":"4763.63万元","hammered_on":"2021-03-05","term":"5年","winner":"王五（虚构）","remark":"内部备注"}`
	unsoldLot = `{"lot_no":"公-2","asset_name":"鱼塘（虚构）","collective":"东升村经济联社","base_total":"10000","outcome":"unsold"}`
)

func newStreet(t *testing.T) *street {
	t.Helper()
	s := &street{bundle: empty(t)}
	s.book = s.open("dongcheng", ledger.OfficeBook, "东城街道（虚构）", "Dongcheng (invented)")
	with := func(login string, role account.Role) *person {
		return s.person(login, account.NewRight{Role: role, Book: "dongcheng"})
	}
	s.clerk, s.reviewer, s.leader = with("clerk", account.Clerk), with("reviewer", account.Reviewer), with("leader", account.Leader)
	s.lot = s.enter(soldLot)
	return s
}

// enter records a lot as the clerk and gives its number.
func (s *street) enter(lot string) int64 {
	s.tb.Helper()
	var out struct{ Record int64 }
	s.be(s.clerk)
	s.json(s.api(http.MethodPost, "/api/v1/books/dongcheng/lots", lot), http.StatusCreated, &out)
	return out.Record
}

// approve approves a record's entry as the reviewer.
func (s *street) approve(lot, entry int64) {
	s.tb.Helper()
	s.be(s.reviewer)
	w := s.api(http.MethodPost, fmt.Sprint("/api/v1/books/dongcheng/lots/", lot, "/review"), approvalJSON, "If-Match", fmt.Sprintf("%q", itoa(entry)))
	if w.Code >= 300 {
		s.tb.Fatalf("approving %d: %d %s", lot, w.Code, w.Body)
	}
}

// disclose switches disclosure as the leader, on the book's page.
func (s *street) disclose(to string) {
	s.tb.Helper()
	s.be(s.leader).post("/books/dongcheng/disclosure", url.Values{"to": {to}, "reason": {"公开办法"}}, http.StatusSeeOther)
}

// code is the check code of a record's current entry.
func (s *street) code(lot int64) string {
	s.tb.Helper()
	var out struct {
		CheckCode string `json:"check_code"`
	}
	s.be(s.clerk)
	s.json(s.api(http.MethodGet, fmt.Sprint("/api/v1/books/dongcheng/lots/", lot, "/proof"), ""), http.StatusOK, &out)
	return out.CheckCode
}

// stranger asks the public check for a code.
func (s *street) stranger(book, code string, status int, texts ...string) string {
	s.tb.Helper()
	return s.nobody().get("/check/"+url.PathEscape(book)+"/"+url.PathEscape(code), status, texts...)
}

// A result is found by its code while it is published, and only then: sold, approved, not amended since, not voided,
// disclosure on. Whatever is wrong, the answer is the same page.
func TestLookup(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	code := s.code(s.lot)
	unsold := s.enter(unsoldLot)
	unsoldCode := s.code(unsold)
	typed := regexp.MustCompile(`value="[^"]*"| selected`)
	nothing := typed.ReplaceAllString(s.stranger("nowhere", "1-0000-0000", http.StatusNotFound, "没有查到"), "")
	hidden := func(why, book, code string) {
		t.Helper()
		if got := typed.ReplaceAllString(s.stranger(book, code, http.StatusNotFound), ""); got != nothing {
			t.Errorf("%s is told from what is not there:\n%s\nwant\n%s", why, got, nothing)
		}
		s.nobody().get("/check/"+book+"/"+url.PathEscape(code)+"/proof", http.StatusNotFound)
	}
	hidden("a book that is not disclosed", "dongcheng", code)
	s.approve(s.lot, s.lot)
	hidden("an approved result of a book that is not disclosed", "dongcheng", code)
	s.disclose("on")
	nothing = typed.ReplaceAllString(s.stranger("nowhere", "1-0000-0000", http.StatusNotFound, "没有查到", "东城街道（虚构）（dongcheng）"), "")

	page := s.stranger("dongcheng", code, http.StatusOK, "公-1", "33,247,400.00", "47,636,300.00", "14,388,900.00", "43.28%", "合同总额", "肆仟柒佰陆拾叁万陆仟叁佰元整",
		"东升村经济联社", "2021-03-05", code, "mzverify proof dongcheng-"+itoa(s.lot)+".tlog-proof", "/log/dongcheng/key")
	for _, secret := range []string{"王五", "内部备注", "clerk", "某人"} {
		if strings.Contains(page, secret) {
			t.Errorf("a stranger reads %q", secret)
		}
	}
	s.nobody().get("/check/dongcheng/"+code+"?lang=en", http.StatusOK, "Winner&#39;s number", "Entry number", "Check it yourself")
	letters := strings.SplitN(code, "-", 2)[1]
	hidden("another hash", "dongcheng", itoa(s.lot)+"-0000-0000")
	hidden("another entry", "dongcheng", itoa(s.lot+1)+"-"+letters)
	hidden("an entry beyond the head", "dongcheng", "99999-"+letters)
	hidden("no code", "dongcheng", "x")
	hidden("a code that is no text", "dongcheng", "\xff\xfe")
	hidden("a book that is no text", "%ff%fe", code)
	hidden("a lot that was not sold", "dongcheng", unsoldCode)
	hidden("an entry of no lot", "dongcheng", s.codeOf(0))

	amended := strings.Replace(soldLot[:len(soldLot)-1], "4763.63", "4763.64", 1) + `,"reason":"抄错"}`
	var out struct{ Entry int64 }
	s.be(s.clerk)
	s.json(s.api(http.MethodPut, fmt.Sprint("/api/v1/books/dongcheng/lots/", s.lot), amended, "If-Match", fmt.Sprintf("%q", itoa(s.lot))), http.StatusOK, &out)
	hidden("what was amended since", "dongcheng", code)
	hidden("an amendment that nobody approved", "dongcheng", s.code(s.lot))
	s.approve(s.lot, out.Entry)
	hidden("the entry before an amendment that was approved", "dongcheng", code)
	code = s.code(s.lot)
	s.stranger("dongcheng", code, http.StatusOK, "47,636,400.00")
	gone := s.enter(strings.Replace(soldLot, "公-1", "公-3", 1))
	s.approve(gone, gone)
	goneCode := s.code(gone)
	s.stranger("dongcheng", goneCode, http.StatusOK, "公-3")
	s.be(s.clerk).api(http.MethodPost, fmt.Sprint("/api/v1/books/dongcheng/lots/", gone, "/void"), reasonJSON, "If-Match", fmt.Sprintf("%q", itoa(gone)))
	hidden("what was voided", "dongcheng", goneCode)
	hidden("the voiding", "dongcheng", s.code(gone))
	s.disclose("off")
	nothing = typed.ReplaceAllString(s.stranger("nowhere", "1-0000-0000", http.StatusNotFound), "")
	hidden("a book whose disclosure was switched off", "dongcheng", code)
}

// codeOf is the check code of any entry.
func (s *street) codeOf(seq int64) string {
	s.tb.Helper()
	e, err := s.book.EntryAt(s.tb.Context(), seq)
	if err != nil {
		s.tb.Fatal(err)
	}
	return e.CheckCode().String()
}

// The form leads to the page of the code, however it is typed, and says what it cannot read.
func TestLookup_Form(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.approve(s.lot, s.lot)
	code := s.code(s.lot)
	s.nobody().get("/check", http.StatusOK, "校验码", "还没有公开的账簿")
	s.disclose("on")
	s.nobody().get("/check?lang=en", http.StatusOK, "Check code", "Dongcheng (invented)")
	for _, typed := range []string{code, strings.ToLower(code), " " + strings.ReplaceAll(code, "0", "o") + " "} {
		w, _ := s.answer(s.request(http.MethodGet, "/check?book=dongcheng&code="+url.QueryEscape(typed), nil))
		if at := w.Header().Get("Location"); w.Code != http.StatusSeeOther || at != "/check/dongcheng/"+code {
			t.Errorf("%q leads to %s (%d), want the page of %s", typed, at, w.Code, code)
		}
	}
	s.get("/check?book=dongcheng&code=%3Cb%3Ex", http.StatusNotFound, "没有查到", "&lt;b&gt;x")
	s.get("/check?code="+code, http.StatusNotFound, "没有查到")
	w, _ := s.answer(s.request(http.MethodGet, "/check?book=..%2F..%2Fevil&code="+code, nil))
	if at := w.Header().Get("Location"); at != "/check/..%2F..%2Fevil/"+code {
		t.Errorf("a strange book leads to %s", at)
	}
}

// The proof of a published result convinces a program that is not ours, with nothing but the file and the key.
func TestProof_TransparencyDev(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.approve(s.lot, s.lot)
	s.disclose("on")
	code := s.code(s.lot)
	lot := fmt.Sprint("/books/dongcheng/lots/", s.lot)
	s.be(s.clerk)
	file := s.get(lot+"/proof", http.StatusOK)
	if got := s.api(http.MethodGet, "/api/v1"+lot+"/proof", "", "Accept", "text/plain").Body.String(); got != file {
		t.Errorf("the API's proof is\n%s\nwant\n%s", got, file)
	}
	if got := s.nobody().get("/check/dongcheng/"+code+"/proof", http.StatusOK); got != file {
		t.Errorf("a stranger's proof is\n%s\nwant\n%s", got, file)
	}
	var p theirs.TLogProof
	if err := p.Unmarshal([]byte(file)); err != nil {
		t.Fatal(err)
	}
	var extra struct {
		Entry       string `json:"entry"`
		VerifierKey string `json:"verifier_key"`
	}
	if err := json.Unmarshal(p.ExtraData, &extra); err != nil || extra.VerifierKey != s.book.VerifierKey {
		t.Fatalf("the extra line says %s (%v), want the entry and %s", p.ExtraData, err, s.book.VerifierKey)
	}
	verifier, err := note.NewVerifier(s.book.VerifierKey)
	if err != nil {
		t.Fatal(err)
	}
	c, _, _, err := log.ParseCheckpoint(p.Checkpoint, s.book.Origin, verifier)
	if err != nil {
		t.Fatal(err)
	}
	leaf := sha256.Sum256(append([]byte{0}, extra.Entry...))
	var path [][]byte
	for _, h := range p.Hashes {
		path = append(path, h[:])
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, p.Index, c.Size, leaf[:], path, c.Hash); err != nil || int64(p.Index) != s.lot {
		t.Errorf("entry %d: %v", p.Index, err)
	}
	if !strings.Contains(extra.Entry, `"lot_no":"公-1"`) || strings.Contains(extra.Entry, "王五") {
		t.Errorf("the entry in the proof is %s, want the lot without names", extra.Entry)
	}
}

// The certificate has all that the paper needs, for whoever may read the lot; a code for a camera only where it leads
// somewhere.
func TestCertificate(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	unsold := s.enter(unsoldLot)
	o := s.options()
	o.PublicURL = "https://trades.example.org"
	s.serve(o)
	path := fmt.Sprint("/books/dongcheng/lots/", s.lot, "/certificate")
	s.be(s.clerk)
	code := s.code(s.lot)
	page := s.get(path, http.StatusOK, "成交确认书", "东城街道（虚构）", "公-1", "门面（虚构）", "东升村经济联社", "王五（虚构）", "33,247,400.00", "47,636,300.00", "14,388,900.00", "43.28%",
		ledger.OnContractTotal.Name().ZH, "肆仟柒佰陆拾叁万陆仟叁佰元整", "2021-03-05", "5年", code, "尚未复核通过", "记录时间")
	if strings.Contains(page, "data:image/png") {
		t.Error("a result that is not published has a code for a camera")
	}
	s.get(fmt.Sprint("/books/dongcheng/lots/", unsold, "/certificate"), http.StatusConflict, "没有成交")
	s.get(fmt.Sprint("/books/dongcheng/lots/", s.lot), http.StatusOK, path, "成交确认书", "证明文件")
	if lot := s.get(fmt.Sprint("/books/dongcheng/lots/", unsold), http.StatusOK, "证明文件"); strings.Contains(lot, "成交确认书") {
		t.Error("a lot that was not sold has a certificate")
	}
	s.approve(s.lot, s.lot)
	s.disclose("on")
	s.be(s.clerk)
	page = s.get(path+"?lang=en", http.StatusOK, "Certificate of result", "https://trades.example.org/check/dongcheng/"+code, "data:image/png;base64,", ledger.OnContractTotal.Name().EN, "Dongcheng (invented)")
	if strings.Contains(page, "No review has approved") {
		t.Error("an approved result is said not to be")
	}
	image := regexp.MustCompile(`data:image/png;base64,([^"]+)`).FindStringSubmatch(page)
	if png, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(image[1], "&#43;", "+")); err != nil || !strings.HasPrefix(string(png), "\x89PNG") {
		t.Errorf("the code is no picture: %v", err)
	}
	erasing := ledger.Erasing{What: ledger.ErasedPerson, Words: "王五（虚构）", Reason: "个人信息保护法第四十七条"}
	if done, err := s.book.Erase(t.Context(), s.actor, erasing); err != nil || len(done.Texts) != 1 {
		t.Fatalf("erased %v, %v", done.Texts, err)
	}
	s.get(path+"?lang=zh", http.StatusOK, "已依法删除")
	s.get(fmt.Sprint("/books/dongcheng/lots/", s.lot), http.StatusOK, "已依法删除")
	o.PublicURL = ""
	s.serve(o)
	if page := s.get(path, http.StatusOK, code); strings.Contains(page, "data:image/png") {
		t.Error("without a public address there is a code for a camera")
	}
	demo := demo(t).as("demo-clerk")
	id := demo.first("SELECT min(id) FROM lots WHERE outcome = 'hammered'")
	demo.get(fmt.Sprint("/books/demo/lots/", id, "/certificate"), http.StatusOK, "演示")
}

// Disclosure is the leader's to switch, with a reason, for the whole book, and never of a demo book.
func TestDisclosure(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	const path = "/books/dongcheng/disclosure"
	part := s.person("part", account.NewRight{Role: account.Leader, Book: "dongcheng", Villages: []string{"东升村"}})
	form := func(to, reason string) url.Values { return url.Values{"to": {to}, "reason": {reason}} }
	for _, p := range []*person{s.clerk, s.reviewer, part} {
		s.be(p).post(path, form("on", "公开办法"), http.StatusForbidden)
		if page := s.get("/books/dongcheng", http.StatusOK, "未公开"); strings.Contains(page, path) {
			t.Errorf("%s is offered the switch", p.login)
		}
	}
	s.be(s.leader).get("/books/dongcheng", http.StatusOK, path, "公开本账簿")
	s.post(path, form("on", " "), http.StatusUnprocessableEntity, `id="reason-fault"`, "须说明理由")
	s.post(path, form("up", "公开办法"), http.StatusUnprocessableEntity)
	s.post(path, form("off", "公开办法"), http.StatusConflict, "本来就没有公开")
	if p, err := s.book.Profile(t.Context()); err != nil || p.Public {
		t.Fatalf("public %t, %v after nothing but refusals", p.Public, err)
	}
	s.disclose("on")
	s.get("/books/dongcheng?done=disclosure", http.StatusOK, "已公开", "已记入账簿", "关闭公开", `href="/check"`)
	s.wantJSON(s.api(http.MethodGet, "/api/v1/books/dongcheng", ""), http.StatusOK, "public", true)
	s.post(path, form("on", "公开办法"), http.StatusConflict, "已经公开")
	s.get("/books/dongcheng/entries", http.StatusOK, "公开账簿")
	s.disclose("off")
	s.wantJSON(s.api(http.MethodGet, "/api/v1/books/dongcheng", ""), http.StatusOK, "public", false)
	s.post("/books/dongcheng/check", nil, http.StatusSeeOther)
	s.checked("dongcheng")
	demo := demo(t).as("demo-leader")
	if page := demo.get("/books/demo", http.StatusOK, "不能公开"); strings.Contains(page, "/books/demo/disclosure") {
		t.Error("a demo book has the switch")
	}
	demo.post("/books/demo/disclosure", form("on", "公开办法"), http.StatusForbidden, "演示")
}
