package web

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"mingzhang/ledger"
)

// How a stream is sent: so many lines before they go out, and how long a reader may take for them.
const (
	streamLines = 200
	streamStall = time.Minute
)

// streamEnd is the last line of a whole stream: one that was cut has none.
type streamEnd struct {
	End   bool  `json:"end"`
	Count int64 `json:"count"`
}

// stream makes an operation that answers line by line (NDJSON). An error before the first line is a problem
// like any other; one in mid-stream cuts the connection, so that nobody takes a part for the whole.
func stream[In, Item any](summary ledger.Text, do func(ctx context.Context, r *request, in *In, yield func(*Item) error) error) *operation {
	op := &operation{summary: summary, status: http.StatusOK, in: newPlan(reflect.TypeFor[In]()), out: reflect.TypeFor[Item](), stream: true}
	op.run = func(w http.ResponseWriter, r *request, body []byte) error {
		in := new(In)
		if err := r.server.take(op.in, r, in, body); err != nil {
			return err
		}
		l := newLines(w)
		defer l.stop()
		err := do(r.Context(), r, in, func(item *Item) error { return l.send(item) })
		if err == nil {
			err = l.end()
		}
		if err != nil && l.count > 0 {
			r.server.metrics.refused(ledger.CodeOf(err))
			r.server.log.ErrorContext(r.Context(), "web: a stream was cut", slog.String("request_id", r.id), slog.Any("error", err))
			panic(http.ErrAbortHandler)
		}
		return err
	}
	return op
}

// lines writes a stream.
type lines struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	stall *time.Timer
	count int64
}

// newLines lets the answer take as long as its reader goes on reading.
func newLines(w http.ResponseWriter) *lines {
	l := &lines{w: w, rc: http.NewResponseController(w)}
	_ = l.rc.SetWriteDeadline(time.Time{}) // a writer without deadlines needs none
	l.stall = time.AfterFunc(streamStall, func() { _ = l.rc.SetWriteDeadline(time.Unix(1, 0)) })
	return l
}

func (l *lines) stop() { l.stall.Stop() }

func (l *lines) send(item any) error {
	line, err := encodeLine(item)
	if err != nil {
		return err
	}
	if l.count == 0 {
		l.w.Header().Set("Content-Type", "application/x-ndjson")
		l.w.WriteHeader(http.StatusOK)
	}
	l.count++
	if _, err := l.w.Write(line); err != nil {
		return err
	}
	if l.count%streamLines != 0 {
		return nil
	}
	l.stall.Reset(streamStall)
	return l.rc.Flush()
}

// end sends the last line. A stream without items has it alone.
func (l *lines) end() error {
	end := streamEnd{End: true, Count: l.count}
	return l.send(end)
}
