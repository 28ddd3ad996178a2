package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// register is a kind of register that can be imported.
type register struct {
	Code string // lots, parcels
	can  account.Can
	Name ledger.Text
	take func(context.Context, ledger.Scope, ledger.Actor, intake.Source, intake.Options) (*intake.Result, error)

	schema func() sheet.Schema
}

func lotRegister() register {
	return register{"lots", account.EnterLots, ledger.Text{ZH: "交易标的", EN: "lots"}, auction.Import, auction.Schema}
}

func parcelRegister() register {
	return register{"parcels", account.EnterLand, ledger.Text{ZH: "宗地与核查", EN: "parcels and verifications"}, landcheck.Import, landcheck.Schema}
}

func importRoutes() []route {
	const imports = "/books/{book}/imports"
	list := []route{
		{method: "GET", pattern: "/books/{book}/import", needs: account.ReadBook, page: (*Server).chooseImport},
		{method: "GET", pattern: imports, needs: account.ReadBook, page: (*Server).listImports},
		{method: "GET", pattern: imports + "/{id}", needs: account.ReadBook, page: (*Server).showImport},
		{method: "POST", pattern: imports + "/{id}/review", needs: account.Review, page: (*Server).reviewImport},
	}
	for _, k := range []register{lotRegister(), parcelRegister()} {
		base := "/books/{book}/import/" + k.Code
		one := base + "/{upload}"
		on := func(do func(*Server, http.ResponseWriter, *request, register)) func(*Server, http.ResponseWriter, *request) {
			return func(s *Server, w http.ResponseWriter, r *request) { do(s, w, r, k) }
		}
		list = append(list,
			route{method: "GET", pattern: base, needs: k.can, page: on((*Server).showStage)},
			route{method: "POST", pattern: base, needs: k.can, upload: true, takesUnread: true, page: on((*Server).stage)},
			route{method: "GET", pattern: one, needs: k.can, page: on((*Server).showPreview)},
			route{method: "POST", pattern: one, needs: k.can, page: on((*Server).recordImport)},
			route{method: "GET", pattern: one + "/runs/{run}", needs: k.can, page: on((*Server).showImportRun)},
			route{method: "GET", pattern: one + "/rejects.xlsx", needs: k.can, page: on((*Server).sendRejects)},
			route{method: "GET", pattern: one + "/rejects.csv", needs: k.can, page: on((*Server).sendRejects)},
			route{method: "POST", pattern: one + "/forget", needs: k.can, page: on((*Server).forgetUpload)},
		)
	}
	return slices.Concat(list, importAPI(), importsAPI())
}

// chooseImport leads to the register that the person may import; whoever may none is shown what others imported.
func (s *Server) chooseImport(w http.ResponseWriter, r *request) {
	for _, k := range []register{lotRegister(), parcelRegister()} {
		if canIn(r, k.can) {
			s.done(w, r, link(r.lang, r.bookPath("import", k.Code)))
			return
		}
	}
	s.done(w, r, link(r.lang, r.bookPath("imports")))
}

// importOptions are what the user says beside the file, as the address has it.
type importOptions struct {
	Sheet, Hidden, Units, Span, Map string
	Amend                           bool
}

func readImportOptions(r *request) importOptions {
	return importOptions{
		Sheet: r.text("sheet"), Hidden: r.text("hidden_rows"), Units: r.text("unit"), Span: r.text("span"), Map: r.text("map"), Amend: r.text("amend") == "yes",
	}
}

// query is the options as an address has them, without those that are not said.
func (o importOptions) query() string {
	v := url.Values{}
	for name, text := range map[string]string{"sheet": o.Sheet, "hidden_rows": o.Hidden, "unit": o.Units, "span": o.Span, "map": o.Map} {
		if text != "" {
			v.Set(name, text)
		}
	}
	if o.Amend {
		v.Set("amend", "yes")
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}

// optionsMax bounds the options in an address: browsers and servers take no endless ones.
const optionsMax = 12_000

// besideOption names the option that answers why a file could not be read, so that the sentence stands beside it.
func besideOption(err error) error {
	e, ok := errors.AsType[*ledger.Error](err)
	if !ok {
		return err
	}
	option := map[string]string{
		"price.span_unsaid": "span", "price.unit_missing": "unit", "price.unit_unknown": "unit", "import.unit_below_table": "unit", "import.header_unit": "unit",
		"sheet.hidden_rows": "hidden_rows", "sheet.bad_hidden_choice": "hidden_rows", "sheet.no_such_sheet": "sheet", "sheet.only_hidden_sheets": "sheet",
		"sheet.no_header": "map", "sheet.no_header_near": "map", "sheet.missing_column": "map", "sheet.doubled_header": "map", "sheet.map_unknown": "map",
	}[e.Reason]
	if option == "" && (e.Field != "file" && e.Field != "map" && e.Field != "reason") {
		return e.On("page")
	}
	if option != "" {
		return e.On(option)
	}
	return err
}

// options are those of the import. Nothing is recorded with them: DryRun is set.
func (o importOptions) options(r *request) (intake.Options, error) {
	out := intake.Options{
		Today: r.today(), Sheet: o.Sheet, Hidden: o.Hidden, Span: o.Span, Amend: o.Amend, GoodRows: true, DryRun: true,
		Units: strings.FieldsFunc(o.Units, func(c rune) bool { return strings.ContainsRune(",，;；、 \t\r\n　", c) }),
	}
	if o.Amend {
		out.Reason = r.say("试读", "dry run") // it is asked for when it counts
	}
	if n := len(o.query()); n > optionsMax {
		return out, ledger.E(ledger.Invalid, "text.too_long", n, optionsMax).On("map")
	}
	if o.Map != "" {
		m, err := sheet.ParseMap(strings.NewReader(o.Map))
		if err != nil {
			return out, on("map", err)
		}
		out.Map = m
	}
	return out, nil
}

// stagePage is the first step: the file, and what has to be said beside it.
type stagePage struct {
	Frame
	Register, Other Act
	Steps           []Step
	Action          string
	Options         importOptions
	Lots            bool
	Kept            []keptUpload
	Words           []headerWords
	Imports         string
}

// headerWords are the headers by which a column is recognised.
type headerWords struct{ Name, Words string }

func knownHeaders(r *request, schema sheet.Schema) (list []headerWords) {
	for _, c := range schema.Columns {
		list = append(list, headerWords{columnName(r.lang, c.Key), strings.Join(c.Names, r.say("、", ", "))})
	}
	return list
}

// keptUpload is a file that was sent before.
type keptUpload struct{ Name, URL, Forget, About string }

func importSteps(r *request, now int) []Step {
	steps := []Step{{Name: r.say("选择文件", "Choose a file")}, {Name: r.say("核对", "Look it over")}, {Name: r.say("记入账簿", "Record")}}
	for i := range steps {
		switch {
		case i < now:
			steps[i].State = "done"
		case i == now:
			steps[i].State = "now"
		}
	}
	return steps
}

func (s *Server) stagePage(r *request, k register) (*stagePage, error) {
	p := &stagePage{
		Frame: s.frame(r, r.say("导入", "Import ")+k.Name.In(r.lang)), Steps: importSteps(r, 0), Options: readImportOptions(r), Lots: k.Code == "lots",
	}
	p.Notice = doneNotice(r, map[string]ledger.Text{"forgotten": {ZH: "已删除上传的文件，账簿没有变动。", EN: "The uploaded file is gone; the book is unchanged."}})
	p.Words = knownHeaders(r, k.schema())
	p.Action, p.Imports = p.At(r.bookPath("import", k.Code)), p.At(r.bookPath("imports"))
	for _, other := range []register{lotRegister(), parcelRegister()} {
		if other.Code != k.Code && canIn(r, other.can) {
			p.Other = Act{Name: r.say("改为导入", "Import ") + other.Name.In(r.lang), URL: p.At(r.bookPath("import", other.Code))}
		}
	}
	kept, err := s.staged.Mine(r.Context(), r.scope, r.who.ID())
	for _, u := range kept {
		p.Kept = append(p.Kept, keptUpload{
			Name: u.Name, About: showInstant(u.MadeAt) + " · " + showSize(u.Size),
			URL: p.At(r.bookPath("import", k.Code, u.ID)), Forget: p.At(r.bookPath("import", k.Code, u.ID, "forget")),
		})
	}
	return p, err
}

func (s *Server) showStage(w http.ResponseWriter, r *request, k register) {
	p, err := s.stagePage(r, k)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "import.html", p)
}

// stage takes the file and leads to what it says.
func (s *Server) stage(w http.ResponseWriter, r *request, k register) {
	o := readImportOptions(r)
	_, err := o.options(r)
	name, body := "", []byte(nil)
	switch {
	case r.unread != nil:
		err = on("file", unreadForm(r.unread))
	case err == nil:
		name, body, err = formFile(r)
	}
	var u *intake.Upload
	if err == nil {
		if u, err = s.staged.Keep(r.Context(), r.scope, r.who.ID(), name, body); err != nil {
			err = on("file", err)
		}
	}
	if err != nil {
		p, pageErr := s.stagePage(r, k)
		if pageErr != nil {
			s.fail(w, r, pageErr)
			return
		}
		status := s.failForm(r, &p.Frame, err)
		s.show(w, r, status, "import.html", p)
		return
	}
	s.done(w, r, link(r.lang, r.bookPath("import", k.Code, u.ID)+o.query()))
}

// formFile is the file of a form, whole: its size is bounded with that of the form.
func formFile(r *request) (name string, body []byte, err error) {
	file, header, err := r.FormFile("file")
	if err != nil {
		return "", nil, ledger.E(ledger.Invalid, "upload.missing").On("file").Because(err)
	}
	defer func() { _ = file.Close() }() // it is in memory
	body, err = io.ReadAll(file)
	return baseName(header.Filename), body, err
}

// baseName is a file's name without its folders, which some browsers send.
func baseName(name string) string {
	name = strings.ToValidUTF8(name, "\ufffd")
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

// forgetUpload deletes a file that is not wanted any more.
func (s *Server) forgetUpload(w http.ResponseWriter, r *request, k register) {
	if err := s.staged.Drop(r.Context(), r.scope, r.who.ID(), r.PathValue("upload")); err != nil {
		s.fail(w, r, err)
		return
	}
	s.done(w, r, link(r.lang, r.bookPath("import", k.Code)+"?done=forgotten"))
}
