package web

import (
	"net/http"
	"strconv"

	"mingzhang/auction"
	"mingzhang/ledger"
)

// lotForm is the form in which a lot is entered or amended.
type lotForm struct {
	Frame
	Amends  bool
	LotNo   string // of the lot that is amended
	Action  string
	Back    string
	Key     string
	Seen    int64
	Input   auction.LotInput
	Lines   []lineForm
	More    int // lines that the form offers
	Reason  string
	Figures Figures
	Changed *changedMeanwhile

	Kinds, Trades, Methods, Outcomes, Units []Option
}

// lineForm is a priced line of the form with its place.
type lineForm struct {
	N     int
	Input auction.LineInput
}

// spareLines are the empty lines that a form offers beyond those that say something.
const spareLines = 1

func (s *Server) showLotForm(w http.ResponseWriter, r *request) {
	p, err := s.newLotForm(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.preview(r, false)
	s.show(w, r, http.StatusOK, "lot-form.html", p)
}

// newLotForm is the form as it opens: empty, or with the lot that is to be amended.
func (s *Server) newLotForm(r *request) (*lotForm, error) {
	p := &lotForm{Key: newKey(), Frame: s.frame(r, r.say("录入标的", "Enter a lot"))}
	p.Action, p.Back = p.At(r.bookPath("lots")), p.At(r.bookPath("lots"))
	blank := func(list []ledger.Choice) []Option {
		options := choices(r.lang, list)
		options[0].Label = r.say("（未填）", "(not given)")
		return options
	}
	p.Kinds, p.Trades, p.Methods = blank(auction.Kinds()), blank(auction.TradeKinds()), blank(auction.Methods())
	p.Outcomes, p.Units = blank(auction.Outcomes()), blank(auction.PriceUnits())
	if r.PathValue("id") == "" {
		p.setLines(nil)
		return p, nil
	}
	l, err := s.findLot(r)
	if err != nil {
		return nil, err
	}
	if l.Voided {
		return nil, ledger.E(ledger.Conflict, "record.voided", l.LotNo)
	}
	if p.Input, err = auction.LotInputOf(l); err != nil {
		return nil, err
	}
	p.Amends, p.LotNo, p.Seen = true, l.LotNo, l.SeqFrom
	p.Title = r.say("更正标的 ", "Amend lot ") + l.LotNo
	path := r.bookPath("lots", strconv.FormatInt(l.ID, 10))
	p.Action, p.Back = p.At(path+"/amend"), p.At(path)
	p.setLines(p.Input.Lines)
	return p, nil
}

func (p *lotForm) setLines(lines []auction.LineInput) {
	p.Lines, p.More = nil, len(lines)+spareLines
	for i := range p.More {
		line := lineForm{N: i}
		if i < len(lines) {
			line.Input = lines[i]
		}
		p.Lines = append(p.Lines, line)
	}
}

// typed takes what was typed into the form.
func (p *lotForm) typed(r *request) {
	p.Input = lotTyped(r)
	lines, _ := strconv.Atoi(r.text("lines"))
	for i := range min(lines, linesTypedMax) {
		p.Input.Lines = append(p.Input.Lines, lineTyped(r, i))
	}
	p.setLines(p.Input.Lines)
	p.Lines, p.More = p.Lines[:len(p.Input.Lines)], len(p.Input.Lines)
	p.Reason, p.Seen = r.text("reason"), seenEntry(r)
	if key := r.text("key"); key != "" {
		p.Key = key
	}
}

// linesTypedMax bounds the lines that a form can send, as the input does.
const linesTypedMax = 200

func lotTyped(r *request) auction.LotInput {
	t := r.text
	return auction.LotInput{
		LotNo: t("lot_no"), ProjectNo: t("project_no"), AssetName: t("asset_name"), Collective: t("collective"), Village: t("village"),
		Kind: t("kind"), TradeKind: t("trade_kind"), Method: t("method"), Term: t("term"), LeaseFrom: t("lease_from"), LeaseTo: t("lease_to"),
		RentFree: t("rent_free"), Escalation: t("escalation"), BaseTotal: t("base_total"), HammerTotal: t("hammer_total"),
		Outcome: t("outcome"), HammeredOn: t("hammered_on"), Winner: t("winner"), Registrants: t("registrants"), Bidders: t("bidders"),
		Deposit: t("deposit"), Remark: t("remark"),
	}
}

func lineTyped(r *request, i int) auction.LineInput {
	t := func(name string) string { return r.text("lines." + strconv.Itoa(i) + "." + name) }
	return auction.LineInput{
		AssetName: t("asset_name"), Quantity: t("quantity"), PriceUnit: t("price_unit"), BasePrice: t("base_price"),
		HammerPrice: t("hammer_price"), HammerUnit: t("hammer_unit"),
	}
}

// preview computes the figures of what is typed; with faults, it says them beside the fields.
func (p *lotForm) preview(r *request, faults bool) {
	state, err := auction.Preview(p.Input, r.today())
	if state == nil {
		state = new(auction.LotState)
	}
	p.Figures = lotFigures(r.lang, state)
	if faults {
		p.tell(err)
	}
}

// previewLot answers the figures alone, while the form is being filled in.
func (s *Server) previewLot(w http.ResponseWriter, r *request) {
	p := &lotForm{Frame: s.frame(r, "")}
	p.typed(r)
	p.preview(r, false)
	p.Figures.Swapped = true
	s.show(w, r, http.StatusOK, "figures", p.Figures)
}

// enterLot takes the form: it computes, adds a line, or records.
func (s *Server) enterLot(w http.ResponseWriter, r *request) {
	p, err := s.newLotForm(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.typed(r)
	switch r.text("do") {
	case "compute":
		p.preview(r, true)
		s.show(w, r, http.StatusOK, "lot-form.html", p)
		return
	case "line":
		p.setLines(p.Input.Lines)
		p.preview(r, false)
		s.show(w, r, http.StatusOK, "lot-form.html", p)
		return
	}
	receipt, id, err := s.recordLot(r, p)
	if err != nil {
		s.lotRefused(w, r, p, err)
		return
	}
	s.metrics.appended(receipt)
	done := "entered"
	if p.Amends {
		done = "amended"
	}
	s.done(w, r, r.bookPath("lots", strconv.FormatInt(id, 10))+"?done="+done)
}

// recordLot records what the form says and gives the number of the lot's record.
func (s *Server) recordLot(r *request, p *lotForm) (ledger.Receipt, int64, error) {
	if !p.Amends {
		receipt, err := auction.Record(r.Context(), r.scope, r.actor(), r.key, p.Input, r.today())
		return receipt, receipt.Last, err // the lot is the last of its command's entries
	}
	id, err := recordID(r)
	if err != nil {
		return ledger.Receipt{}, 0, err
	}
	receipt, err := auction.Amend(r.Context(), r.scope, r.actor(), r.key, id, p.Seen, p.Input, p.Reason, r.today())
	return receipt, id, err
}

// lotRefused shows the form again with what was typed, and with what somebody else changed meanwhile.
func (s *Server) lotRefused(w http.ResponseWriter, r *request, p *lotForm, err error) {
	if isChanged(err) {
		if l, findErr := s.findLot(r); findErr == nil {
			versions, historyErr := auction.History(r.Context(), r.book.DB(), r.scope, l.ID)
			p.Changed = s.changedMeanwhile(r, versions, historyErr, r.bookPath("lots", strconv.FormatInt(l.ID, 10)))
			p.Seen = l.SeqFrom // who sends it again has seen it
			p.Key = newKey()
		}
	}
	status := s.failForm(r, &p.Frame, err)
	p.preview(r, false)
	s.show(w, r, status, "lot-form.html", p)
}
