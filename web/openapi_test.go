package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mingzhang/web"
)

// document is the API's document as a client reads it.
type document struct {
	OpenAPI string
	Info    struct{ Title, Version string }
	Paths   map[string]map[string]struct {
		OperationID string
		Summary     string
		Parameters  []struct {
			Name, In string
			Required bool
			Schema   map[string]any
		}
		RequestBody *struct{ Content map[string]any }
		Responses   map[string]struct {
			Description string
			Content     map[string]any
		}
		Security []map[string][]string
	}
	Components struct {
		Schemas         map[string]map[string]any
		SecuritySchemes map[string]any
	}
}

func read(tb testing.TB, s *web.Server) (document, any) {
	tb.Helper()
	text, err := s.Document()
	if err != nil {
		tb.Fatal(err)
	}
	var d document
	var whole any
	exactly(tb, text, &d)
	exactly(tb, text, &whole)
	return d, whole
}

// The document has every route of the table with every status that it can answer, and no other.
func TestOpenAPI_IsTheTable(t *testing.T) {
	t.Parallel()
	b := empty(t)
	s := b.server(b.options()).Probe()
	d, _ := read(t, s)
	if d.OpenAPI != "3.1.0" || d.Info.Title == "" || d.Info.Version == "" || len(d.Components.SecuritySchemes) != 2 {
		t.Errorf("%+v", d.Info)
	}
	there, ids := map[string]bool{}, map[string]bool{}
	for _, rt := range s.Routes() {
		if !rt.API {
			continue
		}
		op, ok := d.Paths[rt.Pattern][strings.ToLower(rt.Method)]
		if !ok {
			t.Errorf("%s %s is not in the document", rt.Method, rt.Pattern)
			continue
		}
		there[rt.Pattern+" "+strings.ToLower(rt.Method)] = true
		if ids[op.OperationID] || op.OperationID != rt.ID || op.Summary == "" || strings.HasPrefix(op.Summary, " /") {
			t.Errorf("%s %s: operationId %q twice or wrong, summary %q", rt.Method, rt.Pattern, op.OperationID, op.Summary)
		}
		ids[op.OperationID] = true
		var statuses []int
		for text, answer := range op.Responses {
			status, err := strconv.Atoi(text)
			if err != nil || answer.Description == "" {
				t.Errorf("%s %s: response %s %+v", rt.Method, rt.Pattern, text, answer)
			}
			statuses = append(statuses, status)
			if _, problem := answer.Content["application/problem+json"]; problem != (status >= 400) {
				t.Errorf("%s %s: %d and its content %v", rt.Method, rt.Pattern, status, answer.Content)
			}
		}
		if slices.Sort(statuses); !slices.Equal(statuses, rt.Statuses) {
			t.Errorf("%s %s: statuses %v, want %v", rt.Method, rt.Pattern, statuses, rt.Statuses)
		}
		if (len(op.Security) == 0) != (rt.Needs == web.Public) {
			t.Errorf("%s %s: needs %s, security %v", rt.Method, rt.Pattern, rt.Needs, op.Security)
		}
		for _, name := range regexp.MustCompile(`\{([a-z_]+)\}`).FindAllStringSubmatch(rt.Pattern, -1) {
			if !slices.ContainsFunc(op.Parameters, func(p struct {
				Name, In string
				Required bool
				Schema   map[string]any
			}) bool {
				return p.Name == name[1] && p.In == "path" && p.Required
			}) {
				t.Errorf("%s %s: no parameter for %s", rt.Method, rt.Pattern, name[0])
			}
		}
	}
	for path, methods := range d.Paths {
		for method := range methods {
			if !there[path+" "+method] {
				t.Errorf("%s %s is in the document and not in the table", method, path)
			}
		}
	}
}

// What the document refers to is there, what is there is referred to, and every schema says its type.
func TestOpenAPI_Hangs(t *testing.T) {
	t.Parallel()
	b := empty(t)
	d, whole := read(t, b.server(b.options()).Probe())
	used := map[string]bool{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				name, inside := strings.CutPrefix(ref, "#/components/schemas/")
				if _, ok := d.Components.Schemas[name]; !ok || !inside || len(v) != 1 {
					t.Errorf("%s refers to %s: %v", at, ref, v)
				}
				used[name] = true
			}
			if pattern, ok := v["pattern"].(string); ok {
				if _, err := regexp.Compile(pattern); err != nil {
					t.Errorf("%s: %v", at, err)
				}
			}
			for name, x := range v {
				walk(at+"/"+name, x)
			}
		case []any:
			for i, x := range v {
				walk(fmt.Sprint(at, "/", i), x)
			}
		}
	}
	walk("", whole)
	for name, schema := range d.Components.Schemas {
		if !used[name] {
			t.Errorf("schema %s is used by nothing", name)
		}
		properties, _ := schema["properties"].(map[string]any)
		if schema["type"] != "object" {
			t.Errorf("schema %s has type %v", name, schema["type"])
		}
		for field, x := range properties {
			p := x.(map[string]any)
			if p["type"] == nil && p["$ref"] == nil && p["anyOf"] == nil && len(p) > 0 && p["description"] == nil {
				t.Errorf("%s.%s: %v", name, field, p)
			}
			if n, isNumber := p["type"].(string); isNumber && n == "number" {
				t.Errorf("%s.%s is a number: amounts and areas are strings", name, field)
			}
		}
	}
}

func TestOpenAPI_Rules(t *testing.T) {
	t.Parallel()
	b := empty(t)
	d, _ := read(t, b.server(b.options()).Probe())
	text, err := json.Marshal(d.Components.Schemas["ProbeBodyRequest"])
	if err != nil {
		t.Fatal(err)
	}
	body := string(text)
	if body == "null" {
		text, err = json.Marshal(d.Components.Schemas["ProbeBody"])
		if err != nil {
			t.Fatal(err)
		}
		body = string(text)
	}
	for _, part := range []string{
		`"additionalProperties":false`, `"required":["name"]`, `"maxLength":5`, `"enum":["a","b",""]`, `"maximum":9`, `"minimum":0`, `"maxItems":2`, `"type":["string","null"]`,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("no %s in %s", part, body)
		}
	}
	list := d.Paths["/api/v1/probe"]["get"]
	for _, p := range list.Parameters {
		if p.Name == "limit" && (p.Schema["maximum"] != json.Number("200") || p.Schema["type"] != "integer") {
			t.Errorf("limit: %v", p.Schema)
		}
	}
	match := d.Paths["/api/v1/probe/{id}"]["delete"]
	if !slices.ContainsFunc(match.Parameters, func(p struct {
		Name, In string
		Required bool
		Schema   map[string]any
	}) bool {
		return p.Name == "If-Match" && p.In == "header" && p.Required
	}) {
		t.Errorf("If-Match: %+v", match.Parameters)
	}
}

// The document and its page are public and ask no other site.
func TestOpenAPI_Served(t *testing.T) {
	t.Parallel()
	b := empty(t)
	w := b.api("GET", "/api/openapi.json", "")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || !strings.Contains(w.Body.String(), `"openapi": "3.1.0"`) {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	b.get("/api/", 200, "GET /api/v1/me", `id="schema-Me"`, "我是谁，有哪些权限")
	b.get("/api/?lang=en", 200, "GET /api/v1/me", "who asks, and with which rights")
}
