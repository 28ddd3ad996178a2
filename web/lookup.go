package web

import (
	"net/http"
	"slices"

	"mingzhang/auction"
	"mingzhang/ledger"
)

// publicRoutes are the public check: anybody looks up a published result by the code on its certificate.
func publicRoutes() []route {
	return []route{
		{method: "GET", pattern: "/check", needs: public, page: (*Server).showLookup},
		{method: "GET", pattern: "/check/{book}/{code}", needs: public, page: (*Server).showResult},
		{method: "GET", pattern: "/check/{book}/{code}/proof", needs: public, page: (*Server).sendResultProof},
	}
}

// lookupPage asks for a book and a code.
type lookupPage struct {
	Frame
	Open     []Option // the books that are disclosed
	Of, Code string
}

func (s *Server) showLookup(w http.ResponseWriter, r *request) {
	book, code := r.text("book"), r.text("code")
	if book == "" && code == "" {
		s.lookup(w, r, book, code, nil)
		return
	}
	parsed, err := ledger.ParseCheckCode(code)
	if err != nil || book == "" {
		s.lookup(w, r, book, code, ledger.E(ledger.NotFound, "check_code.unknown").Because(err))
		return
	}
	s.done(w, r, link(r.lang, checkPath(book, parsed)))
}

// lookup shows the form, after a code that leads to no result with the sentence that says so: one and the same
// whatever is wrong with it.
func (s *Server) lookup(w http.ResponseWriter, r *request, book, code string, refused error) {
	p := &lookupPage{Frame: s.frame(r, r.say("核对成交结果", "Look a result up")), Of: book, Code: code}
	p.Path = "/check"
	status := http.StatusOK
	if refused != nil {
		status = s.failForm(r, &p.Frame, refused)
	}
	books, err := s.store.Disclosed(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for _, b := range books {
		p.Open = append(p.Open, Option{Value: b.Code, Label: b.Name().In(r.lang) + r.say("（", " (") + b.Code + r.say("）", ")")})
	}
	if !slices.ContainsFunc(p.Open, func(o Option) bool { return o.Value == book }) && len(p.Open) > 0 {
		p.Of = "" // the list offers what there is, and nothing that a link made up
	}
	s.show(w, r, status, "lookup.html", p)
}

// resultPage is a published result as strangers see it.
type resultPage struct {
	Frame
	Head     Title
	Office   string
	Facts    []Facts
	Amounts  Facts
	Proved   Facts
	ProofURL string
	LogURL   string
	File     string // the proof file's name
	Keys     string // where the verifier key can be had
}

// findResult finds the published result of the address: not_found check_code.unknown, whatever is wrong with it.
func (s *Server) findResult(r *request) (*ledger.Book, *auction.Result, error) {
	none := ledger.E(ledger.NotFound, "check_code.unknown")
	code, err := ledger.ParseCheckCode(r.PathValue("code"))
	if err != nil {
		return nil, nil, none.Because(err)
	}
	book, err := s.store.Book(r.Context(), r.PathValue("book"))
	if ledger.CodeOf(err) == ledger.NotFound {
		return nil, nil, none.Because(err)
	}
	if err != nil {
		return nil, nil, err
	}
	result, err := auction.FindPublished(r.Context(), book, code)
	return book, result, err
}

func (s *Server) showResult(w http.ResponseWriter, r *request) {
	book, result, err := s.findResult(r)
	if ledger.CodeOf(err) == ledger.NotFound {
		s.lookup(w, r, r.PathValue("book"), r.PathValue("code"), err)
		return
	}
	var proof ledger.Proof
	if err == nil {
		proof, err = prove(r.Context(), book, result.Entry.Seq)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	l, code := result.Lot, result.Entry.CheckCode()
	p := &resultPage{Frame: s.frame(r, r.say("成交结果 ", "Result ")+l.LotNo), Office: result.Profile.Name().In(r.lang)}
	p.Wide = true
	p.Head = Title{
		Text: r.say("成交结果 ", "Result ") + l.LotNo, Sub: p.Office, Back: &Act{Name: r.say("再查一个", "Look another up"), URL: p.At("/check")},
		Chips: []Chip{OutcomeChip(r.lang, auction.Outcome(l.Outcome)), ReviewChip(r.lang, l.Verdict)},
	}
	p.Facts = resultFacts(r, l, Item{Name: r.say("竞得人编号", "Winner's number"), Value: winnerNumber(l)})
	p.Amounts, p.Proved = amountFacts(r, l), provedFacts(r, proof)
	p.File, p.ProofURL = proofName(book.Code, result.Entry.Seq), checkPath(book.Code, code)+"/proof"
	p.LogURL, p.Keys = "/log/"+book.Code+"/checkpoint", "/log/"+book.Code+"/key"
	s.show(w, r, http.StatusOK, "result.html", p)
}

// sendResultProof sends the proof file of a published result.
func (s *Server) sendResultProof(w http.ResponseWriter, r *request) {
	book, result, err := s.findResult(r)
	if ledger.CodeOf(err) == ledger.NotFound {
		s.lookup(w, r, r.PathValue("book"), r.PathValue("code"), err)
		return
	}
	var file string
	if err == nil {
		_, file, err = proved(r.Context(), book, result.Entry.Seq)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	sendProof(w, r, proofName(book.Code, result.Entry.Seq), file)
}
