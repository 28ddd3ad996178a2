package web

import (
	"net/http"
	"strconv"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/report"
	"mingzhang/ledger/review"
)

// What a desk shows of a book at most: it says what waits, the lists behind it show all.
const (
	deskBooks    = 6   // with what waits in them; further ones by name
	deskReturned = 5   // records that were given back
	deskRecent   = 6   // entries of one's own
	deskLookBack = 300 // newest entries among which one's own are looked for
	deskCount    = 100 // what waits is counted up to here
)

// deskPage is the first page of who is signed in: what waits for them, book by book.
type deskPage struct {
	Frame
	Desks      []deskBook
	More       []BookFrame // books beyond the first ones
	Administer bool
	Backup     *Notice // there is none, or none lately
}

// deskBook is what waits in a book.
type deskBook struct {
	BookFrame
	Roles    string
	Tiles    []Tile
	Acts     []Act
	Returned Table
	All      string // address of all that was given back
	Recent   Table
}

func (s *Server) showDesk(w http.ResponseWriter, r *request) {
	own := r.who.Books()
	if len(own) == 1 { // the ways on are those of the only book
		if book, err := s.store.Book(r.Context(), own[0]); err == nil {
			in := *r
			in.book = book
			r = &in
		}
	}
	p := &deskPage{Frame: s.frame(r, r.say("工作台", "Desk")), Administer: r.who.Can(account.Administer), Backup: s.backupNotice(r)}
	if p.Book != nil {
		p.Books = append(p.Books, *p.Book)
	}
	for i, b := range p.Books {
		if i >= deskBooks {
			p.More = append(p.More, b)
			continue
		}
		desk, err := s.deskOf(r, p.Frame, b)
		if ledger.CodeOf(err) == ledger.NotFound {
			continue // dropped, or the right taken away, a moment ago
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		p.Desks = append(p.Desks, *desk)
	}
	p.Books = nil // they all stand below
	s.show(w, r, http.StatusOK, "desk.html", p)
}

// deskOf looks into one book with the eyes of who asks.
func (s *Server) deskOf(r *request, f Frame, b BookFrame) (*deskBook, error) {
	book, err := s.store.Book(r.Context(), b.Code)
	if err != nil {
		return nil, err
	}
	in := *r // as a request about this book
	in.book = book
	if in.scope, err = r.who.Scope(r.Context(), book, account.ReadBook); err != nil {
		return nil, err
	}
	d := &deskBook{BookFrame: b, Roles: roleNames(&in)}
	d.URL = f.At(bookPath(b.Code, "summary"))
	can := func(c account.Can) bool { return canIn(&in, c) }
	if can(account.Review) {
		if err := d.waiting(&in, f); err != nil {
			return nil, err
		}
	}
	if can(account.Issue) || can(account.Audit) {
		if err := s.deskFigures(&in, f, d); err != nil {
			return nil, err
		}
	}
	if can(account.Audit) {
		if err := s.deskProofs(&in, f, d); err != nil {
			return nil, err
		}
	}
	if can(account.EnterLots) || can(account.EnterLand) {
		if err := s.deskOwn(&in, f, d); err != nil {
			return nil, err
		}
	}
	d.acts(&in, f, can)
	return d, nil
}

// waiting counts what waits for a reviewer.
func (d *deskBook) waiting(r *request, f Frame) error {
	ctx, db := r.Context(), r.book.DB()
	scope, err := r.who.Scope(ctx, r.book, account.Review)
	if err != nil {
		return err
	}
	imports, err := review.UnreviewedImports(ctx, db, scope, deskCount)
	if err != nil {
		return err
	}
	page := ledger.Page{Limit: deskCount}
	lots, _, err := auction.Waiting(ctx, db, scope, page)
	if err != nil {
		return err
	}
	parcels, _, err := landcheck.WaitingParcels(ctx, db, scope, page)
	if err != nil {
		return err
	}
	visits, _, err := landcheck.WaitingVerifications(ctx, db, scope, page)
	if err != nil {
		return err
	}
	queue := f.At(bookPath(r.book.Code, "review"))
	for _, t := range []struct {
		name, unit ledger.Text
		n          int
	}{
		{ledger.Text{ZH: "待复核的导入", EN: "Imports to review"}, ledger.Text{ZH: "份", EN: ""}, imports},
		{ledger.Text{ZH: "待复核的标的", EN: "Lots to review"}, ledger.Text{ZH: "宗", EN: ""}, len(lots)},
		{ledger.Text{ZH: "待复核的宗地和核查", EN: "Parcels and verifications to review"}, ledger.Text{ZH: "条", EN: ""}, len(parcels) + len(visits)},
	} {
		d.Tiles = append(d.Tiles, Tile{Name: t.name.In(r.lang), Value: Count(t.n, deskCount), Unit: t.unit.In(r.lang), URL: queue, Waits: t.n > 0})
	}
	return nil
}

// deskFigures are the figures of the half-year.
func (s *Server) deskFigures(r *request, f Frame, d *deskBook) error {
	a := s.askedOf(r)
	summary, err := summarise(r.Context(), r.scope, a)
	if err != nil {
		return err
	}
	t, to := summary.Trades, f.At(r.bookPath("summary")+a.query())
	d.Tiles = append(d.Tiles,
		Tile{Name: r.say("成交", "Hammered"), Value: group(int(t.Hammered)), Unit: r.say("宗", "lots"), Sub: summary.From.String() + r.say(" 至 ", " to ") + summary.To.String(), URL: to},
		Tile{Name: r.say("合同总标的", "Contract total"), Value: t.ContractTotal.Wan(), Unit: r.say("万元", "×10,000 yuan"), Sub: r.say("已复核 ", "reviewed ") + group(int(t.Reviewed)) + " / " + group(int(t.Hammered)), URL: to},
		Tile{Name: r.say("溢价", "Premium"), Value: t.PremiumTotal.Wan(), Unit: r.say("万元", "×10,000 yuan"), Sub: r.say("溢价率 ", "rate ") + report.Percent(t.PremiumRate), URL: to},
	)
	return nil
}

// deskProofs are what an auditor begins with.
func (s *Server) deskProofs(r *request, f Frame, d *deskBook) error {
	head, err := r.book.Head(r.Context())
	if err != nil {
		return err
	}
	check := s.checkView(r)
	state := check.About
	value := r.say("未校验", "not checked")
	switch {
	case check.Under:
		value = r.say("校验中", "under way")
	case check.State == "done" && check.Clean:
		value = r.say("完好", "clean")
	case check.State == "done":
		value = r.say("已损坏", "broken")
	}
	d.Tiles = append(d.Tiles,
		Tile{Name: r.say("链首凭证", "Checkpoint"), Value: group(int(head.Size)), Unit: r.say("条", "entries"), Sub: showInstant(head.At), URL: f.At(r.bookPath())},
		Tile{Name: r.say("账簿校验", "Check of the book"), Value: value, Sub: state, URL: f.At(r.bookPath("check")), Waits: check.State == "done" && !check.Clean},
	)
	return nil
}

// deskOwn is what was given back to somebody who enters, and what they entered last.
func (s *Server) deskOwn(r *request, f Frame, d *deskBook) error {
	made := []review.Subjects{{Kind: "lot", Table: auction.Lots()}, {Kind: "parcel", Table: landcheck.Parcels()}, {Kind: "verification", Table: landcheck.Verifications()}}
	returned, err := review.ReturnedTo(r.Context(), r.book.DB(), r.scope, r.actor(), made, deskCount)
	if err != nil {
		return err
	}
	d.All = f.At(r.bookPath("returned"))
	d.Tiles = append(d.Tiles, Tile{Name: r.say("退回给我的", "Returned to me"), Value: Count(len(returned), deskCount), Unit: r.say("条", ""), URL: d.All, Waits: len(returned) > 0})
	if err := s.deskTables(r, f, d, returned[:min(len(returned), deskReturned)]); err != nil {
		return err
	}
	recent, err := r.book.EntriesBefore(r.Context(), "", 0, deskLookBack)
	if err != nil {
		return err
	}
	d.Recent = Table{Caption: r.say("我最近的录入", "What I entered last"), Columns: []Column{
		{Name: r.say("对象", "What it is about")}, {Name: r.say("操作", "What was done")}, {Name: r.say("时间", "Time")}, {Name: r.say("条目", "Entry"), Numeric: true},
	}}
	for _, e := range recent {
		to := recordURL(r.book.Code, e.Kind, e.Record)
		if e.Actor != r.actor() || to == "" || e.Source != nil || len(d.Recent.Rows) >= deskRecent {
			continue // what an import made stands there as the import
		}
		seq := strconv.FormatInt(e.Seq, 10)
		d.Recent.Rows = append(d.Recent.Rows, Row{URL: f.At(to), Cells: []Cell{
			{Text: entrySubject(r.lang, e)}, {Chip: entryChip(r.lang, e.Kind)}, {Text: showInstant(e.At)}, {Text: seq, URL: f.At(r.bookPath("entries", seq))},
		}})
	}
	return nil
}

// deskTables lists what was given back, with the reason.
func (s *Server) deskTables(r *request, f Frame, d *deskBook, returned []review.ReturnedRecord) error {
	d.Returned = Table{Caption: r.say("退回给我的", "Returned to me"), Columns: []Column{
		{Name: r.say("对象", "What it is about")}, {Name: r.say("原因", "Reason"), Lead: true}, {Name: r.say("复核人", "Reviewer")}, {Name: r.say("时间", "Time")},
	}}
	actors := make([]ledger.Actor, len(returned))
	for i, back := range returned {
		actors[i] = back.By
	}
	name, err := s.names(r.Context(), actors)
	if err != nil {
		return err
	}
	for _, back := range returned {
		e, err := r.book.EntryAt(r.Context(), back.Entry)
		if err != nil {
			return err
		}
		d.Returned.Rows = append(d.Returned.Rows, Row{URL: f.At(recordURL(r.book.Code, e.Kind, back.Record)), Cells: []Cell{
			{Text: nameOfKind(e.Kind).name.In(r.lang) + " " + entrySubject(r.lang, e)}, {Text: back.Reason}, {Text: name(back.By)}, {Text: showInstant(back.At)},
		}})
	}
	return nil
}

// acts are the ways on that one takes most often; the first one is the main one.
func (d *deskBook) acts(r *request, f Frame, can func(account.Can) bool) {
	for _, a := range []struct {
		can    account.Can
		path   []string
		zh, en string
	}{
		{account.EnterLots, []string{"lots", "new"}, "录入标的", "Enter a lot"},
		{account.EnterLand, []string{"parcels", "new"}, "录入宗地", "Enter a parcel"},
		{account.EnterLots, []string{"import"}, "导入台账", "Import a register"},
		{account.EnterLand, []string{"import"}, "导入宗地", "Import parcels"},
		{account.Review, []string{"review"}, "复核", "Review"},
		{account.ReadBook, []string{"lots"}, "查标的", "Lots"},
		{account.ReadBook, []string{"parcels"}, "查宗地", "Parcels"},
		{account.ReadBook, []string{"summary"}, "汇总", "Summary"},
		{account.ReadBook, []string{"statement"}, "语句核对", "Statement check"},
		{account.ReadBook, nil, "账簿", "Book"},
	} {
		to := f.At(bookPath(r.book.Code, a.path...))
		if !can(a.can) || len(d.Acts) > 0 && d.Acts[len(d.Acts)-1].URL == to {
			continue
		}
		d.Acts = append(d.Acts, Act{Name: r.say(a.zh, a.en), URL: to, Main: len(d.Acts) == 0 && a.can != account.ReadBook})
	}
}
