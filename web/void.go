package web

import (
	"net/http"
	"strconv"
	"strings"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
)

// voidPage asks once more before a record is struck out.
type voidPage struct {
	Frame
	Name, Explain string
	Action, Back  string
	Key, Reason   string
	Seen          int64
}

// newVoidPage is the page that asks before the record at path is struck out.
func (s *Server) newVoidPage(r *request, title, name, explain, path string, seen int64) *voidPage {
	p := &voidPage{Frame: s.frame(r, title), Name: name, Explain: explain, Key: newKey(), Seen: seen}
	p.Action, p.Back = p.At(path+"/void"), p.At(path)
	return p
}

func (s *Server) newVoidLot(r *request) (*voidPage, error) {
	l, err := s.findLot(r)
	if err != nil {
		return nil, err
	}
	if l.Voided {
		return nil, ledger.E(ledger.Conflict, "record.voided", l.LotNo)
	}
	return s.newVoidPage(r, r.say("作废标的 ", "Void lot ")+l.LotNo, strings.TrimSpace(l.LotNo+" "+l.AssetName),
		r.say("作废后这条标的不再计入任何汇总，编号可以重新使用；原有条目和作废原因都留在账簿里，不能撤回。", "A voided lot is in no sum any more and its number is free again. Its entries and the reason stay in the book; this cannot be undone."),
		r.bookPath("lots", strconv.FormatInt(l.ID, 10)), l.SeqFrom), nil
}

func (s *Server) newVoidParcel(r *request) (*voidPage, error) {
	parcel, err := s.findParcel(r)
	if err != nil {
		return nil, err
	}
	if parcel.Voided {
		return nil, ledger.E(ledger.Conflict, "record.voided", parcel.ParcelNo)
	}
	return s.newVoidPage(r, r.say("作废宗地 ", "Void parcel ")+parcel.ParcelNo, parcel.Name,
		r.say("作废后这宗地和它的全部核查记录都不再计入任何汇总；条目和原因都留在账簿里，不能撤回。", "The parcel and all its verifications are in no sum any more. Their entries and the reason stay in the book; this cannot be undone."),
		r.bookPath("parcels", strconv.FormatInt(parcel.ID, 10)), parcel.SeqFrom), nil
}

func (s *Server) newVoidVisit(r *request) (*voidPage, error) {
	v, err := s.findVisit(r)
	if err != nil {
		return nil, err
	}
	if v.Voided {
		return nil, ledger.E(ledger.Conflict, "record.voided", v.ParcelNo)
	}
	return s.newVoidPage(r, r.say("作废核查 ", "Void verification ")+v.ParcelNo+" · "+v.VerifiedOn.String(), v.ParcelName,
		r.say("作废后这次核查不再计入任何汇总；条目和原因都留在账簿里，不能撤回。", "The verification is in no sum any more. Its entries and the reason stay in the book; this cannot be undone."),
		r.bookPath("verifications", strconv.FormatInt(v.ID, 10)), v.SeqFrom), nil
}

func (s *Server) showVoidLot(w http.ResponseWriter, r *request)    { s.showVoid(w, r, s.newVoidLot) }
func (s *Server) showVoidParcel(w http.ResponseWriter, r *request) { s.showVoid(w, r, s.newVoidParcel) }
func (s *Server) showVoidVisit(w http.ResponseWriter, r *request)  { s.showVoid(w, r, s.newVoidVisit) }

func (s *Server) showVoid(w http.ResponseWriter, r *request, page func(*request) (*voidPage, error)) {
	p, err := page(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "void.html", p)
}

func (s *Server) voidLot(w http.ResponseWriter, r *request) {
	s.voidRecord(w, r, "lots", s.newVoidLot, func(id int64) (ledger.Receipt, error) {
		return auction.VoidLot(r.Context(), r.scope, r.actor(), r.key, id, seenEntry(r), r.text("reason"))
	})
}

func (s *Server) voidParcel(w http.ResponseWriter, r *request) {
	s.voidRecord(w, r, "parcels", s.newVoidParcel, func(id int64) (ledger.Receipt, error) {
		return landcheck.VoidParcel(r.Context(), r.scope, r.actor(), r.key, id, seenEntry(r), r.text("reason"))
	})
}

func (s *Server) voidVisit(w http.ResponseWriter, r *request) {
	s.voidRecord(w, r, "verifications", s.newVoidVisit, func(id int64) (ledger.Receipt, error) {
		return landcheck.VoidVerification(r.Context(), r.scope, r.actor(), r.key, id, seenEntry(r), r.text("reason"))
	})
}

func (s *Server) voidRecord(w http.ResponseWriter, r *request, list string, page func(*request) (*voidPage, error), void func(int64) (ledger.Receipt, error)) {
	id, err := recordID(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	receipt, err := void(id)
	if err == nil {
		s.metrics.appended(receipt)
		s.done(w, r, r.bookPath(list, strconv.FormatInt(id, 10))+"?done=voided")
		return
	}
	p, pageErr := page(r)
	if pageErr != nil {
		s.fail(w, r, err)
		return
	}
	p.Reason = r.text("reason")
	s.show(w, r, s.failForm(r, &p.Frame, err), "void.html", p)
}
