package web

import (
	"net/url"
	"slices"
	"strings"

	"mingzhang/ledger"
)

// Frame is what stands around every page. A page's data embeds it, and its template begins with
// {{template "head" .}} and ends with {{template "foot" .}}.
type Frame struct {
	Lang    ledger.Lang
	Title   string // of the window; the page writes its own h1
	Path    string // the page's own address with its query; the language switch keeps it
	Who     *Who   // nil: nobody is signed in
	Book    *BookFrame
	Books   []BookFrame // others that one may read
	Nav     []NavItem
	Notice  string // what has just been done
	Mark    string // what stands on a demo or practice book, on paper too
	Past    *Past  // as of when the book is shown; nil: now
	Version string
	Errors  map[string]string // field → sentence; "page" for what belongs to none
	Typed   string            // the id of a form that was posted and may be posted again: the language switch keeps its text
	Scripts []string          // static files that this page needs beside those of all pages
	Wide    bool              // takes the whole width although nobody is signed in; else such a page is one narrow column

	failed []string // fields in the order of Fail
}

// Who is signed in.
type Who struct {
	Name, Login string
	Roles       string // in words: 交易经办、复核
	URL         string // their own page: password, second factor, sessions
}

// BookFrame is a book as the frame names it.
type BookFrame struct {
	Code, Name string
	Mark       string // 演示, 练习 or nothing
	URL        string
}

// NavItem is one way on.
type NavItem struct {
	Name, URL string
	Current   bool
	Count     int // what waits there; 0 is not shown
}

// May is what a person may do in the book at hand, as far as the navigation asks.
type May struct{ Read, EnterLots, EnterLand, Review, Administer bool }

// navEntry is a line of the navigation.
type navEntry struct {
	name ledger.Text
	path string // behind /books/{code}/, or the whole address when it begins at /; "" is the book itself
	may  func(May) bool
}

func navEntries() []navEntry {
	read := func(m May) bool { return m.Read }
	return []navEntry{
		{ledger.Text{ZH: "标的", EN: "Lots"}, "lots", read},
		{ledger.Text{ZH: "宗地", EN: "Parcels"}, "parcels", read},
		{ledger.Text{ZH: "导入", EN: "Import"}, "imports", func(m May) bool { return m.EnterLots || m.EnterLand }},
		{ledger.Text{ZH: "复核", EN: "Review"}, "review", func(m May) bool { return m.Review }},
		{ledger.Text{ZH: "汇总", EN: "Summary"}, "summary", read},
		{ledger.Text{ZH: "语句核对", EN: "Statement check"}, "statement", read},
		{ledger.Text{ZH: "账簿", EN: "Book"}, "", read},
		{ledger.Text{ZH: "用户", EN: "Users"}, "/users", func(m May) bool { return m.Administer }},
		{ledger.Text{ZH: "安装日志", EN: "Log"}, "/installation", func(m May) bool { return m.Administer }},
	}
}

// NavFor lists the ways that a person may go; the one that leads to path is marked. Without a book (code "")
// only those are left that belong to none.
func NavFor(lang ledger.Lang, code, path string, may May) []NavItem {
	at, _, _ := strings.Cut(path, "?")
	nav := []NavItem{{Name: ledger.Text{ZH: "工作台", EN: "Desk"}.In(lang), URL: link(lang, "/"), Current: at == "/"}}
	for _, e := range navEntries() {
		to, current := e.path, false
		if !strings.HasPrefix(to, "/") {
			to = strings.TrimSuffix("/books/"+url.PathEscape(code)+"/"+to, "/")
			if code == "" {
				continue
			}
		}
		switch e.path {
		case "":
			current = at == to || ofTheBook(strings.TrimPrefix(at, to+"/"))
		case "summary": // and what was issued of it
			current = within(at, to) || within(at, strings.TrimSuffix(to, "summary")+"reports")
		case "imports": // and where one is made
			current = within(at, to) || within(at, strings.TrimSuffix(to, "s"))
		default:
			current = within(at, to)
		}
		if e.may(may) {
			nav = append(nav, NavItem{Name: e.name.In(lang), URL: link(lang, to), Current: current})
		}
	}
	return nav
}

// within holds for a page and those below it.
func within(at, page string) bool { return at == page || strings.HasPrefix(at, page+"/") }

// ofTheBook holds for the pages of the book itself, which are not those of what stands in it.
func ofTheBook(path string) bool {
	page, _, _ := strings.Cut(path, "/")
	return page == "entries" || page == "checkpoints" || page == "check"
}

// link is an address in a language: Chinese is not said.
func link(lang ledger.Lang, path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return "/"
	}
	q := u.Query()
	q.Del("lang")
	if lang == ledger.EN {
		q.Set("lang", string(lang))
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// framed is a page's data: it embeds Frame.
type framed interface{ frame() Frame }

func (f Frame) frame() Frame { return f }

// At is the address of another page in this page's language, and as of the same time.
func (f Frame) At(path string) string { return link(f.Lang, f.Past.at(path)) }

// In is this page's address in another language.
func (f Frame) In(lang string) string {
	path := f.Path
	if path == "" {
		path = "/"
	}
	if lang != string(ledger.EN) {
		lang = string(ledger.ZH)
	}
	u, err := url.Parse(path)
	if err != nil {
		return "/?lang=" + lang
	}
	q := u.Query()
	q.Set("lang", lang)
	u.RawQuery = q.Encode()
	return u.String()
}

// HTML is the language as HTML names it.
func (f Frame) HTML() string {
	if f.Lang == ledger.EN {
		return "en"
	}
	return "zh-CN"
}

// Fail puts a sentence beside a field; "page" or "" is for what belongs to none. The faults are listed on top
// of the page in the order of the calls.
func (f *Frame) Fail(field, sentence string) {
	if field == "" {
		field = "page"
	}
	if f.Errors == nil {
		f.Errors = map[string]string{}
	}
	if before, ok := f.Errors[field]; ok {
		if !strings.Contains(before, sentence) {
			f.Errors[field] = before + " " + sentence
		}
		return
	}
	f.Errors[field] = sentence
	f.failed = append(f.failed, field)
}

// Fault is a sentence of the list on top of a page, with the input that it leads to.
type Fault struct{ ID, Sentence string }

// Faults lists what is wrong: first what belongs to no field, then in the order of Fail, then the rest by name.
func (f Frame) Faults() []Fault {
	fields := slices.Clone(f.failed)
	for field := range f.Errors {
		if !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
	}
	slices.SortFunc(fields[len(f.failed):], strings.Compare)
	slices.SortStableFunc(fields, func(a, b string) int {
		switch {
		case a == b || (a != "page" && b != "page"):
			return 0
		case a == "page":
			return -1
		}
		return 1
	})
	faults := make([]Fault, 0, len(fields))
	for _, field := range fields {
		if f.Errors[field] == "" {
			continue
		}
		fault := Fault{ID: inputID(field), Sentence: f.Errors[field]}
		if field == "page" {
			fault.ID = ""
		}
		faults = append(faults, fault)
	}
	return faults
}

// inputID is the id of a field's input: "lines.1.base_price" becomes lines-1-base_price.
func inputID(field string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, field)
}
