package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"mingzhang/ledger"
	"mingzhang/web/locale"
)

// problem is a refusal as RFC 9457 has it. Title is the sentence that pages show; nothing of it comes from an
// error of the program.
type problem struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Code      string         `json:"code"`
	Reason    string         `json:"reason"`
	Field     string         `json:"field,omitempty"`
	Pointer   string         `json:"pointer,omitempty"`
	Parameter string         `json:"parameter,omitempty"`
	Errors    []problemFault `json:"errors,omitempty"`
	RequestID string         `json:"request_id"`

	Import *importOut `json:"import,omitempty"` // what was found in a file whose rows were refused
}

// problemFault is one of several faults of a request.
type problemFault struct {
	Reason    string `json:"reason"`
	Title     string `json:"title"`
	Field     string `json:"field,omitempty"`
	Pointer   string `json:"pointer,omitempty"`
	Parameter string `json:"parameter,omitempty"`
}

// internalReason is the reason of what is not meant for users.
const internalReason = "internal"

// problemType is the address of a reason's page.
func problemType(reason string) string { return "/problems/" + reason }

// statusOf is the status of an error.
func statusOf(err error) int {
	e, ok := errors.AsType[*ledger.Error](err)
	if !ok {
		return http.StatusInternalServerError
	}
	switch e.Reason {
	case "record.changed":
		return http.StatusPreconditionFailed
	case "record.match_missing":
		return http.StatusPreconditionRequired
	case "body.too_large":
		return http.StatusRequestEntityTooLarge
	case "body.not_json", "body.not_form":
		return http.StatusUnsupportedMediaType
	case "body.unreadable":
		return http.StatusBadRequest
	case "route.unknown_method":
		return http.StatusMethodNotAllowed
	case "sign_in.wait":
		return http.StatusTooManyRequests
	}
	if e.Code == ledger.Invalid && strings.HasPrefix(e.Reason, "json.") && e.Reason != "json.wrong_type" && e.Reason != "json.unknown_field" {
		return http.StatusBadRequest
	}
	return codeStatus(e.Code)
}

func codeStatus(code ledger.Code) int {
	switch code {
	case ledger.Invalid:
		return http.StatusUnprocessableEntity
	case ledger.NotFound:
		return http.StatusNotFound
	case ledger.Conflict:
		return http.StatusConflict
	case ledger.Unauthenticated:
		return http.StatusUnauthorized
	case ledger.Denied:
		return http.StatusForbidden
	case ledger.Busy:
		return http.StatusServiceUnavailable
	case ledger.Tampered, ledger.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// isOurs holds for what users read as a fault of the program, and the log reads whole.
func isOurs(err error) bool {
	code := ledger.CodeOf(err)
	return code == ledger.Internal || code == ledger.Tampered
}

// away says that the database is away where that is all that is wrong: busy database.away.
func away(err error) error {
	if isOurs(err) && ledger.Away(err) {
		return ledger.E(ledger.Busy, "database.away").Because(err)
	}
	return err
}

// record puts an error into the log, if it is ours or the database's, and into the metrics.
func (s *Server) record(r *request, err error) {
	s.metrics.refused(ledger.CodeOf(err))
	if isOurs(err) || ledger.Away(err) {
		s.log.ErrorContext(r.Context(), "web: answering a request", slog.String("request_id", r.id), slog.Any("error", err))
	}
}

// problem answers an API request with a refusal.
func (s *Server) problem(w http.ResponseWriter, r *request, err error) {
	err = away(err)
	s.record(r, err)
	p := problemOf(r, err)
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="mingzhang"`)
	}
	retryAfter(h, err)
	body, encodeErr := json.Marshal(p)
	if encodeErr != nil {
		s.log.ErrorContext(r.Context(), "web: encoding a problem", slog.Any("error", encodeErr))
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // a reader that has gone is no error of ours
}

// retryAfter says when to try again: the seconds that the error carries, or soon.
func retryAfter(h http.Header, err error) {
	e, ok := errors.AsType[*ledger.Error](err)
	if !ok || e.Code != ledger.Busy {
		return
	}
	seconds := "1"
	if len(e.Args) > 0 {
		switch e.Args[0].(type) {
		case int, int64:
			seconds = fmt.Sprint(e.Args[0])
		}
	}
	h.Set("Retry-After", seconds)
}

func problemOf(r *request, err error) problem {
	faults := faultsOf(err)
	first := faults[0]
	p := problem{
		Type: problemType(first.reason()), Title: first.sentence(r.lang), Status: statusOf(first.err), Code: string(ledger.CodeOf(first.err)),
		Reason: first.reason(), Field: first.field(), Pointer: first.pointer, Parameter: first.parameter, RequestID: r.id,
	}
	if refused, ok := errors.AsType[*importRefusedError](err); ok {
		p.Import = refused.out
	}
	if len(faults) > 1 {
		for _, f := range faults {
			p.Errors = append(p.Errors, problemFault{Reason: f.reason(), Title: f.sentence(r.lang), Field: f.field(), Pointer: f.pointer, Parameter: f.parameter})
		}
	}
	return p
}

// fault is one thing that is wrong with a request, and where.
type fault struct {
	err       error
	pointer   string // into the body (RFC 6901)
	parameter string // of the address
}

func (f fault) ledger() *ledger.Error {
	if e, ok := errors.AsType[*ledger.Error](f.err); ok && !isOurs(f.err) {
		return e
	}
	return nil
}

func (f fault) reason() string {
	if e := f.ledger(); e != nil {
		return e.Reason
	}
	return internalReason
}

func (f fault) field() string {
	if e := f.ledger(); e != nil {
		return e.Field
	}
	return ""
}

func (f fault) sentence(lang ledger.Lang) string {
	if e := f.ledger(); e != nil {
		return locale.Sentence(lang, e)
	}
	return locale.Say(lang, errOurs)
}

// errOurs reads as a fault of the program.
var errOurs = errors.New("web: internal")

// faultsError is several faults of one request.
type faultsError struct{ faults []fault }

func (e *faultsError) Error() string {
	texts := make([]string, len(e.faults))
	for i, f := range e.faults {
		texts[i] = f.pointer + f.parameter + ": " + f.err.Error()
	}
	return "web: " + strings.Join(texts, "; ")
}

// Unwrap gives the first fault: its code decides the status.
func (e *faultsError) Unwrap() error { return e.faults[0].err }

// faultsOf lists what is wrong; at least one.
func faultsOf(err error) []fault {
	if e, ok := errors.AsType[*faultsError](err); ok {
		return e.faults
	}
	if many, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok && len(many.Unwrap()) > 0 {
		var faults []fault
		for _, one := range many.Unwrap() {
			faults = append(faults, faultsOf(one)...)
		}
		return faults
	}
	f := fault{err: err}
	if e := f.ledger(); e != nil {
		f.pointer = pointerOf(e.Field)
	}
	return []fault{f}
}

// pointerOf is the place of a field in the body of a request: lines.1.base_price is /lines/1/base_price.
func pointerOf(field string) string {
	if field == "" {
		return ""
	}
	return "/" + strings.ReplaceAll(field, ".", "/")
}
