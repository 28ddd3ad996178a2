package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/review"
)

// madeByImports are the kinds of records that an import may have made.
func madeByImports() []review.Subjects {
	return []review.Subjects{{Kind: "lot", Table: auction.Lots()}, {Kind: "parcel", Table: landcheck.Parcels()}, {Kind: "verification", Table: landcheck.Verifications()}}
}

// importsPage lists imports.
type importsPage struct {
	Frame
	Table Table
	Pager Pager
	Start string // where one begins; "" for whoever enters nothing
	Part  bool   // the person sees a part of the book only: imports are of the whole
}

// importsShown is how many imports a page of the list has.
const importsShown = 50

func (s *Server) listImports(w http.ResponseWriter, r *request) {
	before, err := placeIn(r.text("after"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	list, err := review.Imports(r.Context(), r.book.DB(), r.scope, madeByImports(), before, importsShown+1)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := &importsPage{Frame: s.frame(r, r.say("导入", "Imports")), Part: !r.scope.Whole()}
	if canIn(r, account.EnterLots) || canIn(r, account.EnterLand) {
		p.Start = p.At(r.bookPath("import"))
	}
	if before != 0 {
		p.Pager.First = p.At(r.bookPath("imports"))
	}
	if len(list) > importsShown {
		list = list[:importsShown]
		p.Pager.Next = p.At(r.bookPath("imports") + "?after=" + strconv.FormatInt(list[importsShown-1].Entry, 10))
	}
	p.Pager.Shown = len(list)
	if p.Table, err = s.importTable(r, &p.Frame, list); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "imports.html", p)
}

// placeIn reads the number of the entry after which a page begins; 0 is the first page.
func placeIn(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, ledger.E(ledger.Invalid, "page.unreadable").On("after")
	}
	return n, nil
}

// registerName is the name of what a file was imported as.
func registerName(what string) ledger.Text {
	for _, k := range []register{lotRegister(), parcelRegister()} {
		if k.Code == what {
			return k.Name
		}
	}
	return ledger.Text{ZH: what, EN: what}
}

// importChip shows where the review of an import stands.
func importChip(r *request, i *review.Imported) Chip {
	switch {
	case i.Waiting > 0 && i.Verdict == "":
		return Chip{"wait", r.say("待复核 ", "to review: ") + group(int(i.Waiting))}
	case i.Waiting > 0:
		return Chip{"wait", r.say("例外待复核 ", "exceptions to review: ") + group(int(i.Waiting))}
	case i.Standing == 0:
		return Chip{"off", r.say("已全部更正或作废", "all amended or voided")}
	case i.Verdict != "":
		return ReviewChip(r.lang, i.Verdict)
	}
	return Chip{"good", r.say("已逐条复核", "reviewed one by one")}
}

func (s *Server) importTable(r *request, f *Frame, list []*review.Imported) (Table, error) {
	t := Table{ID: "imports", Caption: r.say("导入", "Imports"), Quiet: true, Columns: []Column{
		{Name: r.say("编号", "Import")}, {Name: r.say("文件", "File"), Lead: true}, {Name: r.say("内容", "Register")}, {Name: r.say("记录", "Records"), Numeric: true},
		{Name: r.say("导入人", "By")}, {Name: r.say("时间", "At")}, {Name: r.say("复核", "Review")},
	}}
	var actors []ledger.Actor
	for _, i := range list {
		actors = append(actors, i.Actor)
	}
	name, err := s.names(r.Context(), actors)
	if err != nil {
		return t, err
	}
	for _, i := range list {
		chip := importChip(r, i)
		t.Rows = append(t.Rows, Row{URL: f.At(r.bookPath("imports", strconv.FormatInt(i.Entry, 10))), Cells: []Cell{
			{Text: strconv.FormatInt(i.Entry, 10)}, {Text: orNone(i.FileName)}, {Text: registerName(i.What).In(r.lang)}, {Text: group(int(i.Records))},
			{Text: name(i.Actor)}, {Text: showInstant(i.At)}, {Chip: &chip},
		}})
	}
	return t, nil
}

// importPage is one import with what it made.
type importPage struct {
	Frame
	Head    Title
	Tiles   []Tile
	Facts   Facts
	Table   Table // the lots or parcels
	Visits  Table // the verifications
	Pager   Pager
	Review  *importReview
	Numbers string // exceptions as they were typed
	Reason  string
}

// importReview is the form that reviews an import; nil for whoever may not.
type importReview struct {
	Action, Key string
	Own, Part   bool
	Label       string // of the exceptions
}

func (s *Server) findImport(r *request) (*review.Imported, error) {
	id, err := recordID(r)
	if err != nil {
		return nil, err
	}
	return review.Look(r.Context(), r.book.DB(), r.scope, r.actor(), madeByImports(), id)
}

func (s *Server) showImport(w http.ResponseWriter, r *request) {
	i, err := s.findImport(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p, err := s.importPage(r, i)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "import-one.html", p)
}

func (s *Server) importPage(r *request, i *review.Imported) (*importPage, error) {
	p := &importPage{Frame: s.frame(r, r.say("导入 ", "Import ")+strconv.FormatInt(i.Entry, 10))}
	p.Notice = doneNotice(r, map[string]ledger.Text{
		"imported": {ZH: "已记入账簿，等待复核。", EN: "Recorded in the book; it waits for review."},
		"approved": {ZH: "已复核通过。", EN: "Approved."}, "returned": {ZH: "已退回。", EN: "Returned."},
	})
	name, err := s.names(r.Context(), []ledger.Actor{i.Actor})
	if err != nil {
		return nil, err
	}
	chip := importChip(r, i)
	p.Head = Title{
		Text: r.say("导入 ", "Import ") + strconv.FormatInt(i.Entry, 10), Sub: i.FileName, Chips: []Chip{chip},
		Back: &Act{Name: r.say("全部导入", "All imports"), URL: p.At(r.bookPath("imports"))},
	}
	p.Facts = Facts{Title: r.say("来源", "Where it came from"), Items: []Item{
		{Name: r.say("文件", "File"), Value: orNone(i.FileName)}, {Name: r.say("内容", "Register"), Value: registerName(i.What).In(r.lang)},
		{Name: r.say("导入人", "By"), Value: name(i.Actor)}, {Name: r.say("时间", "At"), Value: showInstant(i.At)},
		{Name: r.say("条目", "Entry"), Value: strconv.FormatInt(i.Entry, 10), URL: p.At(r.bookPath("entries", strconv.FormatInt(i.Entry, 10)))},
		{Name: "SHA-256", Value: i.FileSHA256, Wide: true, Sub: r.say("文件的指纹：与手中的文件相同，就是同一个文件", "of the file: the same digits, the same file")},
	}}
	p.Tiles = []Tile{
		{Name: r.say("写入的记录", "Records written"), Value: group(int(i.Records))}, {Name: r.say("仍为现行", "Still current"), Value: group(int(i.Standing))},
		{Name: r.say("待复核", "To review"), Value: group(int(i.Waiting)), Waits: i.Waiting > 0},
	}
	if scope, err := r.who.Scope(r.Context(), r.book, account.Review); err == nil && i.Standing > 0 {
		p.Review = &importReview{
			Action: p.At(r.bookPath("imports", strconv.FormatInt(i.Entry, 10), "review")), Key: newKey(), Own: i.EnteredBy == r.actor().String(),
			Part: !scope.Whole(), Label: r.say("除外的宗地编号", "Parcel numbers to leave out"),
		}
	}
	if p.Review != nil && !p.Review.Own && !p.Review.Part {
		p.Head.Acts = []Act{{Name: r.say("复核整批 ↓", "Review it ↓"), URL: "#verdict", Main: i.Waiting > 0}}
	}
	if p.Review != nil && i.What == "lots" {
		p.Review.Label = r.say("除外的交易编号", "Lot numbers to leave out")
	}
	return p, s.fillImport(r, p, i)
}

// fillImport reads a page of what the import made, and what it adds up to.
func (s *Server) fillImport(r *request, p *importPage, i *review.Imported) error {
	db, page := r.book.DB(), ledger.Page{After: r.text("after"), Limit: importsShown}
	here := r.bookPath("imports", strconv.FormatInt(i.Entry, 10))
	ticks := p.Review != nil && !p.Review.Own && !p.Review.Part
	var next string
	if i.What == "lots" {
		lots, after, err := auction.OfImport(r.Context(), db, r.scope, i.Entry, page)
		if err != nil {
			return err
		}
		look, err := auction.LookAtImport(r.Context(), db, r.scope, i.Entry)
		if err != nil {
			return err
		}
		next, p.Table = after, lotTable(r, &p.Frame, lots, lotQuery{Import: strconv.FormatInt(i.Entry, 10)})
		plain(&p.Table)
		for n, l := range lots {
			p.Table.Rows[n].tick(ticks && l.Verdict == "", "except", strconv.FormatInt(l.SeqFrom, 10), r.say("例外：", "leave out: ")+l.LotNo)
		}
		p.Tiles = append(p.Tiles, moneyTile(r, "底价合同总额合计", "Σ base total", look.BaseTotal, look.Totalled), moneyTile(r, "成交合同总额合计", "Σ contract total", look.HammerTotal, look.Totalled))
	} else {
		var err error
		if next, err = fillLand(r, p, i, page, ticks); err == nil {
			err = s.landTiles(r, p, i)
		}
		if err != nil {
			return err
		}
	}
	if next != "" {
		p.Pager.Next = p.At(here + "?after=" + url.QueryEscape(next))
	}
	if page.After != "" {
		p.Pager.First = p.At(here)
	}
	p.Pager.Shown = len(p.Table.Rows) + len(p.Visits.Rows)
	return nil
}

func (s *Server) landTiles(r *request, p *importPage, i *review.Imported) error {
	waiting, err := landcheck.WaitingOfImport(r.Context(), r.book.DB(), r.scope, i.Entry)
	if err != nil || waiting.Parcels+waiting.Verifications == 0 {
		return err
	}
	mu := r.say("亩", "mu")
	p.Tiles = append(p.Tiles,
		Tile{Name: r.say("待复核宗地的登记面积", "Registered area to review"), Value: waiting.RegisteredArea.String(), Unit: mu, Sub: group(int(waiting.Parcels)) + r.say(" 宗", " parcels")},
		Tile{Name: r.say("待复核的核查面积", "Verified area to review"), Value: waiting.VerifiedArea.String(), Unit: mu, Sub: group(int(waiting.Verifications)) + r.say(" 次核查", " verifications")})
	return nil
}

func moneyTile(r *request, zh, en string, m ledger.Money, of int64) Tile {
	return Tile{Name: r.say(zh, en), Value: m.Grouped(), Unit: r.say("元", "yuan"), Sub: r.say("成交且两价齐全的 "+group(int(of))+" 宗", group(int(of))+" sold with both prices")}
}

// plain takes the links away by which a table could be sorted: this one has the order of the file.
func plain(t *Table) {
	for i := range t.Columns {
		t.Columns[i].Sorted, t.Columns[i].SortURL = "", ""
	}
}

// tick puts a checkbox before a row's name.
func (row *Row) tick(wanted bool, name, value, label string) {
	if wanted && len(row.Cells) > 0 {
		row.Cells[0].Tick = &Tick{Name: name, Value: value, Label: label}
	}
}

// reviewImport approves or returns what an import made, but for its exceptions.
func (s *Server) reviewImport(w http.ResponseWriter, r *request) {
	i, err := s.findImport(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	numbers := strings.FieldsFunc(r.text("numbers"), func(c rune) bool { return strings.ContainsRune(",，;；、\r\n\t", c) })
	receipt, err := reviewOfImport(r, i, r.text("verdict"), r.text("reason"), numbered(r.PostForm["except"]), numbers)
	if err != nil {
		p, pageErr := s.importPage(r, i)
		if pageErr != nil {
			s.fail(w, r, pageErr)
			return
		}
		p.Numbers, p.Reason = r.text("numbers"), r.text("reason")
		for n := range p.Table.Rows {
			if t := p.Table.Rows[n].Cells[0].Tick; t != nil {
				t.Checked = slices.Contains(r.PostForm["except"], t.Value) || slices.Contains(r.PostForm["number"], t.Value)
			}
		}
		status := s.failForm(r, &p.Frame, err)
		s.show(w, r, status, "import-one.html", p)
		return
	}
	s.metrics.appended(receipt)
	s.done(w, r, link(r.lang, r.bookPath("imports", strconv.FormatInt(i.Entry, 10))+"?done="+url.QueryEscape(r.text("verdict"))))
}

func numbered(texts []string) (list []int64) {
	for _, text := range texts {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			list = append(list, n)
		}
	}
	return list
}

// reviewOfImport reviews an import for a page or the API. Exceptions are entries, or numbers of lots or parcels; a
// parcel takes its verifications along.
func reviewOfImport(r *request, i *review.Imported, verdict, reason string, except []int64, numbers []string) (ledger.Receipt, error) {
	if verdict != ledger.Approved && verdict != ledger.Returned {
		return ledger.Receipt{}, ledger.E(ledger.Invalid, "review.verdict_unknown", verdict).On("verdict")
	}
	var named []string
	for _, no := range slices.Concat(numbers, r.PostForm["number"]) {
		if no = strings.TrimSpace(no); no != "" {
			named = append(named, no)
		}
	}
	find := auction.Exceptions
	if i.What != "lots" {
		find = landcheck.Exceptions
	}
	found, err := find(r.Context(), r.book.DB(), r.scope, i.Entry, named)
	if err != nil {
		return ledger.Receipt{}, err
	}
	except = slices.Concat(except, found)
	slices.Sort(except)
	return review.Import(r.Context(), r.scope, r.actor(), r.key, madeByImports(), i.Entry, verdict == ledger.Approved, slices.Compact(except), reason)
}
