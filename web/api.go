package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"mingzhang/ledger"
)

// operation is what a route of the API does.
type operation struct {
	summary ledger.Text
	status  int
	in      plan
	out     reflect.Type
	match   bool // If-Match must say which entry the client saw
	stream  bool
	file    string // its media type, where it answers with a file
	text    bool   // it answers plain text, too, to whoever asks for that (Accept)
	run     func(http.ResponseWriter, *request, []byte) error
}

// endpoint makes an operation of a function. In has fields with the tags path or query, and perhaps a field
// Body; validate tags are the one source of their rules. A field Entry of Out becomes the ETag.
func endpoint[In, Out any](summary ledger.Text, status int, do func(context.Context, *request, *In) (*Out, error)) *operation {
	op := &operation{summary: summary, status: status, in: newPlan(reflect.TypeFor[In]()), out: reflect.TypeFor[Out]()}
	op.run = func(w http.ResponseWriter, r *request, body []byte) error {
		in := new(In)
		if err := r.server.take(op.in, r, in, body); err != nil {
			return err
		}
		out, err := do(r.Context(), r, in)
		if err != nil {
			return err
		}
		return op.answer(w, r, out)
	}
	return op
}

// amends says that the operation replaces what the client saw: without If-Match it is refused (428).
func (op *operation) amends() *operation {
	op.match = true
	return op
}

// take fills a request and holds it against its rules.
func (s *Server) take(p plan, r *request, in any, body []byte) error {
	if err := p.fill(r, reflect.ValueOf(in).Elem(), body); err != nil {
		return err
	}
	if err := s.check(in); err != nil {
		return err
	}
	if past, ok := in.(interface{ asOf() int64 }); ok {
		err := r.toPast(r.Context(), past.asOf())
		if ledger.CodeOf(err) == ledger.Invalid {
			return &faultsError{[]fault{{err: err, parameter: "as_of"}}}
		}
		return err
	}
	return nil
}

// serve reads headers and body, runs, and answers with the value or with a problem.
func (op *operation) serve(w http.ResponseWriter, r *request) {
	err := op.exchange(w, r)
	if err != nil {
		r.server.problem(w, r, err)
	}
}

func (op *operation) exchange(w http.ResponseWriter, r *request) error {
	var body []byte
	var err error
	switch {
	case op.in.body != nil:
		body, err = readBody(r.Request)
	case op.in.form:
		err = readParts(r)
	}
	if err != nil {
		return err
	}
	if err := op.readHeaders(r, body); err != nil {
		return err
	}
	return op.run(w, r, body)
}

// readHeaders reads If-Match and Idempotency-Key.
func (op *operation) readHeaders(r *request, body []byte) error {
	if op.match {
		match := r.Header.Get("If-Match")
		if match == "" {
			return ledger.E(ledger.Conflict, "record.match_missing")
		}
		seen, err := parseETag(match)
		if err != nil {
			return ledger.E(ledger.Invalid, "record.match_form", match).Because(err)
		}
		r.seen = seen
	}
	name := r.Header.Get("Idempotency-Key")
	if name == "" || isRead(r.Method) {
		return nil
	}
	if len(name) > keyBytesMax || strings.ContainsFunc(name, func(c rune) bool { return c < '!' || c > '~' }) {
		return ledger.E(ledger.Invalid, "idempotency.key_form", keyBytesMax)
	}
	// The same key at another address is another request.
	r.key = ledger.Key{Name: name, Body: append([]byte(r.Method+" "+r.URL.Path+"\n"+r.Header.Get("If-Match")+"\n"), body...)}
	return nil
}

// keyBytesMax is the longest idempotency key.
const keyBytesMax = 200

// answer sends a value.
func (op *operation) answer(w http.ResponseWriter, r *request, out any) error {
	h := w.Header()
	if tag := etagOf(out); tag != "" {
		h.Set("ETag", tag)
		if isRead(r.Method) && hasETag(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	if p, ok := out.(paged); ok && p.nextCursor() != "" {
		q := r.URL.Query()
		q.Set("after", p.nextCursor())
		next := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
		h.Set("Link", "<"+next.String()+`>; rel="next"`)
	}
	if op.status == http.StatusNoContent {
		w.WriteHeader(op.status)
		return nil
	}
	body, err := encodeLine(out)
	if err != nil {
		return err
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(op.status)
	_, _ = w.Write(body) // a reader that has gone is no error of ours
	return nil
}

// encodeLine is a value as JSON on a line. Nothing is escaped that JSON does not ask to be: the bytes of an
// entry stay those that were hashed.
func encodeLine(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// etagOf is the tag of a value's entry number: the field Entry.
func etagOf(out any) string {
	v := reflect.Indirect(reflect.ValueOf(out))
	if v.Kind() != reflect.Struct {
		return ""
	}
	f := v.FieldByName("Entry")
	if !f.IsValid() || f.Kind() != reflect.Int64 {
		return ""
	}
	return `"` + strconv.FormatInt(f.Int(), 10) + `"`
}

// parseETag reads the number of an entry. A proxy that compresses makes a tag weak; the number stays good.
// Entry 0 opens a book and is no record's: services would take it for nobody asked.
func parseETag(tag string) (int64, error) {
	n, err := strconv.ParseUint(strings.Trim(strings.TrimPrefix(strings.TrimSpace(tag), "W/"), `"`), 10, 63)
	if err == nil && n == 0 {
		err = strconv.ErrRange
	}
	return int64(n), err //nolint:gosec // 63 bits
}

func hasETag(header, tag string) bool {
	for t := range strings.SplitSeq(header, ",") {
		if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
			return true
		}
	}
	return false
}

// pageQuery is what every list takes: the cursor of the page before, and how many.
type pageQuery struct {
	After string `query:"after" validate:"max=400"`
	Limit int    `query:"limit" validate:"omitempty,min=1,max=200"`
}

// pageLimit is how many a page of a list has at most, and when nobody asks.
const pageLimit = 200

// size is how many are asked for.
func (q pageQuery) size() int {
	if q.Limit == 0 {
		return pageLimit
	}
	return q.Limit
}

// listPage is a page of a list. Next is the cursor of the following page, "" at the end.
type listPage[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

type paged interface{ nextCursor() string }

func (p *listPage[T]) nextCursor() string { return p.Next }

// newPage never says null for no items.
func newPage[T any](items []T, next string) *listPage[T] {
	if items == nil {
		items = []T{}
	}
	return &listPage[T]{items, next}
}

// recorded is the answer to a write: the numbers of its entries, and the size of the book whose checkpoint
// covers them. A replay answers the same; only a header says that it is one.
type recorded struct {
	Record int64 `json:"record"`           // the record's own number
	Entry  int64 `json:"entry"`            // the record's newest entry: what If-Match takes
	Review int64 `json:"review,omitempty"` // the entry of a review, which leaves the record's own as it was
	Size   int64 `json:"size"`
}

// replayedHeader marks the answer of an earlier request with the same Idempotency-Key.
const replayedHeader = "Idempotency-Replayed"

// recorded answers with a receipt.
func (r *request) recorded(record int64, receipt ledger.Receipt) *recorded {
	r.server.metrics.appended(receipt)
	if receipt.Replayed {
		r.header.Set(replayedHeader, "true")
	}
	return &recorded{Record: record, Entry: receipt.Last, Size: receipt.Size}
}
