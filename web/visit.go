package web

import (
	"errors"
	"net/http"
	"strconv"

	"mingzhang/landcheck"
	"mingzhang/ledger"
)

// isChanged holds for a record that somebody else changed since it was shown.
func isChanged(err error) bool {
	e, ok := errors.AsType[*ledger.Error](err)
	return ok && e.Reason == "record.changed"
}

// findVisit finds the verification that the address names, in the scope of the request.
func (s *Server) findVisit(r *request) (*landcheck.Verification, error) {
	id, err := recordID(r)
	if err != nil {
		return nil, err
	}
	return landcheck.FindVerification(r.Context(), r.book.DB(), r.scope, id)
}

func (s *Server) showVisit(w http.ResponseWriter, r *request) {
	v, err := s.findVisit(r)
	var p *landPage
	if err == nil {
		p, err = s.visitPage(r, v)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "parcel.html", p)
}

func (s *Server) visitPage(r *request, v *landcheck.Verification) (*landPage, error) {
	versions, err := landcheck.VerificationHistory(r.Context(), r.book.DB(), r.scope, v.ID)
	if err != nil {
		return nil, err
	}
	p := &landPage{Frame: s.frame(r, r.say("核查 ", "Verification ")+v.ParcelNo+" · "+v.VerifiedOn.String()), Void: v.Voided}
	p.Notice = landDone(r)
	if p.Timeline, err = s.timeline(r, versions); err != nil {
		return nil, err
	}
	path := r.bookPath("verifications", strconv.FormatInt(v.ID, 10))
	p.Head = landHead(r, &p.Frame, p.Title, v.ParcelName, path, v.Voided, v.Verdict)
	p.Head.Back = &Act{Name: r.say("宗地 ", "Parcel ") + v.ParcelNo, URL: p.At(r.bookPath("parcels", strconv.FormatInt(v.Parcel, 10)))}
	in := landcheck.VerificationInputOf(v, r.lang)
	area := Item{Name: r.say("核查面积", "Verified area"), Value: orNone(textOf(v.VerifiedArea))}
	if v.VerifiedArea != nil {
		area.Sub = r.say("亩", "mu")
	}
	p.Facts = []Facts{{Title: r.say("核查", "The verification"), Items: []Item{
		{Name: r.say("核查日期", "Verified on"), Value: v.VerifiedOn.String()}, area, {Name: r.say("结论", "Conclusions"), Value: orNone(in.Conclusion)},
		{Name: r.say("使用状况", "Use"), Value: orNone(in.UseState)}, {Name: r.say("核查人", "Officers"), Value: orNone(in.Officers)},
		{Name: r.say("备注", "Remark"), Value: orNone(v.Remark), Wide: true},
	}}}
	p.Review = newReviewForm(r, p.At(path+"/review"), v, v.Voided, versions)
	if v.Late {
		p.Head.Chips = append(p.Head.Chips, lateChip(r))
	}
	issued, err := v.IssuedWith(r.Context(), r.book.DB(), r.scope)
	p.Issued = issuedTable(r, &p.Frame, issued, v.SeqFrom)
	touchedNotice(r, &p.Frame, issued)
	return p, err
}

func (s *Server) reviewVisit(w http.ResponseWriter, r *request) {
	v, err := s.findVisit(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.reviewLand(w, r, v.Target(), r.bookPath("verifications", strconv.FormatInt(v.ID, 10)), func() (*landPage, error) { return s.visitPage(r, v) })
}

// visitForm is the form in which a verification is recorded or amended.
type visitForm struct {
	Frame
	Amends  bool
	Parcel  string
	Action  string
	Back    string
	Key     string
	Seen    int64
	Input   landcheck.VerificationInput
	Reason  string
	Changed *changedMeanwhile
	Figures Figures

	Conclusions, UseStates string // the usual words, for a hint
}

// newVisitForm is the form as it opens: for a further verification of a parcel, or with the one to be amended.
func (s *Server) newVisitForm(r *request) (*visitForm, error) {
	p := &visitForm{Key: newKey(), Frame: s.frame(r, "")}
	p.Conclusions, p.UseStates = usualWords(r, landcheck.Conclusions()), usualWords(r, landcheck.UseStates())
	if p.Amends = r.route.pattern == "/books/{book}/verifications/{id}/amend"; !p.Amends {
		parcel, err := s.findParcel(r)
		if err != nil {
			return nil, err
		}
		path := r.bookPath("parcels", strconv.FormatInt(parcel.ID, 10))
		p.Title, p.Parcel = r.say("记录核查：", "Record a verification: ")+parcel.ParcelNo, parcel.Name
		p.Action, p.Back = p.At(path+"/verifications"), p.At(path)
		return p, nil
	}
	v, err := s.findVisit(r)
	if err != nil {
		return nil, err
	}
	if v.Voided {
		return nil, ledger.E(ledger.Conflict, "record.voided", v.ParcelNo)
	}
	path := r.bookPath("verifications", strconv.FormatInt(v.ID, 10))
	p.Title, p.Parcel = r.say("更正核查：", "Amend a verification: ")+v.ParcelNo, v.ParcelName
	p.Action, p.Back = p.At(path+"/amend"), p.At(path)
	p.Input, p.Seen = landcheck.VerificationInputOf(v, r.lang), v.SeqFrom
	return p, nil
}

func usualWords(r *request, list []ledger.Choice) string {
	words := ""
	for i, c := range list {
		if i > 0 {
			words += r.say("、", ", ")
		}
		words += c.Name.In(r.lang)
	}
	return words
}

func (p *visitForm) typed(r *request) {
	t := r.text
	p.Input = landcheck.VerificationInput{
		VerifiedOn: t("verified_on"), VerifiedArea: t("verified_area"), Officers: t("officers"), Conclusion: t("conclusion"), UseState: t("use_state"), Remark: t("remark"),
	}
	p.Reason, p.Seen = t("reason"), seenEntry(r)
	if key := t("key"); key != "" {
		p.Key = key
	}
}

func (p *visitForm) preview(r *request, faults bool) {
	p.Figures = areaFigures(r, r.say("核查面积", "Verified area"), p.Input.VerifiedArea)
	_, err := landcheck.PreviewVerification(p.Input, r.today())
	if faults {
		p.tell(err)
	}
}

func (s *Server) showVisitForm(w http.ResponseWriter, r *request) {
	p, err := s.newVisitForm(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.preview(r, false)
	s.show(w, r, http.StatusOK, "visit-form.html", p)
}

// enterVisit takes the form.
func (s *Server) enterVisit(w http.ResponseWriter, r *request) {
	p, err := s.newVisitForm(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.typed(r)
	if r.text("do") == "compute" {
		p.preview(r, true)
		s.show(w, r, http.StatusOK, "visit-form.html", p)
		return
	}
	id, err := recordID(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	var receipt ledger.Receipt
	to := r.bookPath("parcels", strconv.FormatInt(id, 10)) + "?done=verified"
	if p.Amends {
		to = r.bookPath("verifications", strconv.FormatInt(id, 10)) + "?done=amended"
		receipt, err = landcheck.AmendVerification(r.Context(), r.scope, r.actor(), r.key, id, p.Seen, p.Input, p.Reason, r.today())
	} else {
		receipt, err = landcheck.Verify(r.Context(), r.scope, r.actor(), r.key, id, p.Input, r.today())
	}
	if err == nil {
		s.metrics.appended(receipt)
		s.done(w, r, to)
		return
	}
	if p.Amends && isChanged(err) {
		if v, findErr := s.findVisit(r); findErr == nil {
			versions, historyErr := landcheck.VerificationHistory(r.Context(), r.book.DB(), r.scope, v.ID)
			p.Changed = s.changedMeanwhile(r, versions, historyErr, r.bookPath("verifications", strconv.FormatInt(v.ID, 10)))
			p.Seen, p.Key = v.SeqFrom, newKey()
		}
	}
	status := s.failForm(r, &p.Frame, err)
	p.preview(r, false)
	s.show(w, r, status, "visit-form.html", p)
}
