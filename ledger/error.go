package ledger

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of error it is; it decides the exit status and the HTTP status.
type Code string

// The eight codes. Whatever is not an *Error counts as Internal.
const (
	Invalid         Code = "invalid"         // cannot be read, or breaks a rule by itself
	NotFound        Code = "not_found"       // names something that is not there, or that the actor may not know of
	Conflict        Code = "conflict"        // contradicts what the book already says
	Unauthenticated Code = "unauthenticated" // nobody knows who asks
	Denied          Code = "denied"          // the actor may not
	Busy            Code = "busy"            // not now: trying again later helps
	Tampered        Code = "tampered"        // the book does not agree with itself
	Internal        Code = "internal"        // ours; the cause is for the operator
)

// Error is the one error that users read. Reason is stable and is the key of the sentence in both
// languages; Field names the input it stands beside; Err is the cause, for the log only.
type Error struct {
	Code   Code
	Reason string
	Field  string
	Args   []any
	Err    error
}

// E makes an error where the rule is. args are those of the sentence, in its order.
func E(code Code, reason string, args ...any) *Error {
	return &Error{Code: code, Reason: reason, Args: args}
}

// On says which input the error is about.
func (e *Error) On(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// Because keeps the cause for the log.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// Error is the operator's line; users read the sentence of Reason instead.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Reason)
	if e.Field != "" {
		fmt.Fprintf(&b, " [%s]", e.Field)
	}
	if len(e.Args) > 0 {
		fmt.Fprintf(&b, " %v", e.Args)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is compare code and reason, so that tests name what they expect.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && t.Reason == e.Reason
}

// CodeOf tells the code of any error; what is not ours is Internal, nil has none.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
