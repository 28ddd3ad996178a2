package web

import (
	"context"
	"net/http"
	"strconv"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func lotAPI() []route {
	const lots, one = "/api/v1/books/{book}/lots", "/api/v1/books/{book}/lots/{id}"
	return []route{
		{method: "GET", pattern: lots, needs: account.ReadBook, api: endpoint(ledger.Text{ZH: "标的清单", EN: "list lots"}, http.StatusOK, apiLots)},
		{method: "GET", pattern: lots + ".ndjson", needs: account.ExportBook, api: stream(ledger.Text{ZH: "全部标的，每行一条", EN: "all lots, one a line"}, apiLotStream)},
		{method: "POST", pattern: lots, needs: account.EnterLots, api: endpoint(ledger.Text{ZH: "录入标的", EN: "enter a lot"}, http.StatusCreated, apiEnterLot)},
		{method: "POST", pattern: lots + "/preview", needs: account.EnterLots, api: endpoint(ledger.Text{ZH: "试算，不写入", EN: "compute without writing"}, http.StatusOK, apiPreviewLot)},
		{method: "GET", pattern: one, needs: account.ReadBook, api: endpoint(ledger.Text{ZH: "一条标的", EN: "one lot"}, http.StatusOK, apiLot)},
		{method: "PUT", pattern: one, needs: account.EnterLots, api: endpoint(ledger.Text{ZH: "更正标的", EN: "amend a lot"}, http.StatusOK, apiAmendLot).amends()},
		{method: "POST", pattern: one + "/void", needs: account.EnterLots, api: endpoint(ledger.Text{ZH: "作废标的", EN: "void a lot"}, http.StatusOK, apiVoidLot).amends()},
		{method: "GET", pattern: one + "/history", needs: account.ReadBook, api: endpoint(ledger.Text{ZH: "标的的经过", EN: "history of a lot"}, http.StatusOK, apiLotHistory)},
		{method: "POST", pattern: one + "/review", needs: account.Review, api: endpoint(ledger.Text{ZH: "复核标的", EN: "review a lot"}, http.StatusOK, apiReviewLot).amends()},
	}
}

// lotOut is a listing as the API gives it. Amounts are in yuan.
type lotOut struct {
	ID              int64                 `json:"id"`
	Entry           int64                 `json:"entry"`
	RecordedAt      string                `json:"recorded_at,omitempty"` // of one lot; lists leave it out
	RecordedBy      string                `json:"recorded_by,omitempty"`
	Voided          bool                  `json:"voided"`
	Verdict         string                `json:"verdict"` // waiting, approved, returned
	Late            bool                  `json:"late"`    // it came into the book after a report had closed its period
	LotNo           string                `json:"lot_no"`
	Listing         int64                 `json:"listing"`
	ProjectNo       string                `json:"project_no,omitempty"`
	AssetName       string                `json:"asset_name,omitempty"`
	Collective      string                `json:"collective,omitempty"`
	Village         string                `json:"village,omitempty"`
	Kind            string                `json:"kind,omitempty"`
	TradeKind       string                `json:"trade_kind,omitempty"`
	Method          string                `json:"method,omitempty"`
	Direction       string                `json:"direction"`
	Outcome         string                `json:"outcome"`
	HammeredOn      *ledger.Day           `json:"hammered_on,omitempty"`
	BaseTotal       *ledger.Money         `json:"base_total,omitempty"`
	HammerTotal     *ledger.Money         `json:"hammer_total,omitempty"`
	ContractTotal   *ledger.Money         `json:"contract_total,omitempty"`
	Premium         *ledger.Money         `json:"premium,omitempty"`
	PremiumRate     *ledger.Rate          `json:"premium_rate,omitempty"`
	RateDefinition  ledger.RateDefinition `json:"rate_definition,omitempty"`
	BaseFirstYear   *ledger.Money         `json:"base_first_year,omitempty"`
	HammerFirstYear *ledger.Money         `json:"hammer_first_year,omitempty"`
	Convention      string                `json:"convention,omitempty"`
	Lines           []auction.Line        `json:"lines,omitempty"`
	Claims          []auction.Claim       `json:"claims,omitempty"`
	Term            string                `json:"term,omitempty"`
	TermMonths      *int64                `json:"term_months,omitempty"`
	TermDays        *int64                `json:"term_days,omitempty"`
	LeaseFrom       *ledger.Day           `json:"lease_from,omitempty"`
	LeaseTo         *ledger.Day           `json:"lease_to,omitempty"`
	RentFree        string                `json:"rent_free,omitempty"`
	Escalation      string                `json:"escalation,omitempty"`
	Registrants     *int64                `json:"registrants,omitempty"`
	Bidders         *int64                `json:"bidders,omitempty"`
	Deposit         *ledger.Money         `json:"deposit,omitempty"`
	Winner          string                `json:"winner,omitempty"`
	Remark          string                `json:"remark,omitempty"`
	Import          *int64                `json:"import,omitempty"`
	Source          *ledger.Source        `json:"source,omitempty"`
	Issued          []issuedIn            `json:"issued,omitempty"` // of one lot: the issued reports that it is in
}

// newLotOut is the row as the API gives it; what only the entry knows is added by whoever has read it.
func newLotOut(l *auction.Lot) *lotOut {
	out := &lotOut{
		ID: l.ID, Entry: l.SeqFrom, Voided: l.Voided, Verdict: standingWord(l.Verdict), Late: l.Late, LotNo: l.LotNo, Listing: l.Listing, ProjectNo: l.ProjectNo,
		AssetName: l.AssetName, Collective: l.Collective, Village: l.Village, Kind: l.Kind, TradeKind: l.TradeKind, Method: l.Method,
		Direction: l.Direction, Outcome: l.Outcome, HammeredOn: l.HammeredOn, BaseTotal: l.BaseTotal, HammerTotal: l.HammerTotal,
		ContractTotal: l.HammerTotal, BaseFirstYear: l.BaseFirstYear, HammerFirstYear: l.HammerFirstYear, Term: l.Term,
		TermMonths: l.TermMonths, TermDays: l.TermDays, LeaseFrom: l.LeaseFrom, LeaseTo: l.LeaseTo, RentFree: l.RentFree,
		Escalation: l.Escalation, Registrants: l.Registrants, Bidders: l.Bidders, Deposit: l.Deposit, Winner: l.WinnerName,
		Remark: l.Remark, Import: l.Import,
	}
	if out.Premium, out.PremiumRate = premiumOf(l); out.PremiumRate != nil {
		out.RateDefinition = ledger.OnContractTotal
	}
	return out
}

// with adds what the state says beyond the row.
func (out *lotOut) with(s *auction.LotState) {
	out.Convention, out.Lines, out.Claims = s.Convention, s.Lines, s.Claims
}

// standingWord is the standing of a record in the API: an empty verdict waits.
func standingWord(verdict string) string {
	if verdict == "" {
		return "waiting"
	}
	return verdict
}

// lotsIn is the filter of the list.
type lotsIn struct {
	pageQuery
	lotFilterIn
}

type lotFilterIn struct {
	asOfQuery
	Search    string      `query:"search" validate:"max=100"`
	Outcome   string      `query:"outcome" validate:"omitempty,oneof=hammered confirmed disputed defaulted terminated unsold withdrawn"`
	Kind      string      `query:"kind" validate:"max=200"`
	TradeKind string      `query:"trade_kind" validate:"max=200"`
	Method    string      `query:"method" validate:"max=200"`
	Village   string      `query:"village" validate:"max=200"`
	Review    string      `query:"review" validate:"omitempty,oneof=waiting approved returned"`
	Winner    string      `query:"winner" validate:"max=200"`
	Import    int64       `query:"import" validate:"min=0"`
	From      *ledger.Day `query:"from"`
	To        *ledger.Day `query:"to"`
	Sort      string      `query:"sort" validate:"omitempty,oneof=-id lot_no hammered_on -hammered_on hammer_total -hammer_total"`
}

func (in lotFilterIn) filter() auction.LotFilter {
	return auction.LotFilter{
		Search: in.Search, Outcome: auction.Outcome(in.Outcome), Kind: in.Kind, TradeKind: in.TradeKind, Method: in.Method, Village: in.Village,
		Review: in.Review, Winner: in.Winner, Import: in.Import, From: in.From, To: in.To, Sort: in.Sort,
	}
}

func apiLots(ctx context.Context, r *request, in *lotsIn) (*listPage[*lotOut], error) {
	lots, next, err := auction.List(ctx, r.book.DB(), r.scope, in.filter(), ledger.Page{After: in.After, Limit: in.size()})
	if err != nil {
		return nil, err
	}
	items := make([]*lotOut, len(lots))
	for i, l := range lots {
		items[i] = newLotOut(l)
	}
	return newPage(items, next), nil
}

// eachLot goes through all lots of a filter, page by page.
func eachLot(ctx context.Context, r *request, f auction.LotFilter, each func(*auction.Lot) error) error {
	for page := (ledger.Page{Limit: ledger.PageMax}); ; {
		lots, next, err := auction.List(ctx, r.book.DB(), r.scope, f, page)
		if err != nil {
			return err
		}
		for _, l := range lots {
			if err := each(l); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		page.After = next
	}
}

type lotStreamIn struct{ lotFilterIn }

func apiLotStream(ctx context.Context, r *request, in *lotStreamIn, yield func(*lotOut) error) error {
	if err := r.note(ctx, "exported", "lots.ndjson"); err != nil {
		return err
	}
	return eachLot(ctx, r, in.filter(), func(l *auction.Lot) error { return yield(newLotOut(l)) })
}

type lotBody struct{ Body auction.LotInput }

func apiEnterLot(ctx context.Context, r *request, in *lotBody) (*recorded, error) {
	receipt, err := auction.Record(ctx, r.scope, r.actor(), r.key, in.Body, r.today())
	if err != nil {
		return nil, err
	}
	createdAt(r, "lots", strconv.FormatInt(receipt.Last, 10))
	return r.recorded(receipt.Last, receipt), nil
}

// lotFiguresOut is what follows from an input.
type lotFiguresOut struct {
	BaseTotal      *ledger.Money         `json:"base_total,omitempty"`
	HammerTotal    *ledger.Money         `json:"hammer_total,omitempty"`
	ContractTotal  *ledger.Money         `json:"contract_total,omitempty"`
	Premium        *ledger.Money         `json:"premium,omitempty"`
	PremiumRate    *ledger.Rate          `json:"premium_rate,omitempty"`
	RateDefinition ledger.RateDefinition `json:"rate_definition,omitempty"`
	Capital        string                `json:"capital,omitempty"` // 大写 of the contract total
	Claims         []auction.Claim       `json:"claims,omitempty"`
}

func apiPreviewLot(_ context.Context, r *request, in *lotBody) (*lotFiguresOut, error) {
	s, err := auction.Preview(in.Body, r.today())
	if err != nil {
		return nil, err
	}
	out := &lotFiguresOut{BaseTotal: s.BaseTotal, HammerTotal: s.HammerTotal, ContractTotal: s.HammerTotal, Claims: s.Claims}
	if s.HammerTotal != nil {
		out.Capital = s.HammerTotal.Capital()
	}
	if m, ok := s.Premium(); ok && s.Direction == auction.Sale {
		out.Premium = &m
		if rate, ok := ledger.PremiumRate(ledger.OnContractTotal, *s.BaseTotal, *s.HammerTotal); ok {
			out.PremiumRate, out.RateDefinition = &rate, ledger.OnContractTotal
		}
	}
	return out, nil
}

// recordIn names a record of the book.
type recordIn struct {
	asOfQuery
	ID int64 `path:"id" validate:"min=0"`
}

func apiLot(ctx context.Context, r *request, in *recordIn) (*lotOut, error) {
	l, err := auction.Find(ctx, r.book.DB(), r.scope, in.ID)
	if err != nil {
		return nil, err
	}
	state, err := l.State()
	if err != nil {
		return nil, err
	}
	out := newLotOut(l)
	out.with(state)
	head, err := ledger.HeadOf(l.SeqFrom, l.Body)
	if err != nil {
		return nil, err
	}
	out.RecordedAt, out.RecordedBy, out.Source = head.At.UTC().Format(instantForm), head.Actor.String(), head.Source
	issued, err := l.IssuedWith(ctx, r.book.DB(), r.scope)
	out.Issued = newIssuedIn(issued, l.SeqFrom)
	return out, err
}

// headOf reads the head of one entry of the request's book.
func headOf(ctx context.Context, r *request, seq int64) (ledger.EntryHead, error) {
	id, err := r.scope.BookID()
	if err != nil {
		return ledger.EntryHead{}, err
	}
	heads, err := ledger.Heads(ctx, r.book.DB(), id, []int64{seq})
	if err != nil {
		return ledger.EntryHead{}, err
	}
	if len(heads) == 0 {
		return ledger.EntryHead{}, ledger.E(ledger.Tampered, "book.tree_broken", r.book.Code)
	}
	return heads[0], nil
}

type amendLotIn struct {
	ID   int64 `path:"id" validate:"min=0"`
	Body struct {
		auction.LotInput
		Reason string `json:"reason" validate:"required,max=4000"`
	}
}

func apiAmendLot(ctx context.Context, r *request, in *amendLotIn) (*recorded, error) {
	receipt, err := auction.Amend(ctx, r.scope, r.actor(), r.key, in.ID, r.seen, in.Body.LotInput, in.Body.Reason, r.today())
	if err != nil {
		return nil, err
	}
	return r.recorded(in.ID, receipt), nil
}

type voidIn struct {
	ID   int64 `path:"id" validate:"min=0"`
	Body struct {
		Reason string `json:"reason" validate:"required,max=4000"`
	}
}

func apiVoidLot(ctx context.Context, r *request, in *voidIn) (*recorded, error) {
	receipt, err := auction.VoidLot(ctx, r.scope, r.actor(), r.key, in.ID, r.seen, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return r.recorded(in.ID, receipt), nil
}

func apiLotHistory(ctx context.Context, r *request, in *recordIn) (*historyOut, error) {
	versions, err := auction.History(ctx, r.book.DB(), r.scope, in.ID)
	if err != nil {
		return nil, err
	}
	return newHistory(versions), nil
}

type reviewIn struct {
	ID   int64 `path:"id" validate:"min=0"`
	Body verdictBody
}

func apiReviewLot(ctx context.Context, r *request, in *reviewIn) (*recorded, error) {
	l, err := auction.Find(ctx, r.book.DB(), r.scope, in.ID)
	if err != nil {
		return nil, err
	}
	receipt, err := reviewed(r, l.Target(), in.Body.Verdict, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return r.reviewedOut(in.ID, l.SeqFrom, receipt), nil
}
