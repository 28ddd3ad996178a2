package report

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"mingzhang/auction"
	"mingzhang/landcheck"
	"mingzhang/ledger"
	"mingzhang/ledger/issue"
)

// Order is a report that is to be issued.
type Order struct {
	Period Period
	AsOf   int64       // size of the checkpoint; 0: the head
	Format string      // one of Formats
	Lang   ledger.Lang // of what is printed; JSON is the same in both
}

// Formats are what a report can be printed as.
func Formats() []string { return []string{"json", "csv", "text"} }

// Issued is a report as it was given out.
type Issued struct {
	Output  []byte
	SHA256  string // of the output
	Entry   int64  // of the issue
	Receipt ledger.Receipt
}

// Issue makes the summary of a period as it is given out, and keeps that it was: which, as of when, with which figures
// and which SHA-256. From then on the period is closed.
//
// Errors: denied right.whole_book_needed; invalid report.format_unknown, as_of.not_a_checkpoint.
func Issue(ctx context.Context, scope ledger.Scope, actor ledger.Actor, key ledger.Key, o Order) (*Issued, error) {
	if !scope.Whole() {
		return nil, ledger.E(ledger.Denied, "right.whole_book_needed")
	}
	s, err := NewSummary(ctx, scope, o.Period, o.AsOf)
	if err != nil {
		return nil, err
	}
	output, err := s.Print(o.Format, o.Lang)
	if err != nil {
		return nil, err
	}
	state := issue.State{
		AsOf: s.AsOf, Basis: s.Basis, Figures: s.figures(), Format: o.Format, From: s.From, Lang: string(o.Lang), Name: s.Report, Root: s.Root,
		SHA256: hashOf(output), To: s.To, Version: int64(s.Version),
	}
	receipt, err := issue.Keep(ctx, scope, actor, key, state)
	if err != nil {
		return nil, err
	}
	if receipt.Replayed { // as the first answer was
		kept, output, err := Reissue(ctx, scope, receipt.Last)
		if err != nil {
			return nil, err
		}
		return &Issued{output, kept.SHA256, receipt.Last, receipt}, nil
	}
	return &Issued{output, state.SHA256, receipt.Last, receipt}, nil
}

func hashOf(output []byte) string {
	sum := sha256.Sum256(output)
	return hex.EncodeToString(sum[:])
}

// Print is what the report prints in a format: invalid report.format_unknown.
func (s *Summary) Print(format string, lang ledger.Lang) ([]byte, error) {
	var out bytes.Buffer
	var err error
	switch format {
	case "json":
		err = s.WriteJSON(&out)
	case "csv":
		err = s.WriteCSV(&out, lang)
	case "text":
		err = s.WriteText(&out, lang)
	default:
		err = ledger.E(ledger.Invalid, "report.format_unknown", format, strings.Join(Formats(), ", ")).On("format")
	}
	return out.Bytes(), err
}

// figures are those that follow from the records: what is kept of an issued report, to be compared with later. How many
// lots were reviewed and how many are late moves without a record being touched.
func (s *Summary) figures() []issue.Figure {
	var list []issue.Figure
	for _, l := range s.Lines() {
		if l.Key != "reviewed" && !strings.HasPrefix(l.Key, "late_") {
			list = append(list, issue.Figure{Key: l.Key, Value: l.Value})
		}
	}
	return list
}

// Reissue prints an issued report once more, from the book as it was. It is the same, byte for byte, for the program
// that issued it: conflict report.not_reproduced where another version prints it otherwise.
//
// Errors: not_found report.unknown; denied right.whole_book_needed.
func Reissue(ctx context.Context, scope ledger.Scope, entry int64) (*issue.Report, []byte, error) {
	book, err := scope.Book()
	if err != nil {
		return nil, nil, err
	}
	kept, err := issue.Find(ctx, book.DB(), scope, entry)
	if err != nil {
		return nil, nil, err
	}
	s, err := NewSummary(ctx, scope, Period{kept.From, kept.To}, kept.AsOf)
	if err != nil {
		return nil, nil, err
	}
	output, err := s.Print(kept.Format, ledger.Lang(kept.Lang))
	if err != nil {
		return nil, nil, err
	}
	if got := hashOf(output); got != kept.SHA256 {
		return nil, nil, ledger.E(ledger.Conflict, "report.not_reproduced", entry, kept.SHA256, got)
	}
	return kept, output, nil
}

// Recognise finds the issues of an output that somebody presents, by its SHA-256, the newest first: not_found
// report.not_issued.
func Recognise(ctx context.Context, scope ledger.Scope, sha256 string) ([]*issue.Report, error) {
	book, err := scope.Book()
	if err != nil {
		return nil, err
	}
	found, err := issue.List(ctx, book.DB(), scope, strings.ToLower(sha256), 0, ledger.PageMax)
	if err == nil && len(found) == 0 {
		err = ledger.E(ledger.NotFound, "report.not_issued", sha256)
	}
	return found, err
}

// Late is what came into the book after the last report that closed its day.
type Late struct {
	SinceEntry    int64        `json:"since_entry"` // the last issue that closed a day of the period
	Lots          int64        `json:"lots"`
	Hammered      int64        `json:"hammered"` // of these, those in the sums
	BaseTotal     ledger.Money `json:"base_total"`
	HammerTotal   ledger.Money `json:"hammer_total"`
	PremiumTotal  ledger.Money `json:"premium_total"`
	Verifications int          `json:"verifications"`
}

// readLate adds up what is late; of a period of which no day was closed it says nothing.
func (s *Summary) readLate(ctx context.Context, db bun.IDB, scope ledger.Scope, p Period) error {
	last, err := issue.LastIn(ctx, db, scope, p.From, p.To)
	if err != nil || last == 0 {
		return err
	}
	late := &Late{SinceEntry: last}
	var t Trades
	err = auction.LateIn(ctx, db, scope, p.From, p.To, func(l *auction.Lot) {
		late.Lots++
		t.count(auction.MonthOf(l))
	})
	if err != nil {
		return err
	}
	late.Hammered, late.BaseTotal, late.HammerTotal, late.PremiumTotal = t.Hammered, t.BaseTotal, t.HammerTotal, t.HammerTotal.Sub(t.BaseTotal)
	late.Verifications, err = landcheck.LateIn(ctx, db, scope, p.From, p.To)
	s.Late = late
	return err
}

// LateLines are the figures of what is late, where there is something to be late for.
func (s *Summary) LateLines() []Line {
	if s.Late == nil {
		return nil
	}
	t := *s.Late
	n := count("late_verifications", ledger.Text{ZH: "补录的核查", EN: "late verifications"}, int64(t.Verifications), 1)
	n.Unit = ledger.Text{ZH: "次", EN: "verifications"}
	return []Line{
		count("late_lots", ledger.Text{ZH: "补录（最近一次签发之后）", EN: "late entries (since the last issued report)"}, t.Lots, 0),
		count("late_hammered", ledger.Text{ZH: "其中成交", EN: "of which hammered"}, t.Hammered, 1),
		amount("late_base_total", ledger.Text{ZH: "补录的底价合同总额", EN: "late base total"}, t.BaseTotal, 1),
		amount("late_hammer_total", ledger.Text{ZH: "补录的合同总标的", EN: "late contract total"}, t.HammerTotal, 1),
		amount("late_premium_total", ledger.Text{ZH: "补录的溢价", EN: "late premium"}, t.PremiumTotal, 1),
		n,
	}
}

// nameOfLine finds the line of a figure; one that the report does not print any more is called by its key.
func nameOfLine(lines []Line, key string) Line {
	if i := slices.IndexFunc(lines, func(l Line) bool { return l.Key == key }); i >= 0 {
		return lines[i]
	}
	return Line{Key: key, Name: ledger.Text{ZH: key, EN: key}}
}
