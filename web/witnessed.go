package web

import (
	"context"
	"fmt"
	"io"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/witness"
	"mingzhang/web/locale"
)

// witnessedPanel says on the book's page which witness saw how much of it.
type witnessedPanel struct {
	Table  Table
	Alarms []string // what a witness holds against the book
	Any    bool
}

func newWitnessedPanel(r *request, head ledger.Checkpoint) (*witnessedPanel, error) {
	list, err := r.book.Witnesses(r.Context())
	if err != nil {
		return nil, err
	}
	p := &witnessedPanel{Any: len(list) > 0, Table: Table{ID: "witnesses", Caption: r.say("见证人", "Witnesses"), Quiet: true, Columns: []Column{
		{Name: r.say("见证人", "Witness")}, {Name: r.say("已见证条目", "Entries seen"), Numeric: true},
		{Name: r.say("尚未见证", "Not yet seen"), Numeric: true}, {Name: r.say("见证时间", "Seen at")}, {Name: r.say("最近一次", "Last attempt")},
	}}}
	for _, w := range list {
		state := Cell{Text: showInstant(w.TriedAt)}
		if trouble := witness.Trouble(w); trouble != nil {
			state.Sub = locale.Sentence(r.lang, trouble)
			if trouble.Code == ledger.Tampered {
				p.Alarms = append(p.Alarms, state.Sub)
				state.Sub = r.say("见证人认为账簿被改动过", "the witness says that the book was changed")
			}
		}
		at := "—"
		if !w.At.IsZero() {
			at = showInstant(w.At)
		}
		p.Table.Rows = append(p.Table.Rows, Row{Cells: []Cell{
			{Text: w.Name}, {Text: group(int(w.Size))}, {Text: group(int(head.Size - w.Size))}, {Text: at}, state,
		}})
	}
	return p, nil
}

// witnessOut is how far a witness saw the book. Behind counts the entries that it has not seen.
type witnessOut struct {
	Name        string     `json:"name"`
	VerifierKey string     `json:"verifier_key"`
	Size        int64      `json:"size"`
	At          *time.Time `json:"at"` // by the witness's own clock; null: nothing was cosigned yet
	Behind      int64      `json:"behind"`
	TriedAt     time.Time  `json:"tried_at"`
	Trouble     string     `json:"trouble,omitempty"`       // a reason, as problems have them
	Title       string     `json:"trouble_title,omitempty"` // its sentence
	Alarm       bool       `json:"alarm"`                   // the witness saw a tree that this book does not extend
}

func listWitnesses(ctx context.Context, r *request, _ *bookIn) (*listPage[witnessOut], error) {
	list, err := r.book.Witnesses(ctx)
	if err != nil {
		return nil, err
	}
	head, err := r.book.Head(ctx)
	if err != nil {
		return nil, err
	}
	var items []witnessOut
	for _, w := range list {
		out := witnessOut{Name: w.Name, VerifierKey: w.Verifier, Size: w.Size, Behind: head.Size - w.Size, TriedAt: w.TriedAt}
		if !w.At.IsZero() {
			out.At = &w.At
		}
		if trouble := witness.Trouble(w); trouble != nil {
			out.Trouble, out.Title, out.Alarm = trouble.Reason, locale.Sentence(r.lang, trouble), trouble.Code == ledger.Tampered
		}
		items = append(items, out)
	}
	return newPage(items, ""), nil
}

// writeWitnessFigures prints for each book and witness how many entries it has not seen, and whether it holds
// something against the book. When the database does not answer there are none: other figures say that.
func (s *Server) writeWitnessFigures(ctx context.Context, w io.Writer) {
	books, err := s.store.Books(ctx)
	if err != nil {
		return
	}
	var behind, alarms []string
	for _, b := range books {
		list, err := b.Witnesses(ctx)
		if err != nil {
			return
		}
		if len(list) == 0 {
			continue
		}
		head, err := b.Head(ctx)
		if err != nil {
			return
		}
		for _, v := range list {
			alarm := 0
			if trouble := witness.Trouble(v); trouble != nil && trouble.Code == ledger.Tampered {
				alarm = 1
			}
			labels := fmt.Sprintf("{book=%q,witness=%q}", b.Code, v.Name)
			behind = append(behind, fmt.Sprintf("mingzhang_witness_behind_entries%s %d", labels, head.Size-v.Size))
			alarms = append(alarms, fmt.Sprintf("mingzhang_witness_alarm%s %d", labels, alarm))
		}
	}
	for _, family := range []struct {
		name  string
		lines []string
	}{{"mingzhang_witness_alarm", alarms}, {"mingzhang_witness_behind_entries", behind}} {
		if len(family.lines) == 0 {
			continue
		}
		_, _ = fmt.Fprintf(w, "# TYPE %s gauge\n", family.name)
		for _, line := range family.lines {
			_, _ = fmt.Fprintln(w, line)
		}
	}
}
