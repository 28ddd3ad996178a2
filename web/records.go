package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/review"
	"mingzhang/web/locale"
)

// What lots, parcels and verifications have in common on pages and in the API: the life of a record, its review,
// and how an address names one.

// recordID is the number in an address; anything else is a page that is not there.
func recordID(r *request) (int64, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id < 0 {
		return 0, ledger.E(ledger.NotFound, "route.unknown")
	}
	return id, nil
}

// neverSeen is no entry of any book. Services take 0 for nobody asked; a form always asks.
const neverSeen = -1

// seenEntry is the number of the entry that a form was made from. One that does not say it has seen nothing: it
// changes no record.
func seenEntry(r *request) int64 {
	seen, err := strconv.ParseInt(r.text("seen"), 10, 64)
	if err != nil || seen < 1 {
		return neverSeen
	}
	return seen
}

// canIn tells whether the person may do something in the request's book, at the time that it is read as of.
func canIn(r *request, can account.Can) bool {
	if r.inPast(can) {
		return false
	}
	_, err := r.who.Scope(r.Context(), r.book, can)
	return err == nil
}

// names are the display names of actors; one that is not known any more is its number.
func (s *Server) names(ctx context.Context, actors []ledger.Actor) (func(ledger.Actor) string, error) {
	known, err := s.accounts.Names(ctx, actors)
	if err != nil {
		return nil, err
	}
	return func(a ledger.Actor) string {
		if name := known[a.String()]; name != "" {
			return name
		}
		return a.String()
	}, nil
}

// timeline is the life of a record, the newest first, with the reviews between its entries.
func (s *Server) timeline(r *request, versions []review.Version) ([]Entry, error) {
	var actors []ledger.Actor
	for _, v := range versions {
		actors = append(actors, v.Actor)
		for _, said := range v.Reviews {
			actors = append(actors, said.Actor)
		}
	}
	name, err := s.names(r.Context(), actors)
	if err != nil {
		return nil, err
	}
	var list []Entry
	for i, v := range versions {
		e := Entry{
			Seq: v.Seq, URL: r.bookPath("entries", strconv.FormatInt(v.Seq, 10)), At: v.At, Who: name(v.Actor), What: entryWord(v.EntryHead).In(r.lang),
			Reason: v.Reason, Source: sourceWords(r, v.Source), Current: i == len(versions)-1,
		}
		for _, c := range v.Changes {
			e.Changes = append(e.Changes, Change{Name: columnName(r.lang, c.Column), Old: c.Old.In(r.lang), New: c.New.In(r.lang)})
		}
		list = append(list, e)
		for _, said := range v.Reviews {
			list = append(list, reviewStep(r, said, name(said.Actor)))
		}
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list, nil
}

// changedMeanwhile is what somebody else recorded while a form was open.
type changedMeanwhile struct {
	URL   string
	Entry Entry
}

// changedMeanwhile is the newest entry of the record at path, with what it changed; nil when that cannot be told.
func (s *Server) changedMeanwhile(r *request, versions []review.Version, err error, path string) *changedMeanwhile {
	if err != nil || len(versions) == 0 {
		return nil
	}
	steps, err := s.timeline(r, versions[len(versions)-1:])
	if err != nil || len(steps) == 0 {
		return nil
	}
	return &changedMeanwhile{URL: link(r.lang, path), Entry: steps[len(steps)-1]}
}

func reviewStep(r *request, said review.Verdict, who string) Entry {
	chip := ReviewChip(r.lang, said.Verdict)
	e := Entry{Seq: said.Seq, URL: r.bookPath("entries", strconv.FormatInt(said.Seq, 10)), At: said.At, Who: who, What: r.say("复核", "Review"), Chip: &chip, Reason: said.Reason}
	if said.OfImport {
		e.Source = r.say("随整批导入复核", "with the whole import")
	}
	return e
}

// entryWord is what an entry did to its record.
func entryWord(h ledger.EntryHead) ledger.Text {
	switch {
	case h.Voids():
		return ledger.Text{ZH: "作废", EN: "Voided"}
	case h.Amends != nil && h.Source != nil:
		return ledger.Text{ZH: "导入更正", EN: "Amended by an import"}
	case h.Amends != nil:
		return ledger.Text{ZH: "更正", EN: "Amended"}
	case h.Source != nil:
		return ledger.Text{ZH: "导入", EN: "Imported"}
	}
	return ledger.Text{ZH: "录入", EN: "Entered"}
}

// sourceWords says where in a file a record was read.
func sourceWords(r *request, source *ledger.Source) string {
	if source == nil {
		return ""
	}
	if source.Sheet == "" {
		return fmt.Sprintf(r.say("导入 %d，第 %d 行", "import %d, row %d"), source.Import, source.Row)
	}
	return fmt.Sprintf(r.say("导入 %d，工作表“%s”，第 %d 行", "import %d, sheet “%s”, row %d"), source.Import, source.Sheet, source.Row)
}

// columnName is the name of a column of the registers.
func columnName(lang ledger.Lang, key string) string { return locale.Word(lang, locale.Column+key) }

// reviewForm is the part of a record's page in which it is approved or returned.
type reviewForm struct {
	Action string
	Key    string
	Seen   int64
	Own    bool // the person entered or amended it: somebody else has to review it
	Chip   Chip
}

// newReviewForm is nil for whoever may not review, and for what is struck out.
func newReviewForm(r *request, action string, row ledger.Row, voided bool, versions []review.Version) *reviewForm {
	if voided || !canIn(r, account.Review) {
		return nil
	}
	f := &reviewForm{Action: action, Key: newKey(), Seen: ledger.EntryOf(row), Chip: ReviewChip(r.lang, ledger.VerdictOf(row))}
	for _, v := range versions {
		f.Own = f.Own || v.Actor == r.actor()
	}
	return f
}

// reviewed takes the form of reviewForm, or the body of the API.
func reviewed(r *request, t review.Target, verdict, reason string) (ledger.Receipt, error) {
	scope, err := r.who.Scope(r.Context(), r.book, account.Review)
	if err != nil {
		return ledger.Receipt{}, err
	}
	if r.seen != 0 {
		t.Entry = r.seen
	}
	switch verdict {
	case ledger.Approved:
		return review.Approve(r.Context(), scope, r.actor(), r.key, t)
	case ledger.Returned:
		return review.Return(r.Context(), scope, r.actor(), r.key, t, reason)
	}
	return ledger.Receipt{}, ledger.E(ledger.Invalid, "review.verdict_unknown", verdict).On("verdict")
}

// reviewedOut answers a review: the record's own entry is the one that was seen.
func (r *request) reviewedOut(record, seen int64, receipt ledger.Receipt) *recorded {
	out := r.recorded(record, receipt)
	out.Entry, out.Review = seen, receipt.Last
	return out
}

// verdictBody is what the API takes to review a record.
type verdictBody struct {
	Verdict string `json:"verdict" validate:"required,oneof=approved returned"`
	Reason  string `json:"reason,omitempty" validate:"max=4000"`
}

// head is what the API says of an entry.
type entryHead struct {
	Entry      int64  `json:"entry"`
	RecordedAt string `json:"recorded_at"`
	RecordedBy string `json:"recorded_by"`
	What       string `json:"kind"`
	Amends     *int64 `json:"amends,omitempty"`
	Reason     string `json:"reason,omitempty"`

	Source  *ledger.Source `json:"source,omitempty"`
	Changes []changeOut    `json:"changes,omitempty"`
	Reviews []verdictOut   `json:"reviews,omitempty"`
}

type changeOut struct {
	Column string      `json:"column"`
	Old    ledger.Text `json:"old"`
	New    ledger.Text `json:"new"`
}

type verdictOut struct {
	Entry      int64  `json:"entry"`
	Verdict    string `json:"verdict"`
	ReviewedAt string `json:"reviewed_at"`
	ReviewedBy string `json:"reviewed_by"`
	Reason     string `json:"reason,omitempty"`
	OfImport   bool   `json:"of_import,omitempty"`
}

// instantForm is how the API prints an instant: UTC, as entries do.
const instantForm = "2006-01-02T15:04:05.000000Z"

// historyOut is the life of a record, the oldest first.
type historyOut struct {
	Items []entryHead `json:"items"`
}

func newHistory(versions []review.Version) *historyOut {
	out := &historyOut{Items: []entryHead{}}
	for _, v := range versions {
		h := entryHead{
			Entry: v.Seq, RecordedAt: v.At.UTC().Format(instantForm), RecordedBy: v.Actor.String(), What: v.Kind, Amends: v.Amends, Reason: v.Reason, Source: v.Source,
		}
		for _, c := range v.Changes {
			h.Changes = append(h.Changes, changeOut{c.Column, c.Old, c.New})
		}
		for _, said := range v.Reviews {
			h.Reviews = append(h.Reviews, verdictOut{
				said.Seq, said.Verdict, said.At.UTC().Format(instantForm), said.Actor.String(), said.Reason, said.OfImport,
			})
		}
		out.Items = append(out.Items, h)
	}
	return out
}

// doneNotice is the sentence that a page begins with after a form was taken.
func doneNotice(r *request, said map[string]ledger.Text) string {
	return said[r.text("done")].In(r.lang)
}

// createdAt says in a header where what was recorded is.
func createdAt(r *request, parts ...string) {
	r.header.Set("Location", "/api/v1"+r.bookPath(parts...))
}

// textOf is a value as it prints itself; what is not there is an empty text.
func textOf[T fmt.Stringer](v *T) string {
	if v == nil {
		return ""
	}
	return (*v).String()
}

// numberOf is textOf's twin for whole numbers, which cannot print themselves.
func numberOf(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// orNone is a text, or the mark of what is not there.
func orNone(text string) string {
	if text == "" {
		return none
	}
	return text
}

// statusOr is the status of an error, or that of a page.
func statusOr(err error) int {
	if err != nil {
		return statusOf(err)
	}
	return http.StatusOK
}
