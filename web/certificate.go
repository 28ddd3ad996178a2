package web

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"rsc.io/qr"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func certificateRoutes() []route {
	summary := ledger.Text{
		ZH: "标的现行条目的证明（C2SP tlog-proof）；Accept: text/plain 只取证明文件",
		EN: "the proof of a lot's current entry (C2SP tlog-proof); Accept: text/plain gives the file alone",
	}
	return []route{
		{method: "GET", pattern: "/books/{book}/lots/{id}/certificate", needs: account.ReadBook, page: (*Server).showCertificate},
		{method: "GET", pattern: "/books/{book}/lots/{id}/proof", needs: account.ReadBook, page: (*Server).sendLotProof},
		{method: "GET", pattern: "/api/v1/books/{book}/lots/{id}/proof", needs: account.ReadBook, api: textOrJSON(endpoint(summary, 200, apiLotProof), lotProofText)},
	}
}

// certificatePage is the confirmation of a result, for one sheet of paper.
type certificatePage struct {
	Frame
	Head    Title
	Office  string
	Draft   string // why it confirms nothing yet
	Facts   []Facts
	Amounts Facts
	Proved  Facts
	Check   string       // how the code can be looked up
	Image   template.URL // a QR code; "" where nobody outside could follow it
	Address string       // that the code leads to
}

// showCertificate shows the certificate of a sold lot: conflict lot.not_sold.
func (s *Server) showCertificate(w http.ResponseWriter, r *request) {
	l, err := s.findLot(r)
	if err == nil && (l.Voided || !auction.Outcome(l.Outcome).Sold()) {
		err = ledger.E(ledger.Conflict, "lot.not_sold", l.LotNo)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p, err := s.certificatePage(r, l)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "certificate.html", p)
}

func (s *Server) certificatePage(r *request, l *auction.Lot) (*certificatePage, error) {
	profile, err := r.book.Profile(r.Context())
	if err != nil {
		return nil, err
	}
	proof, err := prove(r.Context(), r.book, l.SeqFrom)
	if err != nil {
		return nil, err
	}
	path := r.bookPath("lots", strconv.FormatInt(l.ID, 10))
	p := &certificatePage{Frame: s.frame(r, r.say("成交确认书 ", "Certificate of result ")+l.LotNo), Office: profile.Name().In(r.lang)}
	p.Head = Title{
		Text: r.say("成交确认书", "Certificate of result"), Sub: p.Office,
		Back: &Act{Name: r.say("标的 ", "Lot ") + l.LotNo, URL: p.At(path)}, Acts: []Act{{Name: r.say("下载证明文件", "Download the proof"), URL: path + "/proof"}},
	}
	if !l.Approved() {
		p.Draft = r.say("本结果尚未复核通过，仅供内部核对。", "No review has approved this result: for internal use only.")
	}
	p.Facts = resultFacts(r, l, Item{Name: r.say("竞得人", "Winner"), Value: winnerShown(l)})
	p.Amounts, p.Proved = amountFacts(r, l), provedFacts(r, proof)
	if !auction.Published(profile, l) {
		p.Check = r.say("账簿公开且本结果复核通过后，任何人可凭账簿代码和校验码核对。", "Once the book is disclosed and this result approved, anybody can look it up by the book's code and the check code.")
		return p, nil
	}
	p.Check = r.say("任何人可凭账簿代码 "+r.book.Code+" 和校验码核对。", "Anybody can look it up by the book's code, "+r.book.Code+", and the check code.")
	if s.o.PublicURL == "" {
		return p, nil
	}
	p.Address = s.o.PublicURL + checkPath(r.book.Code, proof.Entry.CheckCode())
	code, err := qr.Encode(p.Address, qr.M)
	if err != nil {
		return nil, err
	}
	p.Image = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())) //nolint:gosec // made here
	return p, nil
}

// checkPath is where strangers look a result up.
func checkPath(book string, code ledger.CheckCode) string {
	return "/check/" + url.PathEscape(book) + "/" + code.String()
}

// prove proves an entry in the checkpoint that strangers get.
func prove(ctx context.Context, book *ledger.Book, seq int64) (ledger.Proof, error) {
	newest, err := book.Publish(ctx, 0)
	if err != nil {
		return ledger.Proof{}, err
	}
	return book.Prove(ctx, seq, newest.Size)
}

// proved is the proof of an entry, and its file.
func proved(ctx context.Context, book *ledger.Book, seq int64) (proof ledger.Proof, file string, err error) {
	if proof, err = prove(ctx, book, seq); err != nil {
		return proof, "", err
	}
	f, err := book.ProofFile(ctx, proof)
	return proof, f.Text(), err
}

// sendLotProof sends the proof of a lot's current entry as a file.
func (s *Server) sendLotProof(w http.ResponseWriter, r *request) {
	l, err := s.findLot(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	_, file, err := proved(r.Context(), r.book, l.SeqFrom)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	sendProof(w, r, proofName(r.book.Code, l.SeqFrom), file)
}

func sendProof(w http.ResponseWriter, r *request, name, file string) {
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	sendText(w, r, file)
}

// lotProofOut is a proof for programs: the file, and what is in it.
type lotProofOut struct {
	Entry     int64         `json:"entry"`
	LeafHash  string        `json:"leaf_hash"`
	CheckCode string        `json:"check_code"`
	Head      checkpointOut `json:"checkpoint"`
	Proof     string        `json:"proof"` // C2SP tlog-proof
}

func apiLotProof(ctx context.Context, r *request, in *recordIn) (*lotProofOut, error) {
	l, err := auction.Find(ctx, r.book.DB(), r.scope, in.ID)
	if err != nil {
		return nil, err
	}
	p, file, err := proved(ctx, r.book, l.SeqFrom)
	if err != nil {
		return nil, err
	}
	return &lotProofOut{
		Entry: p.Entry.Seq, LeafHash: hex.EncodeToString(p.Entry.LeafHash[:]), CheckCode: p.Entry.CheckCode().String(),
		Head: newCheckpointOut(p.Checkpoint), Proof: file,
	}, nil
}

func lotProofText(ctx context.Context, r *request, in *recordIn) (string, error) {
	out, err := apiLotProof(ctx, r, in)
	if err != nil {
		return "", err
	}
	return out.Proof, nil
}
