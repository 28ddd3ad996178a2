package web

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mingzhang/ledger"
)

// jsonMap is an object of the document; encoding/json sorts its keys.
type jsonMap = map[string]any

// makeDocument describes the API (OpenAPI 3.1) from the routing table and the types that it serves. Nothing is
// written by hand twice: rules come from validate tags, statuses from what a route has.
func (s *Server) makeDocument() ([]byte, error) {
	c := newComponents()
	paths := jsonMap{}
	for _, rt := range s.table {
		if rt.api == nil {
			continue
		}
		path, ok := paths[rt.pattern].(jsonMap)
		if !ok {
			path = jsonMap{}
			paths[rt.pattern] = path
		}
		path[strings.ToLower(rt.method)] = rt.describe(c)
	}
	document := jsonMap{
		"openapi": "3.1.0",
		"info": jsonMap{
			"title":   "明账 / Mingzhang",
			"version": cmpOr(s.o.Version, "dev"),
			"description": "金额、面积、比率和日期都是字符串。写入可带 Idempotency-Key；更正和作废须带 If-Match。\n\n" +
				"Amounts, areas, rates and days are strings. Writes take an Idempotency-Key; amendments and voids need If-Match.",
		},
		"servers": []any{jsonMap{"url": "/"}},
		"paths":   paths,
		"components": jsonMap{
			"schemas": c.schemas(),
			"securitySchemes": jsonMap{
				"bearer":  jsonMap{"type": "http", "scheme": "bearer", "description": "API 令牌 / an API token"},
				"session": jsonMap{"type": "apiKey", "in": "cookie", "name": secureCookie, "description": "网页登录 / the session of the pages (" + plainCookie + " without TLS)"},
			},
		},
	}
	return json.MarshalIndent(document, "", " ")
}

func cmpOr(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// bilingual is a text in the document: both languages stand there.
func bilingual(t ledger.Text) string { return t.ZH + " / " + t.EN }

// operationID names an operation: get_books_book_lots_id.
func (rt *route) operationID() string {
	parts := strings.FieldsFunc(strings.TrimPrefix(rt.pattern, "/api/v1"), func(c rune) bool { return c == '/' || c == '{' || c == '}' || c == '.' || c == '-' })
	return strings.ToLower(rt.method) + "_" + strings.Join(parts, "_")
}

// subject groups operations: the first word of the address that is no book.
func (rt *route) subject() string {
	path := strings.TrimPrefix(strings.TrimPrefix(rt.pattern, "/api/v1/"), "books/{book}/")
	word, _, _ := strings.Cut(path, "/")
	return word
}

var wildcard = regexp.MustCompile(`\{([a-z_]+)\}`)

// describe is the operation of a route.
func (rt *route) describe(c *components) jsonMap {
	op := jsonMap{
		"operationId": rt.operationID(), "summary": bilingual(rt.api.summary), "tags": []any{rt.subject()},
		"parameters": rt.parameters(c), "responses": rt.responses(c), "x-needs": string(rt.needs),
	}
	if rt.needs == public {
		op["security"] = []any{}
	} else {
		op["security"] = []any{jsonMap{"bearer": []any{}}, jsonMap{"session": []any{}}}
	}
	if index := rt.api.in.body; index != nil {
		schema := c.schema(rt.api.in.in.FieldByIndex(index).Type, true)
		op["requestBody"] = jsonMap{"required": true, "content": jsonMap{"application/json": jsonMap{"schema": schema}}}
	}
	if rt.api.in.form {
		op["requestBody"] = jsonMap{"required": true, "content": jsonMap{"multipart/form-data": jsonMap{"schema": rt.parts(c)}}}
	}
	return op
}

// parts are the parts of a form with a file.
func (rt *route) parts(c *components) jsonMap {
	properties := jsonMap{"file": jsonMap{"type": "string", "contentMediaType": "application/octet-stream", "description": ".xlsx, .csv"}}
	for _, p := range rt.api.in.params {
		if p.place == "form" {
			properties[p.name] = c.field(p.field.Type, p.field.Tag.Get("validate"), true)
		}
	}
	return jsonMap{"type": "object", "properties": properties, "required": []any{"file"}, "additionalProperties": false}
}

// parameters are those of the address and the headers that the operation reads.
func (rt *route) parameters(c *components) []any {
	list := []any{}
	named := map[string]param{}
	for _, p := range rt.api.in.params {
		named[p.name] = p
	}
	for _, m := range wildcard.FindAllStringSubmatch(rt.pattern, -1) {
		schema := jsonMap{"type": "string"}
		if p, ok := named[m[1]]; ok {
			schema = c.field(p.field.Type, p.field.Tag.Get("validate"), true)
		} else if m[1] == "book" {
			schema["pattern"] = rules()["code"].pattern
		}
		list = append(list, jsonMap{"name": m[1], "in": "path", "required": true, "schema": schema})
	}
	for _, p := range rt.api.in.params {
		if p.place == "query" {
			rule := p.field.Tag.Get("validate")
			q := jsonMap{"name": p.name, "in": "query", "required": isRequired(rule), "schema": c.field(p.field.Type, rule, true)}
			if about := aboutField(p.name); about != "" {
				q["description"] = about
			}
			list = append(list, q)
		}
	}
	for _, h := range rt.headers() {
		list = append(list, jsonMap{"name": h.name, "in": "header", "required": h.must, "description": bilingual(h.about), "schema": h.schema})
	}
	lang := jsonMap{"type": "string", "enum": []any{string(ledger.ZH), string(ledger.EN)}}
	return append(list, jsonMap{"name": "lang", "in": "query", "required": false, "description": "说明文字的语言 / language of sentences", "schema": lang})
}

// header is one that an operation reads or sends.
type header struct {
	name   string
	must   bool
	about  ledger.Text
	schema jsonMap
}

func (rt *route) headers() []header {
	var list []header
	if rt.api.match {
		list = append(list, header{"If-Match", true, ledger.Text{ZH: "读取时得到的 ETag", EN: "the ETag that came with the record"}, jsonMap{"type": "string", "pattern": `^(W/)?"[0-9]+"$`}})
	}
	if isRead(rt.method) && rt.api.hasETag() {
		list = append(list, header{"If-None-Match", false, ledger.Text{ZH: "已有的版本；没有变化时回答 304", EN: "the version at hand; 304 when it is current"}, jsonMap{"type": "string"}})
	}
	if rt.api.takesKey() {
		list = append(list, header{"Idempotency-Key", false, ledger.Text{ZH: "重试键：同键同内容只写一次", EN: "makes a retry harmless: the same key and content are written once"}, jsonMap{"type": "string", "maxLength": keyBytesMax, "pattern": "^[!-~]+$"}})
	}
	return list
}

// statuses are all that a route of the API can answer.
func (rt *route) statuses() []int {
	all := []int{rt.api.status, http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable}
	if isRead(rt.method) && rt.api.hasETag() {
		all = append(all, http.StatusNotModified)
	}
	if rt.needs != public {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden)
	}
	if strings.Contains(rt.pattern, "{") || !isRead(rt.method) { // the body may name what is not there
		all = append(all, http.StatusNotFound)
	}
	if rt.api.in.body != nil || rt.api.in.form {
		all = append(all, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if !isRead(rt.method) {
		all = append(all, http.StatusConflict)
	}
	if rt.api.match {
		all = append(all, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (rt *route) responses(c *components) jsonMap {
	all := jsonMap{}
	for _, status := range rt.statuses() {
		answer := jsonMap{"description": http.StatusText(status)}
		switch {
		case status == rt.api.status:
			rt.success(c, answer)
		case status >= http.StatusBadRequest:
			answer["content"] = jsonMap{"application/problem+json": jsonMap{"schema": c.schema(typeProblem, false)}}
		}
		all[strconv.Itoa(status)] = answer
	}
	return all
}

// success is what a route answers when all is well.
func (rt *route) success(c *components, answer jsonMap) {
	text := jsonMap{"type": "string"}
	headers := jsonMap{"X-Request-Id": jsonMap{"schema": text}}
	if rt.api.hasETag() {
		headers["ETag"] = jsonMap{"schema": text}
	}
	if rt.api.takesKey() {
		headers[replayedHeader] = jsonMap{
			"description": bilingual(ledger.Text{ZH: "出现时：这是同一个 Idempotency-Key 第一次的回答，没有再写", EN: "when there: this is the first answer to the Idempotency-Key; nothing was written again"}),
			"schema":      jsonMap{"type": "string", "enum": []string{"true"}},
		}
	}
	answer["headers"] = headers
	if rt.api.status == http.StatusNoContent {
		return
	}
	kind := "application/json"
	var schema jsonMap
	if rt.api.file == "" {
		schema = c.schema(rt.api.out, false)
	}
	if rt.api.stream {
		kind = "application/x-ndjson"
		schema = jsonMap{"anyOf": []any{schema, c.schema(typeStreamEnd, false)}}
	}
	if rt.api.file != "" {
		kind, schema = rt.api.file, jsonMap{"type": "string", "format": "binary"}
	}
	content := jsonMap{kind: jsonMap{"schema": schema}}
	if rt.api.text {
		content["text/plain"] = jsonMap{"schema": text}
	}
	answer["content"] = content
}
