package web

import (
	"context"
	"net/http"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func apiRoutes() []route {
	return []route{
		{method: "GET", pattern: "/api/{$}", needs: public, page: (*Server).showAPI},
		{method: "GET", pattern: "/api/openapi.json", needs: public, page: (*Server).showDocument},
		{method: "GET", pattern: "/api/v1/me", needs: signedIn, api: endpoint(ledger.Text{ZH: "我是谁，有哪些权限", EN: "who asks, and with which rights"}, http.StatusOK, findMe)},
	}
}

// me is who asks.
type me struct {
	Account   int64         `json:"account"`
	Login     string        `json:"login"`
	Name      string        `json:"name"`
	Token     bool          `json:"token"`               // through an API token
	Abilities []account.Can `json:"abilities,omitempty"` // of the token: it can these, where the rights allow them
	Rights    []meRight     `json:"rights"`              // through a token: those in its book
}

// meRight is a right of who asks.
type meRight struct {
	Role     string      `json:"role"`
	Book     string      `json:"book,omitempty"`
	Villages []string    `json:"villages,omitempty"`
	From     *ledger.Day `json:"from,omitempty"`
	To       *ledger.Day `json:"to,omitempty"`
	Until    *ledger.Day `json:"until,omitempty"`
}

func findMe(_ context.Context, r *request, _ *struct{}) (*me, error) {
	m := &me{Account: r.who.ID(), Login: r.who.Login(), Name: r.who.Name(), Token: r.who.IsToken(), Abilities: r.who.Abilities(), Rights: []meRight{}}
	for _, right := range r.who.Rights() {
		m.Rights = append(m.Rights, meRight{Role: string(right.Role), Book: right.Book, Villages: right.Villages, From: right.From, To: right.To, Until: right.Until})
	}
	return m, nil
}

// showDocument answers the API's document.
func (s *Server) showDocument(w http.ResponseWriter, r *request) {
	document, err := s.document()
	if err != nil {
		s.problem(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(document) // a reader that has gone is no error of ours
}

// apiPage shows the API to people.
type apiPage struct {
	Frame
	Subjects []apiSubject
	Schemas  []apiSchema
}

type apiSubject struct {
	Name       string
	Operations []apiOperation
}

type apiOperation struct {
	ID, Method, Path, Summary, Needs string
	Parameters                       []apiParameter
	Body                             string // name of its schema
	Status                           int
	Answer                           string
	List                             bool // the answer is made of lines
	Refusals                         []int
}

type apiParameter struct {
	Name, Place, About, Form string
	Must                     bool
}

type apiSchema struct {
	Name   string
	Fields []apiParameter
}

// showAPI is the document for people: made here, with no script and from no other site.
func (s *Server) showAPI(w http.ResponseWriter, r *request) {
	p := &apiPage{Frame: s.frame(r, r.say("接口", "API"))}
	c := newComponents()
	subjects := map[string]int{}
	for _, rt := range s.table {
		if rt.api == nil {
			continue
		}
		i, ok := subjects[rt.subject()]
		if !ok {
			i = len(p.Subjects)
			subjects[rt.subject()] = i
			p.Subjects = append(p.Subjects, apiSubject{Name: rt.subject()})
		}
		p.Subjects[i].Operations = append(p.Subjects[i].Operations, rt.shown(r.lang, c))
	}
	for _, name := range sorted(c.schemas()) {
		p.Schemas = append(p.Schemas, shownSchema(r.lang, name, c.made[name].(jsonMap)))
	}
	s.show(w, r, http.StatusOK, "openapi.html", p)
}

// shown is an operation as the page shows it.
func (rt *route) shown(lang ledger.Lang, c *components) apiOperation {
	d := rt.describe(c)
	op := apiOperation{
		ID: rt.operationID(), Method: rt.method, Path: rt.pattern, Summary: rt.api.summary.In(lang), Needs: needsText(rt.needs).In(lang),
		Status: rt.api.status, List: rt.api.stream, Answer: schemaName(c.schema(rt.api.out, false)),
	}
	for _, x := range d["parameters"].([]any) {
		q := x.(jsonMap)
		about, _ := q["description"].(string)
		op.Parameters = append(op.Parameters, apiParameter{
			Name: q["name"].(string), Place: q["in"].(string), Must: q["required"].(bool), About: half(lang, about), Form: formOf(lang, q["schema"].(jsonMap)),
		})
	}
	if rt.api.in.body != nil {
		op.Body = schemaName(c.schema(rt.api.in.in.FieldByIndex(rt.api.in.body).Type, true))
	}
	for _, status := range rt.statuses() {
		if status != rt.api.status {
			op.Refusals = append(op.Refusals, status)
		}
	}
	return op
}

// half is the part of a bilingual text in a language.
func half(lang ledger.Lang, text string) string {
	zh, en, ok := strings.Cut(text, " / ")
	if !ok {
		return text
	}
	return ledger.Text{ZH: zh, EN: en}.In(lang)
}

func schemaName(schema jsonMap) string {
	name, _ := schema["$ref"].(string)
	return name[strings.LastIndex(name, "/")+1:]
}
