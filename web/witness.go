package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/witness"
	"mingzhang/web/locale"
)

// sizeType is the type of an answer that is the size of a tree (C2SP tlog-witness).
const sizeType = "text/x.tlog.size"

// WitnessDesk answers for a witness: what logs send, and what its keepers look at.
type WitnessDesk struct {
	Witness *witness.Witness
	Record  witness.Record
	Lang    ledger.Lang // of what is told to the log
	Log     *slog.Logger

	page *template.Template
}

// ServeWitness answers until the context ends.
func (d *WitnessDesk) ServeWitness(ctx context.Context, l net.Listener, config *tls.Config) error {
	handler, err := d.Handler()
	if err != nil {
		return err
	}
	return serve(ctx, d.Log, l, config, handler, func(context.Context) {})
}

// Handler answers everything: POST /add-checkpoint, the page GET / and GET /status.
func (d *WitnessDesk) Handler() (http.Handler, error) {
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, fmt.Errorf("web: finding the static files: %w", err)
	}
	say := func(lang ledger.Lang, zh, en string) string { return ledger.Text{ZH: zh, EN: en}.In(lang) }
	d.page, err = template.New("witness.html").Funcs(template.FuncMap{"say": say}).ParseFS(files, "templates/alone/witness.html")
	if err != nil {
		return nil, fmt.Errorf("web: reading the witness's page: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", d.add)
	mux.HandleFunc("GET /{$}", d.show)
	mux.HandleFunc("GET /status", d.status)
	mux.HandleFunc("GET /mingzhang.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, static, "mingzhang.css") })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	}), nil
}

// verdictStatus are the statuses of the specification.
func verdictStatus(v witness.Verdict) int {
	switch v {
	case witness.Cosigned:
		return http.StatusOK
	case witness.NotSigned:
		return http.StatusForbidden
	case witness.UnknownLog:
		return http.StatusNotFound
	case witness.OtherSize:
		return http.StatusConflict
	case witness.NotConsistent:
		return http.StatusUnprocessableEntity
	default:
		return http.StatusBadRequest
	}
}

func (d *WitnessDesk) add(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, witness.BodyBytesMost+1))
	if err != nil {
		http.Error(w, "the request cannot be read, or is too long", http.StatusBadRequest)
		return
	}
	a, err := d.Witness.Add(body)
	if err != nil {
		d.Log.ErrorContext(r.Context(), "witness: the store failed, nothing was cosigned", slog.Any("error", err))
		http.Error(w, "the witness cannot keep what it sees", http.StatusInternalServerError)
		return
	}
	if a.Alarm != nil {
		d.Log.ErrorContext(r.Context(), locale.Sentence(d.Lang, a.Alarm.Trouble()), slog.String("alarm", string(a.Alarm.Kind)),
			slog.String("origin", a.Alarm.Origin), slog.Int64("size", a.Alarm.Size), slog.Int64("last", a.Alarm.Last))
	}
	var cause slog.Attr // an empty one is not printed
	if a.Cause != nil {
		cause = slog.String("cause", a.Cause.Error())
	}
	d.Log.InfoContext(r.Context(), "witness", slog.String("verdict", string(a.Verdict)), slog.String("peer", r.RemoteAddr), cause)
	switch a.Verdict {
	case witness.Cosigned:
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, a.Lines)
	case witness.OtherSize:
		w.Header().Set("Content-Type", sizeType)
		w.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprintf(w, "%d\n", a.Size)
	default:
		http.Error(w, a.Cause.Error(), verdictStatus(a.Verdict))
	}
}

// witnessStatus is GET /status: what a machine asks.
type witnessStatus struct {
	VerifierKey string         `json:"verifier_key"`
	Logs        []witnessLog   `json:"logs"`
	Alarms      []witnessAlarm `json:"alarms"`
	Open        int            `json:"open_alarms"`
}

type witnessLog struct {
	Origin       string     `json:"origin"`
	VerifierKeys []string   `json:"verifier_keys"`
	Size         int64      `json:"size"` // 0 and no time: nothing was cosigned yet
	Root         string     `json:"root,omitempty"`
	At           *time.Time `json:"cosigned_at,omitempty"`
}

type witnessAlarm struct {
	Name     string            `json:"name"`
	Kind     witness.AlarmKind `json:"kind"`
	Proven   bool              `json:"proven"` // the two notes alone prove it
	Origin   string            `json:"origin"`
	At       time.Time         `json:"at"`
	Size     int64             `json:"size"`
	Root     string            `json:"root"`
	Last     int64             `json:"last"`
	Known    string            `json:"known_note"`
	Shown    string            `json:"shown_note"`
	Settled  *time.Time        `json:"settled_at,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	Sentence string            `json:"-"`
}

// report is what a witness can say of its work, with its sentences in a language.
func (d *WitnessDesk) report(lang ledger.Lang) (*witnessStatus, error) {
	logs, err := d.Record.Logs()
	if err != nil {
		return nil, err
	}
	alarms, err := d.Record.Alarms()
	if err != nil {
		return nil, err
	}
	out := &witnessStatus{VerifierKey: d.Witness.VerifierKey(), Logs: []witnessLog{}, Alarms: []witnessAlarm{}}
	for _, l := range logs {
		row := witnessLog{Origin: l.Origin, VerifierKeys: l.Keys, Size: l.Size}
		if l.Seen {
			row.Root, row.At = l.Root.String(), &l.At
		}
		out.Logs = append(out.Logs, row)
	}
	for _, a := range alarms {
		if a.Open() {
			out.Open++
		}
		out.Alarms = append(out.Alarms, witnessAlarm{
			Name: a.Name, Kind: a.Kind, Proven: a.Kind.Proven(), Origin: a.Origin, At: a.At, Size: a.Size, Root: a.Root.String(), Last: a.Last,
			Known: a.Known, Shown: a.Shown, Settled: a.Settled, Reason: a.Reason, Sentence: locale.Sentence(lang, a.Trouble()),
		})
	}
	slices.SortStableFunc(out.Alarms, func(a, b witnessAlarm) int { return b.At.Compare(a.At) })
	return out, nil
}

// Status prints the report and tells how many alarms are open.
func (d *WitnessDesk) Status(w io.Writer) (open int, err error) {
	out, err := d.report(d.Lang)
	if err != nil {
		return 0, err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return out.Open, e.Encode(out)
}

func (d *WitnessDesk) status(w http.ResponseWriter, r *http.Request) {
	var b bytes.Buffer
	if _, err := d.Status(&b); err != nil {
		d.trouble(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b.Bytes())
}

func (d *WitnessDesk) trouble(w http.ResponseWriter, r *http.Request, err error) {
	d.Log.ErrorContext(r.Context(), "witness: reading the files", slog.Any("error", err))
	http.Error(w, "系统出错，已记录 / something went wrong; it has been logged", http.StatusInternalServerError)
}

// witnessPage is GET /.
type witnessPage struct {
	*witnessStatus

	Lang ledger.Lang
	HTML string
}

func (d *WitnessDesk) show(w http.ResponseWriter, r *http.Request) {
	p := witnessPage{Lang: ledger.ZH, HTML: "zh-CN"}
	if r.URL.Query().Get("lang") == string(ledger.EN) {
		p.Lang, p.HTML = ledger.EN, "en"
	}
	var err error
	if p.witnessStatus, err = d.report(p.Lang); err != nil {
		d.trouble(w, r, err)
		return
	}
	var b bytes.Buffer
	if err := d.page.Execute(&b, p); err != nil {
		d.trouble(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

// errAnswer is an answer of a witness that is none of the specification's.
var errAnswer = errors.New("web: the witness answered with another status")
