package web

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
)

// entriesPage lists the entries of a book, the newest first.
type entriesPage struct {
	Frame
	Kind, From string // the filter, as typed
	Kinds      []Option
	Table      Table
	Pager      Pager
}

func (s *Server) showEntries(w http.ResponseWriter, r *request) {
	p := &entriesPage{Frame: s.frame(r, r.say("条目", "Entries")), Kind: r.text("kind"), From: r.text("number")}
	p.Kinds = []Option{{Value: "", Label: r.say("全部", "all")}}
	for _, k := range kindNames() {
		p.Kinds = append(p.Kinds, Option{Value: k.code, Label: k.name.In(r.lang)})
	}
	if err := wholeBook(r); err != nil {
		s.noteDenied(r.Context(), r, err)
		s.fail(w, r, err)
		return
	}
	before, err := wholeNumber(p.From, "number")
	if p.From != "" {
		before++ // the one that was asked for is the first one shown
	}
	var list []ledger.LogEntry
	if err == nil {
		list, err = r.book.EntriesBefore(r.Context(), p.Kind, lastBefore(r.scope, before), rowsOfPage+1)
	}
	status := http.StatusOK
	if err != nil {
		status = s.failForm(r, &p.Frame, err)
	}
	if len(list) > rowsOfPage {
		list = list[:rowsOfPage]
		p.Pager.Next = p.At(r.bookPath("entries") + "?number=" + strconv.FormatInt(list[rowsOfPage-1].Seq-1, 10) + "&kind=" + p.Kind)
	}
	if p.From != "" {
		p.Pager.First = p.At(r.bookPath("entries") + "?kind=" + p.Kind)
	}
	p.Pager.Shown = len(list)
	if p.Table, err = s.entryTable(r, p.Frame, list); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, status, "entries.html", p)
}

// wholeBook refuses who may read a part of the book only: denied right.whole_book_needed. Entries of all
// villages stand in one row.
func wholeBook(r *request) error {
	if r.scope.Whole() {
		return nil
	}
	return ledger.E(ledger.Denied, "right.whole_book_needed")
}

// entryTable is a list of entries.
func (s *Server) entryTable(r *request, f Frame, list []ledger.LogEntry) (Table, error) {
	t := Table{ID: "entries", Caption: r.say("条目", "Entries"), Quiet: true, Columns: []Column{
		{Name: r.say("编号", "Number"), Numeric: true}, {Name: r.say("时间", "Time")}, {Name: r.say("操作", "What was done")},
		{Name: r.say("对象", "What it is about")}, {Name: r.say("操作人", "By")}, {Name: r.say("来源", "Source"), Minor: true},
		{Name: r.say("叶哈希", "Leaf hash"), Minor: true},
	}}
	name, err := s.namesOf(r.Context(), list)
	if err != nil {
		return t, err
	}
	for _, e := range list {
		at := r.bookPath("entries", strconv.FormatInt(e.Seq, 10))
		about := Cell{Text: entrySubject(r.lang, e)}
		if to := recordURL(r.book.Code, e.Kind, e.Record); to != "" {
			about.URL = f.At(to)
		}
		leaf := hex.EncodeToString(e.LeafHash[:])
		t.Rows = append(t.Rows, Row{URL: f.At(at), Cells: []Cell{
			{Text: strconv.FormatInt(e.Seq, 10)}, {Text: showInstant(e.At)}, {Chip: entryChip(r.lang, e.Kind)},
			about, {Text: name(e.Actor)}, {Text: sourceText(r.lang, e.Source)}, {Text: leaf[:12] + "…", Title: leaf},
		}})
	}
	return t, nil
}

// namesOf names all who made some entries.
func (s *Server) namesOf(ctx context.Context, list []ledger.LogEntry) (func(ledger.Actor) string, error) {
	actors := make([]ledger.Actor, len(list))
	for i, e := range list {
		actors[i] = e.Actor
	}
	return s.names(ctx, actors)
}

// sourceText says where in which import an entry came from.
func sourceText(lang ledger.Lang, source *ledger.Source) string {
	if source == nil {
		return none
	}
	at, row := strconv.FormatInt(source.Import, 10), strconv.Itoa(source.Row)
	zh, en := "导入 "+at+"，", "import "+at+", "
	if source.Sheet != "" {
		zh, en = zh+source.Sheet+" ", en+source.Sheet+" "
	}
	return ledger.Text{ZH: zh + "第 " + row + " 行", EN: en + "row " + row}.In(lang)
}

// entryPage is one entry as it is hashed.
type entryPage struct {
	Frame
	Heading  Title
	Facts    Facts
	Reason   string
	Body     string // the bytes
	Readable string // the same, with line breaks
	Leaf     string
	Sealed   []sealedText
	Previous string // addresses of the neighbours
	Next     string
	List     string // of all entries, for who may read them
}

// sealedText is a sealed text with the name of its field in words.
type sealedText struct {
	ledger.OpenedText

	Name string
}

func (s *Server) showEntry(w http.ResponseWriter, r *request) {
	e, err := entryInScope(r, r.PathValue("seq"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p := &entryPage{Frame: s.frame(r, seqno(r.lang, e.Seq))}
	p.Heading = Title{Text: p.Title, Chips: []Chip{*entryChip(r.lang, e.Kind)}}
	if about := entrySubject(r.lang, e); about != none {
		p.Heading.Sub = about
	}
	opened, err := r.book.Opened(r.Context(), e.Seq)
	if err == nil {
		err = s.describeEntry(r, p, e)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.Body, p.Readable, p.Leaf = string(e.Body), indented(e.Body), hex.EncodeToString(e.LeafHash[:])
	for _, t := range opened {
		p.Sealed = append(p.Sealed, sealedText{t, sealedName(t.Field).In(r.lang)})
		if t.Field == "reason" {
			p.Reason = t.Text
		}
	}
	s.show(w, r, http.StatusOK, "entry.html", p)
}

// describeEntry says in words what an entry's head says, and leads to its neighbours.
func (s *Server) describeEntry(r *request, p *entryPage, e ledger.LogEntry) error {
	name, err := s.namesOf(r.Context(), []ledger.LogEntry{e})
	if err != nil {
		return err
	}
	head, err := r.book.Head(r.Context())
	if err != nil {
		return err
	}
	record := Item{Name: r.say("记录", "Record"), Value: strings.TrimSpace(nameOfKind(e.Kind).name.In(r.lang) + " " + p.Heading.Sub)}
	if to := recordURL(r.book.Code, e.Kind, e.Record); to != "" {
		record.URL = p.At(to)
	}
	p.Facts = Facts{Items: []Item{
		{Name: r.say("编号", "Number"), Value: strconv.FormatInt(e.Seq, 10), Numeric: true},
		{Name: r.say("时间", "Time"), Value: showInstant(e.At)},
		{Name: r.say("操作人", "By"), Value: name(e.Actor), Sub: e.Actor.String()},
		record,
	}}
	at := func(seq int64) string { return p.At(r.bookPath("entries", strconv.FormatInt(seq, 10))) }
	if e.Amends != nil {
		p.Facts.Items = append(p.Facts.Items, Item{Name: r.say("取代", "Replaces"), Value: seqno(r.lang, *e.Amends), URL: at(*e.Amends)})
	}
	if e.Source != nil {
		p.Facts.Items = append(p.Facts.Items, Item{Name: r.say("来源", "Source"), Value: sourceText(r.lang, e.Source), URL: p.At(r.bookPath("imports", strconv.FormatInt(e.Source.Import, 10)))})
	}
	if !r.scope.Whole() {
		return nil
	}
	p.List = p.At(r.bookPath("entries"))
	if e.Seq > 0 {
		p.Previous = at(e.Seq - 1)
	}
	if e.Seq+1 < head.Size && (p.Past == nil || e.Seq+1 < p.Past.Size) {
		p.Next = at(e.Seq + 1)
	}
	return nil
}

// indented is JSON as people read it.
func indented(body []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, body, "", "  "); err != nil {
		return string(body)
	}
	return b.String()
}

// entryInScope finds an entry by the number in the address. Who may read a part of the book only sees the
// entries of records in that part; any other entry is as if it were not there: not_found entry.unknown.
func entryInScope(r *request, number string) (ledger.LogEntry, error) {
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil || seq < 0 {
		return ledger.LogEntry{}, ledger.E(ledger.NotFound, "route.unknown")
	}
	if size := r.scope.Size(); size != 0 && seq >= size {
		return ledger.LogEntry{}, ledger.E(ledger.NotFound, "entry.unknown", seq)
	}
	e, err := r.book.EntryAt(r.Context(), seq)
	if err != nil || r.scope.Whole() {
		return e, err
	}
	if err = inScope(r, e); ledger.CodeOf(err) == ledger.NotFound {
		err = ledger.E(ledger.NotFound, "entry.unknown", seq)
	}
	return e, err
}

// inScope finds the record of an entry in the scope of the request; a review is seen with what it speaks of.
func inScope(r *request, e ledger.LogEntry) error {
	var err error
	switch nameOfKind(e.Kind).code {
	case "book":
	case "lot":
		_, err = auction.Find(r.Context(), r.book.DB(), r.scope, e.Record)
	case "parcel":
		_, err = landcheck.FindParcel(r.Context(), r.book.DB(), r.scope, e.Record)
	case "verification":
		_, err = landcheck.FindVerification(r.Context(), r.book.DB(), r.scope, e.Record)
	case "review":
		var raw struct {
			State struct {
				Entry int64 `json:"entry"`
			} `json:"state"`
		}
		if err := json.Unmarshal(e.Body, &raw); err != nil {
			return ledger.E(ledger.NotFound, "entry.unknown", e.Seq).Because(err)
		}
		seen, err := r.book.EntryAt(r.Context(), raw.State.Entry)
		if err != nil {
			return err
		}
		if seen.Kind == e.Kind {
			return ledger.E(ledger.NotFound, "entry.unknown", e.Seq)
		}
		return inScope(r, seen)
	default: // persons and imports belong to no village
		err = ledger.E(ledger.NotFound, "entry.unknown", e.Seq)
	}
	return err
}
