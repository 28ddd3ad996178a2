package web

import (
	"net/http"
	"slices"
	"strconv"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func bookRoutes() []route {
	return slices.Concat([]route{
		{method: "GET", pattern: "/books/{book}", needs: account.ReadBook, page: (*Server).showBook},
		{method: "GET", pattern: "/books/{book}/checkpoint", needs: account.ReadBook, page: (*Server).sendNote},
		{method: "GET", pattern: "/books/{book}/checkpoints", needs: account.ReadBook, page: (*Server).showCheckpoints},
		{method: "GET", pattern: "/books/{book}/entries", needs: account.ReadBook, page: (*Server).showEntries, past: true},
		{method: "GET", pattern: "/books/{book}/entries/{seq}", needs: account.ReadBook, page: (*Server).showEntry, past: true},
		{method: "GET", pattern: "/books/{book}/check", needs: account.ReadBook, page: (*Server).showCheck},
		{method: "POST", pattern: "/books/{book}/check", needs: account.ReadBook, page: (*Server).startCheck},
	}, bookAPI())
}

// bookPage is the book itself: what it is called, how far it goes, and how that can be proved.
type bookPage struct {
	Frame
	Profile, Tip Facts
	Note         string // the signed note of the head
	Refused      string // why it is not given
	NoteURL      string
	Whole        bool // the entries may be read
	Check        *checkView
	Witnessed    *witnessedPanel
	Disclosure   *disclosureView
}

func (s *Server) showBook(w http.ResponseWriter, r *request) { s.showBookWith(w, r, nil) }

// showBookWith shows the book, after something about it was refused with the reason why.
func (s *Server) showBookWith(w http.ResponseWriter, r *request, refused error) {
	p := &bookPage{Frame: s.frame(r, r.say("账簿", "Book")), NoteURL: r.bookPath("checkpoint")}
	status := http.StatusOK
	if refused != nil {
		status = s.failForm(r, &p.Frame, refused)
	}
	p.Notice = doneNotice(r, map[string]ledger.Text{"disclosure": {ZH: "已记入账簿。", EN: "Recorded in the book."}})
	scope, err := r.who.Scope(r.Context(), r.book, account.ReadBook)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	p.Whole = scope.Whole()
	profile, err := r.book.Profile(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	head, err := r.book.Publish(r.Context(), 0)
	if ledger.CodeOf(err) == ledger.Conflict { // older than what was published: it can be read, and is not to be taken away
		p.Refused = sentenceOf(r.lang, err)
		head, err = r.book.Head(r.Context())
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	opened, err := r.book.EntryAt(r.Context(), 0)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if p.Note, err = r.book.Cosigned(r.Context(), head.Size); err != nil {
		s.fail(w, r, err)
		return
	}
	if p.Witnessed, err = newWitnessedPanel(r, head); err != nil {
		s.fail(w, r, err)
		return
	}
	p.Profile = Facts{Title: r.say("账簿", "The book"), Items: []Item{
		{Name: r.say("名称", "Name"), Value: profile.Name().In(r.lang)},
		{Name: r.say("代码", "Code"), Value: r.book.Code},
		{Name: r.say("性质", "Kind"), Value: bookKindName(r.book.Kind).In(r.lang)},
		{Name: r.say("行政区划代码", "Division"), Value: profile.Division},
		{Name: r.say("开立时间", "Opened"), Value: showInstant(opened.At)},
		{Name: r.say("来源名（origin）", "Origin of the log"), Value: profile.Origin, Wide: true},
	}}
	for _, key := range profile.Keys() {
		p.Profile.Items = append(p.Profile.Items, Item{Name: r.say("验证公钥", "Verifier key"), Value: key, Wide: true})
	}
	if old := profile.Reopened; old != nil {
		p.Profile.Items = append(p.Profile.Items,
			Item{Name: r.say("接续的来源名", "Goes on from the origin"), Value: old.Origin, Wide: true},
			Item{Name: r.say("接续的凭证：条目数与根", "and its checkpoint: entries and root"), Value: group(int(old.Size)) + " · " + old.Root, Wide: true})
	}
	p.Tip = Facts{Title: r.say("链首", "Head"), Items: []Item{
		{Name: r.say("条目数", "Entries"), Value: group(int(head.Size)), Numeric: true},
		{Name: r.say("最后写入", "Last written"), Value: showInstant(head.At)},
		{Name: r.say("根（SHA-256，base64）", "Root (SHA-256, base64)"), Value: head.Root.String(), Wide: true},
	}}
	p.Check = s.checkView(r)
	p.Disclosure = s.disclosureView(r, &p.Frame, profile.Public)
	s.show(w, r, status, "book.html", p)
}

func bookKindName(kind ledger.BookKind) ledger.Text {
	switch kind {
	case ledger.DemoBook:
		return ledger.Text{ZH: "演示账簿", EN: "demo book"}
	case ledger.PracticeBook:
		return ledger.Text{ZH: "练习账簿", EN: "practice book"}
	default:
		return ledger.Text{ZH: "办公账簿", EN: "an office's own book"}
	}
}

// sendNote sends the signed note of the head, or of an earlier checkpoint, as the plain text that it is.
func (s *Server) sendNote(w http.ResponseWriter, r *request) {
	size, err := wholeNumber(r.text("size"), "size")
	if err == nil {
		var c ledger.Checkpoint
		if c, err = cosignedAt(r, size); err == nil {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Content-Disposition", `attachment; filename="`+r.book.Code+"-checkpoint-"+strconv.FormatInt(c.Size, 10)+`.txt"`)
			_, _ = w.Write([]byte(c.Note)) // a reader that has gone is no error of ours
			return
		}
	}
	s.fail(w, r, err)
}

// cosignedAt is the published checkpoint of a size, the head's for 0, with the lines of the witnesses in its note.
func cosignedAt(r *request, size int64) (ledger.Checkpoint, error) {
	c, err := r.book.Publish(r.Context(), size)
	if err == nil {
		c.Note, err = r.book.Cosigned(r.Context(), c.Size)
	}
	return c, err
}

// wholeNumber reads a number of entries that was typed; nothing is 0.
func wholeNumber(text, field string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, ledger.E(ledger.Invalid, "field.unreadable", text).On(field)
	}
	return n, nil
}

// rowsOfPage is how many rows a page of the log shows.
const rowsOfPage = 50

// checkpointsPage lists the checkpoints, the newest first.
type checkpointsPage struct {
	Frame
	Table Table
	Pager Pager
}

func (s *Server) showCheckpoints(w http.ResponseWriter, r *request) {
	p := &checkpointsPage{Frame: s.frame(r, r.say("链首凭证", "Checkpoints"))}
	before, err := wholeNumber(r.text("before"), "before")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	list, err := r.book.CheckpointsBefore(r.Context(), before, rowsOfPage+1)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if len(list) > rowsOfPage {
		list = list[:rowsOfPage]
		p.Pager.Next = p.At(r.bookPath("checkpoints") + "?before=" + strconv.FormatInt(list[rowsOfPage-1].Size, 10))
	}
	if before > 0 {
		p.Pager.First = p.At(r.bookPath("checkpoints"))
	}
	p.Pager.Shown = len(list)
	p.Table = Table{ID: "checkpoints", Caption: r.say("链首凭证", "Checkpoints"), Quiet: true, Columns: []Column{
		{Name: r.say("条目数", "Entries"), Numeric: true}, {Name: r.say("写入时间", "Written")},
		{Name: r.say("根（SHA-256，base64）", "Root (SHA-256, base64)")},
		{Name: r.say("汇总", "Summary")}, {Name: r.say("当时的标的", "Lots then")}, {Name: r.say("当时的宗地", "Parcels then")}, {Name: r.say("签名凭证", "Signed note")},
	}}
	for _, c := range list {
		size := strconv.FormatInt(c.Size, 10)
		p.Table.Rows = append(p.Table.Rows, Row{Cells: []Cell{
			{Text: group(int(c.Size))}, {Text: showInstant(c.At)}, {Text: c.Root.String()},
			{Text: r.say("截至此处", "as of here"), URL: p.At(r.bookPath("summary") + "?as_of=" + size)},
			{Text: r.say("标的", "lots"), URL: p.At(r.bookPath("lots") + "?as_of=" + size)},
			{Text: r.say("宗地", "parcels"), URL: p.At(r.bookPath("parcels") + "?as_of=" + size)},
			{Text: r.say("下载", "download"), URL: r.bookPath("checkpoint") + "?size=" + size},
		}})
	}
	s.show(w, r, http.StatusOK, "checkpoints.html", p)
}
