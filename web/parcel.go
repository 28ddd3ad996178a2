package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/review"
)

// landPage is a parcel, or one of its verifications, with all that the book knows of it.
type landPage struct {
	Frame
	Head     Title
	Void     bool
	Facts    []Facts
	Visits   Table
	Issued   Table  // the issued reports that it is in
	Verify   string // address of the form for a further verification
	Timeline []Entry
	Review   *reviewForm
	Reason   string // why it is returned, as it was typed
}

// findParcel finds the parcel that the address names, in the scope of the request.
func (s *Server) findParcel(r *request) (*landcheck.Parcel, error) {
	id, err := recordID(r)
	if err != nil {
		return nil, err
	}
	return landcheck.FindParcel(r.Context(), r.book.DB(), r.scope, id)
}

func (s *Server) showParcel(w http.ResponseWriter, r *request) {
	parcel, err := s.findParcel(r)
	var p *landPage
	if err == nil {
		p, err = s.parcelPage(r, parcel)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "parcel.html", p)
}

// landDone are the sentences after a form was taken.
func landDone(r *request) string {
	return doneNotice(r, map[string]ledger.Text{
		"entered": {ZH: "已录入账簿。", EN: "Entered in the book."}, "verified": {ZH: "核查已记录。", EN: "The verification is recorded."},
		"amended": {ZH: "已更正，等待复核。", EN: "Amended; it waits for review."}, "approved": {ZH: "已复核通过。", EN: "Approved."},
		"returned": {ZH: "已退回。", EN: "Returned."}, "voided": {ZH: "已作废。", EN: "Voided."},
	})
}

func (s *Server) parcelPage(r *request, parcel *landcheck.Parcel) (*landPage, error) {
	versions, err := landcheck.ParcelHistory(r.Context(), r.book.DB(), r.scope, parcel.ID)
	if err != nil {
		return nil, err
	}
	p := &landPage{Frame: s.frame(r, r.say("宗地 ", "Parcel ")+parcel.ParcelNo), Void: parcel.Voided}
	p.Notice = landDone(r)
	if p.Timeline, err = s.timeline(r, versions); err != nil {
		return nil, err
	}
	path := r.bookPath("parcels", strconv.FormatInt(parcel.ID, 10))
	p.Head = landHead(r, &p.Frame, p.Title, parcel.Name, path, parcel.Voided, parcel.Verdict)
	p.Head.Back = &Act{Name: r.say("全部宗地", "All parcels"), URL: p.At(r.bookPath("parcels"))}
	if !parcel.Voided && canIn(r, account.EnterLand) {
		p.Verify = p.At(path + "/verifications/new")
	}
	p.Facts = parcelFacts(r, parcel)
	p.Visits = visitTable(r, &p.Frame, parcel.Verifications)
	p.Review = newReviewForm(r, p.At(path+"/review"), parcel, parcel.Voided, versions)
	issued, err := parcel.IssuedWith(r.Context(), r.book.DB(), r.scope)
	p.Issued = issuedTable(r, &p.Frame, issued, 0)
	touchedNotice(r, &p.Frame, issued)
	return p, err
}

// landHead heads the page of a parcel or a verification.
func landHead(r *request, f *Frame, title, sub, path string, voided bool, verdict string) Title {
	t := Title{Text: title, Sub: sub}
	if voided {
		t.Chips = []Chip{{"bad", r.say("已作废", "voided")}}
		return t
	}
	t.Chips = []Chip{ReviewChip(r.lang, verdict)}
	if canIn(r, account.EnterLand) {
		t.Acts = []Act{
			{Name: r.say("更正", "Amend"), URL: f.At(path + "/amend"), Main: verdict == ledger.Returned},
			{Name: r.say("作废…", "Void…"), URL: f.At(path + "/void")},
		}
	}
	return t
}

func parcelFacts(r *request, p *landcheck.Parcel) []Facts {
	mu := r.say("亩", "mu")
	area := func(name string, a *ledger.Area) Item {
		item := Item{Name: name, Value: orNone(textOf(a))}
		if a != nil {
			item.Sub = mu
		}
		return item
	}
	floor := Item{Name: r.say("建筑面积（不计入土地）", "Floor area (not land)"), Value: none}
	if p.FloorArea != nil {
		floor.Value, floor.Sub = p.FloorArea.String(), "㎡"
	}
	what := Facts{Title: r.say("宗地", "The parcel"), Items: []Item{
		{Name: r.say("宗地编号", "Parcel number"), Value: p.ParcelNo}, {Name: r.say("宗地代码", "Parcel code"), Value: orNone(p.ParcelCode)},
		{Name: r.say("名称", "Name"), Value: orNone(p.Name)}, {Name: r.say("坐落", "Location"), Value: orNone(p.Location)}, {Name: r.say("所属村", "Village"), Value: orNone(p.Village)},
		{Name: r.say("备注", "Remark"), Value: orNone(p.Remark), Wide: true},
	}}
	if p.OtherColumns != "" {
		what.Items = append(what.Items, Item{Name: r.say("其他列（原文）", "Other columns (as written)"), Value: p.OtherColumns, Wide: true})
	}
	return []Facts{what, {Title: r.say("权属与面积", "Tenure and area"), Items: []Item{
		{Name: r.say("主体", "Owner"), Value: landcheck.Owner(p.Owner).Name().In(r.lang)}, {Name: r.say("类别", "Category"), Value: orNone(landcheck.CategoryName(p.Category).In(r.lang))},
		{Name: r.say("权属单位", "Holder"), Value: orNone(p.HolderName)}, {Name: r.say("权利类型", "Right"), Value: orNone(landcheck.RightName(p.TenureRight).In(r.lang))},
		{Name: r.say("权利性质", "Nature"), Value: orNone(landcheck.NatureName(p.TenureNature).In(r.lang))},
		area(r.say("证载面积", "Registered area"), p.RegisteredArea), area(r.say("核查面积（最近一次）", "Verified area (latest)"), p.VerifiedArea),
		{Name: r.say("核查日期", "Verified on"), Value: orNone(textOf(p.VerifiedOn))}, floor,
	}}}
}

func visitTable(r *request, f *Frame, visits []*landcheck.Verification) Table {
	t := Table{
		ID: "verifications", Caption: r.say("核查", "Verifications"), Quiet: true, Empty: r.say("还没有核查过。", "Not verified yet."),
		Columns: []Column{
			{Name: r.say("核查日期", "Verified on")}, {Name: r.say("核查面积", "Verified area"), Sub: r.say("亩", "mu"), Numeric: true}, {Name: r.say("结论", "Conclusions")},
			{Name: r.say("使用状况", "Use")}, {Name: r.say("核查人", "Officers")}, {Name: r.say("复核", "Review")},
		},
	}
	for _, v := range visits {
		in, chip := landcheck.VerificationInputOf(v, r.lang), ReviewChip(r.lang, v.Verdict)
		t.Rows = append(t.Rows, Row{URL: f.At(r.bookPath("verifications", strconv.FormatInt(v.ID, 10))), Void: v.Voided, Cells: []Cell{
			{Text: v.VerifiedOn.String(), Sub: lateMark(r, v.Late)}, {Text: orNone(textOf(v.VerifiedArea))}, {Text: orNone(in.Conclusion)}, {Text: orNone(in.UseState)}, {Text: orNone(in.Officers)}, {Chip: &chip},
		}})
	}
	return t
}

// reviewLand approves or returns a parcel or a verification, and goes back to its page; refused, it shows the page
// with what was typed.
func (s *Server) reviewLand(w http.ResponseWriter, r *request, t review.Target, path string, page func() (*landPage, error)) {
	r.seen = seenEntry(r)
	receipt, err := reviewed(r, t, r.text("verdict"), r.text("reason"))
	if err == nil {
		s.metrics.appended(receipt)
		s.done(w, r, path+"?done="+url.QueryEscape(r.text("verdict")))
		return
	}
	p, pageErr := page()
	if pageErr != nil {
		s.fail(w, r, pageErr)
		return
	}
	p.Reason = r.text("reason")
	s.show(w, r, s.failForm(r, &p.Frame, err), "parcel.html", p)
}

func (s *Server) reviewParcel(w http.ResponseWriter, r *request) {
	parcel, err := s.findParcel(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.reviewLand(w, r, parcel.Target(), r.bookPath("parcels", strconv.FormatInt(parcel.ID, 10)), func() (*landPage, error) { return s.parcelPage(r, parcel) })
}

// parcelForm is the form in which a parcel is entered or amended.
type parcelForm struct {
	Frame
	Amends  bool
	Action  string
	Back    string
	Key     string
	Seen    int64
	Input   landcheck.ParcelInput
	Reason  string
	Changed *changedMeanwhile
	Figures Figures

	Owners, Categories, Rights, Natures []Option
}

func (s *Server) newParcelForm(r *request) (*parcelForm, error) {
	p := &parcelForm{Key: newKey(), Frame: s.frame(r, r.say("录入宗地", "Enter a parcel"))}
	p.Action, p.Back = p.At(r.bookPath("parcels")), p.At(r.bookPath("parcels"))
	for _, list := range []struct {
		to   *[]Option
		from []ledger.Choice
	}{{&p.Owners, landcheck.Owners()}, {&p.Categories, landcheck.Categories()}, {&p.Rights, landcheck.TenureRights()}, {&p.Natures, landcheck.TenureNatures()}} {
		*list.to = choices(r.lang, list.from)
		(*list.to)[0].Label = r.say("（未填）", "(not given)")
	}
	if r.PathValue("id") == "" {
		return p, nil
	}
	parcel, err := s.findParcel(r)
	if err != nil {
		return nil, err
	}
	if parcel.Voided {
		return nil, ledger.E(ledger.Conflict, "record.voided", parcel.ParcelNo)
	}
	p.Input, p.Amends, p.Seen = landcheck.ParcelInputOf(parcel), true, parcel.SeqFrom
	p.Title = r.say("更正宗地 ", "Amend parcel ") + parcel.ParcelNo
	path := r.bookPath("parcels", strconv.FormatInt(parcel.ID, 10))
	p.Action, p.Back = p.At(path+"/amend"), p.At(path)
	return p, nil
}

// typed takes what was typed into the form.
func (p *parcelForm) typed(r *request) {
	t := r.text
	p.Input = landcheck.ParcelInput{
		ParcelNo: t("parcel_no"), ParcelCode: t("parcel_code"), Name: t("name"), Owner: t("owner"), Category: t("category"), Holder: t("holder"),
		Village: t("village"), Location: t("location"), TenureRight: t("tenure_right"), TenureNature: t("tenure_nature"),
		RegisteredArea: t("registered_area"), FloorArea: t("floor_area"), Remark: t("remark"),
	}
	p.Reason, p.Seen = t("reason"), seenEntry(r)
	if key := t("key"); key != "" {
		p.Key = key
	}
}

// preview shows the registered area in mu, whatever unit it was typed in.
func (p *parcelForm) preview(r *request, faults bool) {
	p.Figures = areaFigures(r, r.say("证载面积", "Registered area"), p.Input.RegisteredArea)
	_, err := landcheck.PreviewParcel(p.Input)
	if faults {
		p.tell(err)
	}
}

// areaFigures is an area that is being typed, in mu and in square metres.
func areaFigures(r *request, name, typed string) Figures {
	f := Figures{ID: "figures", Title: r.say("由系统换算", "Converted"), Note: r.say("1㎡＝0.0015亩；1公顷＝15亩。只写数字按亩计。", "1 ㎡ = 0.0015 mu; 1 hectare = 15 mu. A bare number is mu.")}
	item := Item{Name: name, Value: none, Numeric: true}
	if area, _, err := ledger.ParseAreaText(strings.TrimSpace(typed), ledger.Mu); err == nil && typed != "" {
		item.Value, item.Sub = area.String(), r.say("亩", "mu")
	}
	f.Items = []Item{item}
	return f
}

func (s *Server) showParcelForm(w http.ResponseWriter, r *request) {
	p, err := s.newParcelForm(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.preview(r, false)
	s.show(w, r, http.StatusOK, "parcel-form.html", p)
}

// previewParcel answers the figures alone, while a form is being filled in.
func (s *Server) previewParcel(w http.ResponseWriter, r *request) {
	name, typed := r.say("证载面积", "Registered area"), r.text("registered_area")
	if r.Form.Has("verified_area") {
		name, typed = r.say("核查面积", "Verified area"), r.text("verified_area")
	}
	f := areaFigures(r, name, typed)
	f.Swapped = true
	s.show(w, r, http.StatusOK, "figures", f)
}

// enterParcel takes the form.
func (s *Server) enterParcel(w http.ResponseWriter, r *request) {
	p, err := s.newParcelForm(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.typed(r)
	if r.text("do") == "compute" {
		p.preview(r, true)
		s.show(w, r, http.StatusOK, "parcel-form.html", p)
		return
	}
	var receipt ledger.Receipt
	id, done := int64(0), "entered"
	if !p.Amends {
		receipt, err = landcheck.RecordParcel(r.Context(), r.scope, r.actor(), r.key, p.Input)
		id = receipt.Last // the parcel is the last of its command's entries
	} else if id, err = recordID(r); err == nil {
		done = "amended"
		receipt, err = landcheck.AmendParcel(r.Context(), r.scope, r.actor(), r.key, id, p.Seen, p.Input, p.Reason)
	}
	if err == nil {
		s.metrics.appended(receipt)
		s.done(w, r, r.bookPath("parcels", strconv.FormatInt(id, 10))+"?done="+done)
		return
	}
	if p.Amends && isChanged(err) {
		if parcel, findErr := s.findParcel(r); findErr == nil {
			versions, historyErr := landcheck.ParcelHistory(r.Context(), r.book.DB(), r.scope, parcel.ID)
			p.Changed = s.changedMeanwhile(r, versions, historyErr, r.bookPath("parcels", strconv.FormatInt(parcel.ID, 10)))
			p.Seen, p.Key = parcel.SeqFrom, newKey()
		}
	}
	status := s.failForm(r, &p.Frame, err)
	p.preview(r, false)
	s.show(w, r, status, "parcel-form.html", p)
}
