package issue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"mingzhang/ledger"
)

// State is what an entry says of a report that was issued. The shape is frozen and only added to.
type State struct {
	AsOf     int64      `json:"as_of"` // size of the checkpoint that its figures are of
	Basis    string     `json:"basis"` // which day of a fact counts: hammered_on
	Corrects *int64     `json:"corrects,omitempty"`
	Figures  []Figure   `json:"figures,omitempty"`
	Format   string     `json:"format"` // json, csv, text
	From     ledger.Day `json:"from"`
	Lang     string     `json:"lang"` // zh, en
	Name     string     `json:"name"` // summary
	Root     string     `json:"root"` // of that checkpoint, base64
	SHA256   string     `json:"sha256"`
	To       ledger.Day `json:"to"`
	Version  int64      `json:"version"` // of the report's figures
}

// Figure is a figure of the report as it was printed.
type Figure struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Sealed is nothing: a report names no person.
func (*State) Sealed() []ledger.SealedField { return nil }

// Report is the row of a report that was issued.
type Report struct {
	bun.BaseModel `bun:"table:issued_reports,alias:report"`
	ledger.Version
	Name     string     `bun:"name"`
	Shape    int64      `bun:"version"`
	From     ledger.Day `bun:"period_from"`
	To       ledger.Day `bun:"period_to"`
	Basis    string     `bun:"basis"`
	AsOf     int64      `bun:"as_of"`
	Root     string     `bun:"root"`
	Format   string     `bun:"format"`
	Lang     string     `bun:"lang"`
	SHA256   string     `bun:"sha256"`
	Corrects *int64     `bun:"corrects"` // the issue of the same report before this one
	Figures  string     `bun:"figures"`  // JSON, as Figure
	IssuedBy string     `bun:"issued_by"`
}

// Kept are the figures by their keys, in the order of the report.
func (r *Report) Kept() []Figure {
	var list []Figure
	if err := json.Unmarshal([]byte(r.Figures), &list); err != nil {
		return nil // a column that somebody changed: check finds it
	}
	return list
}

// Kind is how issued reports are kept in the book.
func Kind() *ledger.Kind {
	return &ledger.Kind{
		Name: "report", New: func() ledger.State { return new(State) }, Table: reports,
		Project: func(e ledger.Entry) ledger.Row {
			s := e.State.(*State)
			figures := s.Figures
			if figures == nil {
				figures = []Figure{}
			}
			return &Report{
				Name: s.Name, Shape: s.Version, From: s.From, To: s.To, Basis: s.Basis, AsOf: s.AsOf, Root: s.Root, Format: s.Format,
				Lang: s.Lang, SHA256: s.SHA256, Corrects: s.Corrects, Figures: ledger.CanonicalJSON(figures), IssuedBy: e.Actor.String(),
			}
		},
	}
}

// ofPeriod is the index of issued reports by name and period.
const ofPeriod = "period"

var reports = ledger.NewTable[Report]("issued_reports", ledger.Index{
	Name: ofPeriod,
	Key:  func(r ledger.Row) string { return r.(*Report).key() },
	Load: func(ctx context.Context, db bun.IDB, book int64, keys []string) ([]ledger.Row, error) {
		var found []*Report
		if err := db.NewSelect().Model(&found).Where("report.book_id = ?", book).OrderExpr("report.id").Scan(ctx); err != nil {
			return nil, fmt.Errorf("issue: reading issued reports: %w", err)
		}
		return ledger.RowsOf(slices.DeleteFunc(found, func(r *Report) bool { return !slices.Contains(keys, r.key()) })), nil
	},
})

func (r *Report) key() string { return keyOf(r.Name, r.From, r.To) }

func keyOf(name string, from, to ledger.Day) string {
	return strings.Join([]string{name, from.String(), to.String()}, "|")
}

// Keep writes down that a report was issued. The issue of the same report and period before it is named by itself.
//
// Errors: denied right.whole_book_needed: a report of a part of a book closes no period.
func Keep(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, s State) (ledger.Receipt, error) {
	if !scope.Whole() {
		return ledger.Receipt{}, ledger.E(ledger.Denied, "right.whole_book_needed")
	}
	period := keyOf(s.Name, s.From, s.To)
	return scope.Do(ctx, ledger.Command{
		Actor: actor, Key: key.Name, Body: key.Body,
		Reads: []ledger.Read{{Table: reports, Index: ofPeriod, Keys: []string{period}}},
		Decide: func(p *ledger.Present) ([]ledger.Draft, error) {
			state := s
			if before := p.Find(reports, ofPeriod, period); len(before) > 0 {
				last := ledger.RecordOf(before[len(before)-1])
				state.Corrects = &last
			}
			return []ledger.Draft{{Kind: "report.issued", State: &state}}, nil
		},
	})
}
