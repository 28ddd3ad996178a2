package web

import (
	"context"
	"net/http"
	"strconv"

	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func parcelAPI() []route {
	const parcels, one = "/api/v1/books/{book}/parcels", "/api/v1/books/{book}/parcels/{id}"
	const visit = "/api/v1/books/{book}/verifications/{id}"
	return []route{
		{method: "GET", pattern: parcels, needs: account.ReadBook, api: endpoint(ledger.Text{ZH: "宗地清单", EN: "list parcels"}, http.StatusOK, apiParcels)},
		{method: "GET", pattern: parcels + ".ndjson", needs: account.ExportBook, api: stream(ledger.Text{ZH: "全部宗地，每行一条", EN: "all parcels, one a line"}, apiParcelStream)},
		{method: "POST", pattern: parcels, needs: account.EnterLand, api: endpoint(ledger.Text{ZH: "录入宗地", EN: "enter a parcel"}, http.StatusCreated, apiEnterParcel)},
		{method: "GET", pattern: one, needs: account.ReadBook, api: endpoint(ledger.Text{ZH: "一宗地", EN: "one parcel"}, http.StatusOK, apiParcel)},
		{method: "PUT", pattern: one, needs: account.EnterLand, api: endpoint(ledger.Text{ZH: "更正宗地", EN: "amend a parcel"}, http.StatusOK, apiAmendParcel).amends()},
		{method: "POST", pattern: one + "/void", needs: account.EnterLand, api: endpoint(ledger.Text{ZH: "作废宗地", EN: "void a parcel"}, http.StatusOK, apiVoidParcel).amends()},
		{method: "GET", pattern: one + "/history", needs: account.ReadBook, api: endpoint(ledger.Text{ZH: "宗地的经过", EN: "history of a parcel"}, http.StatusOK, apiParcelHistory)},
		{method: "POST", pattern: one + "/review", needs: account.Review, api: endpoint(ledger.Text{ZH: "复核宗地", EN: "review a parcel"}, http.StatusOK, apiReviewParcel).amends()},
		{method: "POST", pattern: one + "/verifications", needs: account.EnterLand, api: endpoint(ledger.Text{ZH: "记录核查", EN: "record a verification"}, http.StatusCreated, apiVerify)},
		{method: "GET", pattern: visit, needs: account.ReadBook, api: endpoint(ledger.Text{ZH: "一次核查", EN: "one verification"}, http.StatusOK, apiVisit)},
		{method: "PUT", pattern: visit, needs: account.EnterLand, api: endpoint(ledger.Text{ZH: "更正核查", EN: "amend a verification"}, http.StatusOK, apiAmendVisit).amends()},
		{method: "POST", pattern: visit + "/void", needs: account.EnterLand, api: endpoint(ledger.Text{ZH: "作废核查", EN: "void a verification"}, http.StatusOK, apiVoidVisit).amends()},
		{method: "GET", pattern: visit + "/history", needs: account.ReadBook, api: endpoint(ledger.Text{ZH: "核查的经过", EN: "history of a verification"}, http.StatusOK, apiVisitHistory)},
		{method: "POST", pattern: visit + "/review", needs: account.Review, api: endpoint(ledger.Text{ZH: "复核核查", EN: "review a verification"}, http.StatusOK, apiReviewVisit).amends()},
	}
}

// parcelOut is a parcel as the API gives it. Areas are in mu, but for floor areas.
type parcelOut struct {
	ID             int64                `json:"id"`
	Entry          int64                `json:"entry"`
	RecordedAt     string               `json:"recorded_at,omitempty"` // of one parcel; lists leave it out
	RecordedBy     string               `json:"recorded_by,omitempty"`
	Voided         bool                 `json:"voided"`
	Verdict        string               `json:"verdict"` // waiting, approved, returned
	ParcelNo       string               `json:"parcel_no"`
	ParcelCode     string               `json:"parcel_code,omitempty"`
	Name           string               `json:"name,omitempty"`
	Owner          string               `json:"owner"`
	Category       string               `json:"category,omitempty"`
	Holder         string               `json:"holder,omitempty"`
	Village        string               `json:"village,omitempty"`
	Location       string               `json:"location,omitempty"`
	TenureRight    string               `json:"tenure_right,omitempty"`
	TenureNature   string               `json:"tenure_nature,omitempty"`
	RegisteredArea *ledger.Area         `json:"registered_area_mu,omitempty"`
	FloorArea      *landcheck.FloorArea `json:"floor_area_m2,omitempty"`
	VerifiedOn     *ledger.Day          `json:"verified_on,omitempty"` // of the latest verification that found an area
	VerifiedArea   *ledger.Area         `json:"verified_area_mu,omitempty"`
	Remark         string               `json:"remark,omitempty"`
	Import         *int64               `json:"import,omitempty"`
	Verifications  []*visitOut          `json:"verifications,omitempty"`
	Source         *ledger.Source       `json:"source,omitempty"`
}

// visitOut is a verification as the API gives it.
type visitOut struct {
	ID           int64        `json:"id"`
	Entry        int64        `json:"entry"`
	Voided       bool         `json:"voided"`
	Verdict      string       `json:"verdict"`
	Late         bool         `json:"late"` // it came into the book after a report had closed its period
	Parcel       int64        `json:"parcel"`
	ParcelNo     string       `json:"parcel_no"`
	VerifiedOn   ledger.Day   `json:"verified_on"`
	VerifiedArea *ledger.Area `json:"verified_area_mu,omitempty"`
	Conclusion   string       `json:"conclusion,omitempty"` // in words, as a register has them
	UseState     string       `json:"use_state,omitempty"`
	Officers     []string     `json:"officers,omitempty"`
	Remark       string       `json:"remark,omitempty"`
	Import       *int64       `json:"import,omitempty"`
}

func newParcelOut(lang ledger.Lang, p *landcheck.Parcel) *parcelOut {
	out := &parcelOut{
		ID: p.ID, Entry: p.SeqFrom, Voided: p.Voided, Verdict: standingWord(p.Verdict), ParcelNo: p.ParcelNo, ParcelCode: p.ParcelCode, Name: p.Name,
		Owner: p.Owner, Category: p.Category, Holder: p.HolderName, Village: p.Village, Location: p.Location, TenureRight: p.TenureRight,
		TenureNature: p.TenureNature, RegisteredArea: p.RegisteredArea, FloorArea: p.FloorArea, VerifiedOn: p.VerifiedOn,
		VerifiedArea: p.VerifiedArea, Remark: p.Remark, Import: p.Import,
	}
	for _, v := range p.Verifications {
		out.Verifications = append(out.Verifications, newVisitOut(lang, v))
	}
	return out
}

func newVisitOut(lang ledger.Lang, v *landcheck.Verification) *visitOut {
	in := landcheck.VerificationInputOf(v, lang)
	return &visitOut{
		ID: v.ID, Entry: v.SeqFrom, Voided: v.Voided, Verdict: standingWord(v.Verdict), Late: v.Late, Parcel: v.Parcel, ParcelNo: v.ParcelNo, VerifiedOn: v.VerifiedOn,
		VerifiedArea: v.VerifiedArea, Conclusion: in.Conclusion, UseState: in.UseState, Officers: v.OfficerNames, Remark: v.Remark, Import: v.Import,
	}
}

// parcelsIn is the filter of the list.
type parcelsIn struct {
	pageQuery
	parcelFilterIn
}

type parcelFilterIn struct {
	asOfQuery
	Search   string `query:"search" validate:"max=100"`
	Owner    string `query:"owner" validate:"omitempty,oneof=collective state undetermined"`
	Category string `query:"category" validate:"max=200"`
	Village  string `query:"village" validate:"max=200"`
	Review   string `query:"review" validate:"omitempty,oneof=waiting approved returned"`
	Verified string `query:"verified" validate:"omitempty,oneof=yes no"`
	Import   int64  `query:"import" validate:"min=0"`
	Sort     string `query:"sort" validate:"omitempty,oneof=-id parcel_no"`
}

func (in parcelFilterIn) filter() landcheck.ParcelFilter {
	return landcheck.ParcelFilter{
		Search: in.Search, Owner: in.Owner, Category: in.Category, Village: in.Village, Review: in.Review, Verified: in.Verified, Import: in.Import, Sort: in.Sort,
	}
}

func apiParcels(ctx context.Context, r *request, in *parcelsIn) (*listPage[*parcelOut], error) {
	parcels, next, err := landcheck.ListParcels(ctx, r.book.DB(), r.scope, in.filter(), ledger.Page{After: in.After, Limit: in.size()})
	if err != nil {
		return nil, err
	}
	items := make([]*parcelOut, len(parcels))
	for i, p := range parcels {
		items[i] = newParcelOut(r.lang, p)
	}
	return newPage(items, next), nil
}

type parcelStreamIn struct{ parcelFilterIn }

func apiParcelStream(ctx context.Context, r *request, in *parcelStreamIn, yield func(*parcelOut) error) error {
	if err := r.note(ctx, "exported", "parcels.ndjson"); err != nil {
		return err
	}
	for page := (ledger.Page{Limit: ledger.PageMax}); ; {
		parcels, next, err := landcheck.ListParcels(ctx, r.book.DB(), r.scope, in.filter(), page)
		if err != nil {
			return err
		}
		for _, p := range parcels {
			if err := yield(newParcelOut(r.lang, p)); err != nil {
				return err
			}
		}
		if page.After = next; next == "" {
			return nil
		}
	}
}

type parcelBody struct{ Body landcheck.ParcelInput }

func apiEnterParcel(ctx context.Context, r *request, in *parcelBody) (*recorded, error) {
	receipt, err := landcheck.RecordParcel(ctx, r.scope, r.actor(), r.key, in.Body)
	if err != nil {
		return nil, err
	}
	createdAt(r, "parcels", strconv.FormatInt(receipt.Last, 10))
	return r.recorded(receipt.Last, receipt), nil
}

func apiParcel(ctx context.Context, r *request, in *recordIn) (*parcelOut, error) {
	p, err := landcheck.FindParcel(ctx, r.book.DB(), r.scope, in.ID)
	if err != nil {
		return nil, err
	}
	head, err := headOf(ctx, r, p.SeqFrom)
	if err != nil {
		return nil, err
	}
	out := newParcelOut(r.lang, p)
	out.RecordedAt, out.RecordedBy, out.Source = head.At.UTC().Format(instantForm), head.Actor.String(), head.Source
	return out, nil
}

type amendParcelIn struct {
	ID   int64 `path:"id" validate:"min=0"`
	Body struct {
		landcheck.ParcelInput
		Reason string `json:"reason" validate:"required,max=4000"`
	}
}

func apiAmendParcel(ctx context.Context, r *request, in *amendParcelIn) (*recorded, error) {
	receipt, err := landcheck.AmendParcel(ctx, r.scope, r.actor(), r.key, in.ID, r.seen, in.Body.ParcelInput, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return r.recorded(in.ID, receipt), nil
}

func apiVoidParcel(ctx context.Context, r *request, in *voidIn) (*recorded, error) {
	receipt, err := landcheck.VoidParcel(ctx, r.scope, r.actor(), r.key, in.ID, r.seen, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return r.recorded(in.ID, receipt), nil
}

func apiParcelHistory(ctx context.Context, r *request, in *recordIn) (*historyOut, error) {
	versions, err := landcheck.ParcelHistory(ctx, r.book.DB(), r.scope, in.ID)
	if err != nil {
		return nil, err
	}
	return newHistory(versions), nil
}

func apiReviewParcel(ctx context.Context, r *request, in *reviewIn) (*recorded, error) {
	p, err := landcheck.FindParcel(ctx, r.book.DB(), r.scope, in.ID)
	if err != nil {
		return nil, err
	}
	receipt, err := reviewed(r, p.Target(), in.Body.Verdict, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return r.reviewedOut(in.ID, p.SeqFrom, receipt), nil
}

type visitBody struct {
	ID   int64 `path:"id" validate:"min=0"` // of the parcel
	Body landcheck.VerificationInput
}

func apiVerify(ctx context.Context, r *request, in *visitBody) (*recorded, error) {
	receipt, err := landcheck.Verify(ctx, r.scope, r.actor(), r.key, in.ID, in.Body, r.today())
	if err != nil {
		return nil, err
	}
	createdAt(r, "verifications", strconv.FormatInt(receipt.Last, 10))
	return r.recorded(receipt.Last, receipt), nil
}

func apiVisit(ctx context.Context, r *request, in *recordIn) (*visitOut, error) {
	v, err := landcheck.FindVerification(ctx, r.book.DB(), r.scope, in.ID)
	if err != nil {
		return nil, err
	}
	return newVisitOut(r.lang, v), nil
}

type amendVisitIn struct {
	ID   int64 `path:"id" validate:"min=0"`
	Body struct {
		landcheck.VerificationInput
		Reason string `json:"reason" validate:"required,max=4000"`
	}
}

func apiAmendVisit(ctx context.Context, r *request, in *amendVisitIn) (*recorded, error) {
	receipt, err := landcheck.AmendVerification(ctx, r.scope, r.actor(), r.key, in.ID, r.seen, in.Body.VerificationInput, in.Body.Reason, r.today())
	if err != nil {
		return nil, err
	}
	return r.recorded(in.ID, receipt), nil
}

func apiVoidVisit(ctx context.Context, r *request, in *voidIn) (*recorded, error) {
	receipt, err := landcheck.VoidVerification(ctx, r.scope, r.actor(), r.key, in.ID, r.seen, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return r.recorded(in.ID, receipt), nil
}

func apiVisitHistory(ctx context.Context, r *request, in *recordIn) (*historyOut, error) {
	versions, err := landcheck.VerificationHistory(ctx, r.book.DB(), r.scope, in.ID)
	if err != nil {
		return nil, err
	}
	return newHistory(versions), nil
}

func apiReviewVisit(ctx context.Context, r *request, in *reviewIn) (*recorded, error) {
	v, err := landcheck.FindVerification(ctx, r.book.DB(), r.scope, in.ID)
	if err != nil {
		return nil, err
	}
	receipt, err := reviewed(r, v.Target(), in.Body.Verdict, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return r.reviewedOut(in.ID, v.SeqFrom, receipt), nil
}
