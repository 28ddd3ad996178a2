package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func parcelRoutes() []route {
	const parcels, one = "/books/{book}/parcels", "/books/{book}/parcels/{id}"
	const visit = "/books/{book}/verifications/{id}"
	return []route{
		{method: "GET", pattern: parcels, needs: account.ReadBook, page: (*Server).listParcels, past: true},
		{method: "GET", pattern: "/books/{book}/parcels.csv", needs: account.ExportBook, page: (*Server).downloadParcels, past: true},
		{method: "GET", pattern: parcels + "/new", needs: account.EnterLand, page: (*Server).showParcelForm},
		{method: "POST", pattern: parcels + "/preview", needs: account.EnterLand, page: (*Server).previewParcel},
		{method: "POST", pattern: parcels, needs: account.EnterLand, page: (*Server).enterParcel},
		{method: "GET", pattern: one, needs: account.ReadBook, page: (*Server).showParcel, past: true},
		{method: "GET", pattern: one + "/amend", needs: account.EnterLand, page: (*Server).showParcelForm},
		{method: "POST", pattern: one + "/amend", needs: account.EnterLand, page: (*Server).enterParcel},
		{method: "GET", pattern: one + "/void", needs: account.EnterLand, page: (*Server).showVoidParcel},
		{method: "POST", pattern: one + "/void", needs: account.EnterLand, page: (*Server).voidParcel},
		{method: "POST", pattern: one + "/review", needs: account.Review, page: (*Server).reviewParcel},
		{method: "GET", pattern: one + "/verifications/new", needs: account.EnterLand, page: (*Server).showVisitForm},
		{method: "POST", pattern: one + "/verifications", needs: account.EnterLand, page: (*Server).enterVisit},
		{method: "GET", pattern: visit, needs: account.ReadBook, page: (*Server).showVisit, past: true},
		{method: "GET", pattern: visit + "/amend", needs: account.EnterLand, page: (*Server).showVisitForm},
		{method: "POST", pattern: visit + "/amend", needs: account.EnterLand, page: (*Server).enterVisit},
		{method: "GET", pattern: visit + "/void", needs: account.EnterLand, page: (*Server).showVoidVisit},
		{method: "POST", pattern: visit + "/void", needs: account.EnterLand, page: (*Server).voidVisit},
		{method: "POST", pattern: visit + "/review", needs: account.Review, page: (*Server).reviewVisit},
	}
}

// parcelsPage is the list of parcels. Its filter is its address.
type parcelsPage struct {
	Frame
	Filter     parcelQuery
	Owners     []Option
	Categories []Option
	Table      Table
	Pager      Pager
	Download   string
	Enter      bool
	Filtered   bool
}

// parcelQuery is the filter of the list as the address has it.
type parcelQuery struct{ Search, Owner, Category, Village, Review, Verified, Import, Sort, After string }

func readParcelQuery(r *request) parcelQuery {
	return parcelQuery{
		Search: r.text("search"), Owner: r.text("owner"), Category: r.text("category"), Village: r.text("village"), Review: r.text("review"),
		Verified: r.text("verified"), Import: r.text("import"), Sort: r.text("sort"), After: r.text("after"),
	}
}

// values are the filter as an address has it, without what it does not say.
func (q parcelQuery) values() url.Values {
	v := url.Values{}
	for name, text := range map[string]string{
		"search": q.Search, "owner": q.Owner, "category": q.Category, "village": q.Village, "review": q.Review, "verified": q.Verified,
		"import": q.Import, "sort": q.Sort,
	} {
		if text != "" {
			v.Set(name, text)
		}
	}
	return v
}

func (q parcelQuery) filter() (landcheck.ParcelFilter, error) {
	f := landcheck.ParcelFilter{
		Search: q.Search, Owner: q.Owner, Category: q.Category, Village: q.Village, Review: q.Review, Verified: q.Verified, Sort: q.Sort,
	}
	var err error
	f.Import, err = importNumber(q.Import)
	return f, err
}

// importNumber reads the number of an import in a filter; blank asks nothing.
func importNumber(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, ledger.E(ledger.Invalid, "number.unreadable", text).On("import")
	}
	return n, nil
}

func (s *Server) listParcels(w http.ResponseWriter, r *request) {
	p := &parcelsPage{Frame: s.frame(r, r.say("宗地", "Parcels")), Filter: readParcelQuery(r), Enter: canIn(r, account.EnterLand)}
	p.Owners, p.Categories = choices(r.lang, landcheck.Owners()), choices(r.lang, landcheck.Categories())
	query := p.Filter.values()
	p.Filtered = len(query) > 0
	if canIn(r, account.ExportBook) {
		p.Download = "/books/" + r.book.Code + "/parcels.csv?" + query.Encode()
	}
	f, err := p.Filter.filter()
	var parcels []*landcheck.Parcel
	var next string
	if err == nil {
		parcels, next, err = landcheck.ListParcels(r.Context(), r.book.DB(), r.scope, f, ledger.Page{After: p.Filter.After})
	}
	var n int
	if err == nil {
		n, err = landcheck.CountUpTo(r.Context(), r.book.DB(), r.scope, f, countedUpTo)
	}
	status := statusOr(err)
	if err != nil {
		status = s.failForm(r, &p.Frame, err)
	}
	p.Table = parcelTable(r, &p.Frame, parcels, p.Filter)
	p.Pager = Pager{Shown: len(parcels), Total: Count(n, countedUpTo)}
	if p.Filter.After != "" {
		p.Pager.First = p.At(r.bookPath("parcels") + "?" + query.Encode())
	}
	if next != "" {
		query.Set("after", next)
		p.Pager.Next = p.At(r.bookPath("parcels") + "?" + query.Encode())
	}
	s.show(w, r, status, "parcels.html", p)
}

func parcelTable(r *request, f *Frame, parcels []*landcheck.Parcel, q parcelQuery) Table {
	mu := r.say("亩", "mu")
	t := Table{
		ID: "parcels", Caption: r.say("宗地", "Parcels"), Quiet: true, Empty: r.say("没有符合条件的宗地。", "No parcel fits."),
		Columns: []Column{
			{Name: r.say("宗地编号", "Parcel number")}, {Name: r.say("名称", "Name"), Lead: true}, {Name: r.say("主体", "Owner")}, {Name: r.say("类别", "Category")},
			{Name: r.say("权属单位", "Holder")}, {Name: r.say("证载面积", "Registered area"), Sub: mu, Numeric: true},
			{Name: r.say("核查面积", "Verified area"), Sub: mu, Numeric: true}, {Name: r.say("核查日期", "Verified on")}, {Name: r.say("复核", "Review")},
		},
	}
	sortable(&t.Columns[0], f, r.bookPath("parcels"), q.values(), q.Sort, [2]string{"parcel_no", ""})
	for _, p := range parcels {
		chip := ReviewChip(r.lang, p.Verdict)
		row := Row{URL: f.At(r.bookPath("parcels", strconv.FormatInt(p.ID, 10))), Void: p.Voided}
		row.Cells = []Cell{
			{Text: p.ParcelNo}, {Text: orNone(p.Name)}, {Text: landcheck.Owner(p.Owner).Name().In(r.lang)}, {Text: orNone(landcheck.CategoryName(p.Category).In(r.lang))},
			{Text: orNone(p.HolderName)}, {Text: orNone(textOf(p.RegisteredArea))}, {Text: orNone(textOf(p.VerifiedArea))}, {Text: orNone(textOf(p.VerifiedOn))}, {Chip: &chip},
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// downloadParcels sends all parcels of the filter, in the columns of a register.
func (s *Server) downloadParcels(w http.ResponseWriter, r *request) {
	f, err := readParcelQuery(r).filter()
	if err == nil {
		err = r.note(r.Context(), "exported", "parcels.csv")
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	page, more := ledger.Page{Limit: ledger.PageMax}, true
	s.sendCSV(w, r, "parcels-"+r.book.Code, parcelColumns(r), func(ctx context.Context) ([][]string, error) {
		if !more {
			return nil, nil
		}
		parcels, next, err := landcheck.ListParcels(ctx, r.book.DB(), r.scope, f, page)
		page.After, more = next, next != ""
		rows := make([][]string, len(parcels))
		for i, p := range parcels {
			rows[i] = parcelCells(r, p)
		}
		return rows, err
	})
}

func parcelColumns(r *request) []string {
	return []string{
		r.say("宗地编号", "parcel_no"), r.say("宗地代码", "parcel_code"), r.say("宗地名称", "name"), r.say("主体", "owner"), r.say("类别", "category"),
		r.say("权属单位", "holder"), r.say("所属村", "village"), r.say("坐落", "location"), r.say("权利类型", "tenure_right"), r.say("权利性质", "tenure_nature"),
		r.say("证载面积(亩)", "registered_area(亩)"), r.say("建筑面积(㎡)", "floor_area(㎡)"), r.say("核查面积(亩)", "verified_area(亩)"), r.say("核查日期", "verified_on"), r.say("备注", "remark"),
	}
}

func parcelCells(r *request, p *landcheck.Parcel) []string {
	no := p.ParcelNo
	if p.NumberedByBook {
		no = "" // the number is the book's own
	}
	return []string{
		no, p.ParcelCode, p.Name, landcheck.Owner(p.Owner).Name().In(r.lang), landcheck.CategoryName(p.Category).In(r.lang), p.HolderName, p.Village, p.Location,
		landcheck.RightName(p.TenureRight).In(r.lang), landcheck.NatureName(p.TenureNature).In(r.lang), textOf(p.RegisteredArea), textOf(p.FloorArea), textOf(p.VerifiedArea), textOf(p.VerifiedOn), p.Remark,
	}
}
