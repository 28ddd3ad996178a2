package web

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func bookAPI() []route {
	t := func(zh, en string) ledger.Text { return ledger.Text{ZH: zh, EN: en} }
	return []route{
		{method: "GET", pattern: "/api/v1/books", needs: signedIn, api: endpoint(t("可以查看的账簿", "the books that may be read"), 200, listBooks)},
		{method: "GET", pattern: "/api/v1/books/{book}", needs: account.ReadBook, api: endpoint(t("一本账簿", "a book"), 200, findBook)},
		{method: "GET", pattern: "/api/v1/books/{book}/checkpoints", needs: account.ReadBook, api: endpoint(t("链首凭证，新的在前", "checkpoints, the newest first"), 200, listCheckpoints)},
		{method: "GET", pattern: "/api/v1/books/{book}/checkpoint", needs: account.ReadBook, api: noteOrJSON(endpoint(t("最新的或某一条目数的链首凭证；Accept: text/plain 只取签名凭证", "the newest checkpoint, or that of a size; Accept: text/plain gives the signed note alone"), 200, findCheckpoint))},
		{method: "GET", pattern: "/api/v1/books/{book}/entries", needs: account.ReadBook, api: endpoint(t("变更流：某编号之后的条目；只对整本账簿的权限", "change feed: the entries after a number; for a right over the whole book"), 200, feedEntries)},
		{method: "GET", pattern: "/api/v1/books/{book}/entries.ndjson", needs: account.ExportBook, api: stream(t("变更流，逐行；只对整本账簿的权限", "change feed, line by line; for a right over the whole book"), streamEntries)},
		{method: "GET", pattern: "/api/v1/books/{book}/entries/{seq}", needs: account.ReadBook, api: endpoint(t("一个条目和其中的封存文字", "an entry and its sealed texts"), 200, findEntry)},
		{method: "GET", pattern: "/api/v1/books/{book}/witnesses", needs: account.ReadBook, api: endpoint(t("见证人和已见证到哪里", "the witnesses, and how far they saw the book"), 200, listWitnesses)},
		{method: "GET", pattern: "/api/v1/books/{book}/check", needs: account.ReadBook, api: endpoint(t("最近一次校验", "the last check"), 200, findCheck)},
		{method: "POST", pattern: "/api/v1/books/{book}/check", needs: account.ReadBook, api: endpoint(t("校验账簿（后台进行）", "check the book, in the background"), 202, postCheck)},
	}
}

// bookIn names a book.
type bookIn struct {
	Book string `path:"book"`
}

// bookOut is a book as the API names it.
type bookOut struct {
	Code         string           `json:"code"`
	Kind         ledger.BookKind  `json:"kind"`
	NameZH       string           `json:"name_zh"`
	NameEN       string           `json:"name_en"`
	Division     string           `json:"division,omitempty"`
	Origin       string           `json:"origin"`
	VerifierKey  string           `json:"verifier_key"`
	VerifierKeys []string         `json:"verifier_keys"`      // that sign now: a line each in every note
	Reopened     *ledger.Reopened `json:"reopened,omitempty"` // of which checkpoint of which origin this one goes on
	Can          []account.Can    `json:"can"`                // what the asker may do
	Villages     []string         `json:"villages,omitempty"` // that reading is bound to; absent: all
	From         *ledger.Day      `json:"from,omitempty"`     // and the days of facts
	To           *ledger.Day      `json:"to,omitempty"`
	Head         checkpointOut    `json:"head"`
	Public       bool             `json:"public"` // disclosure is switched on
}

// checkpointOut is the book at one of its commits. Size counts the entries; At is UTC.
type checkpointOut struct {
	Size int64     `json:"size"`
	Root string    `json:"root"`
	At   time.Time `json:"at"`
	Note string    `json:"note"` // the signed note (C2SP tlog-checkpoint)
}

func newCheckpointOut(c ledger.Checkpoint) checkpointOut {
	return checkpointOut{Size: c.Size, Root: c.Root.String(), At: c.At, Note: c.Note}
}

func newBookOut(ctx context.Context, r *request, book *ledger.Book) (*bookOut, error) {
	profile, err := book.Profile(ctx)
	if err != nil {
		return nil, err
	}
	head, err := book.Head(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := r.who.Scope(ctx, book, account.ReadBook)
	if err != nil {
		return nil, err
	}
	out := &bookOut{
		Code: book.Code, Kind: book.Kind, NameZH: profile.Name().ZH, NameEN: profile.Name().EN, Division: profile.Division,
		Origin: profile.Origin, VerifierKey: profile.VerifierKey, VerifierKeys: profile.Keys(), Reopened: profile.Reopened, Villages: scope.Villages(), Head: newCheckpointOut(head), Can: []account.Can{},
		Public: profile.Public,
	}
	out.From, out.To = scope.Days()
	for _, can := range account.AllCans() {
		if _, err := r.who.Scope(ctx, book, can); err == nil {
			out.Can = append(out.Can, can)
		}
	}
	return out, nil
}

func listBooks(ctx context.Context, r *request, _ *struct{}) (*listPage[bookOut], error) {
	var items []bookOut
	for _, code := range r.who.Books() {
		book, err := r.server.store.Book(ctx, code)
		if ledger.CodeOf(err) == ledger.NotFound {
			continue // dropped a moment ago
		}
		if err != nil {
			return nil, err
		}
		out, err := newBookOut(ctx, r, book)
		if err != nil {
			return nil, err
		}
		items = append(items, *out)
	}
	return newPage(items, ""), nil
}

func findBook(ctx context.Context, r *request, _ *bookIn) (*bookOut, error) {
	return newBookOut(ctx, r, r.book)
}

// checkpointsIn asks for checkpoints before a size.
type checkpointsIn struct {
	Book  string `path:"book"`
	After int64  `query:"after" validate:"min=0"` // the size that the page before ended with
	Limit int    `query:"limit" validate:"omitempty,min=1,max=200"`
}

func listCheckpoints(ctx context.Context, r *request, in *checkpointsIn) (*listPage[checkpointOut], error) {
	limit := pageQuery{Limit: in.Limit}.size()
	list, err := r.book.CheckpointsBefore(ctx, in.After, limit+1)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(list) > limit {
		list = list[:limit]
		next = strconv.FormatInt(list[limit-1].Size, 10)
	}
	var items []checkpointOut
	for _, c := range list {
		items = append(items, newCheckpointOut(c))
	}
	return newPage(items, next), nil
}

// checkpointIn asks for the checkpoint of a size; 0 is the newest.
type checkpointIn struct {
	Book string `path:"book"`
	Size int64  `query:"size" validate:"min=0"`
}

func findCheckpoint(_ context.Context, r *request, in *checkpointIn) (*checkpointOut, error) {
	c, err := cosignedAt(r, in.Size)
	if err != nil {
		return nil, err
	}
	out := newCheckpointOut(c)
	return &out, nil
}

// noteOrJSON answers with the note alone.
func noteOrJSON(op *operation) *operation {
	return textOrJSON(op, func(_ context.Context, r *request, in *checkpointIn) (string, error) {
		c, err := cosignedAt(r, in.Size)
		return c.Note, err
	})
}

// textOrJSON answers with a text alone, byte for byte, to who accepts plain text and no JSON: what checks a signature
// wants nothing around it.
func textOrJSON[In any](op *operation, text func(context.Context, *request, *In) (string, error)) *operation {
	op.text = true
	whole := op.run
	op.run = func(w http.ResponseWriter, r *request, body []byte) error {
		accept := r.Header.Get("Accept")
		if !strings.Contains(accept, "text/plain") || strings.Contains(accept, "application/json") {
			return whole(w, r, body)
		}
		in := new(In)
		if err := r.server.take(op.in, r, in, body); err != nil {
			return err
		}
		alone, err := text(r.Context(), r, in)
		if err == nil {
			sendText(w, r, alone)
		}
		return err
	}
	return op
}

// entryOut is an entry of the book. Body is the entry's own JSON, byte for byte what is hashed: the leaf hash is
// SHA-256(0x00 ‖ body).
type entryOut struct {
	Entry    int64           `json:"entry"` // its number
	LeafHash string          `json:"leaf_hash"`
	Body     json.RawMessage `json:"body"`
}

func newEntryOut(e ledger.LogEntry) entryOut {
	return entryOut{Entry: e.Seq, LeafHash: hex.EncodeToString(e.LeafHash[:]), Body: e.Body}
}

// feedIn asks for the entries after a number. Without it the feed begins with entry 0.
type feedIn struct {
	asOfQuery
	Book  string `path:"book"`
	After *int64 `query:"after" validate:"omitempty,min=-1"`
	Limit int    `query:"limit" validate:"omitempty,min=1,max=200"`
}

func (in *feedIn) from() int64 {
	if in.After == nil {
		return -1
	}
	return *in.After
}

// feedOut is a piece of the change feed. Next is what to ask for after next time, also when there is nothing
// new; More says that there is something already.
type feedOut struct {
	Items []entryOut `json:"items"`
	Next  int64      `json:"next"`
	More  bool       `json:"more"`
}

func (f *feedOut) nextCursor() string {
	if !f.More {
		return ""
	}
	return strconv.FormatInt(f.Next, 10)
}

func feedEntries(ctx context.Context, r *request, in *feedIn) (*feedOut, error) {
	if err := wholeBook(r); err != nil {
		return nil, err
	}
	limit := pageQuery{Limit: in.Limit}.size()
	most := limit + 1
	if size := r.scope.Size(); size != 0 { // numbers have no gaps: so many are left before the checkpoint
		most = int(min(int64(most), max(0, size-1-in.from())))
	}
	list, err := r.book.EntriesAfter(ctx, in.from(), most)
	if err != nil {
		return nil, err
	}
	out := &feedOut{Items: []entryOut{}, Next: in.from(), More: len(list) > limit}
	for _, e := range list[:min(len(list), limit)] {
		out.Items = append(out.Items, newEntryOut(e))
		out.Next = e.Seq
	}
	return out, nil
}

// streamIn asks for a stream of the entries after a number, up to the newest.
type streamIn struct {
	asOfQuery
	Book  string `path:"book"`
	After *int64 `query:"after" validate:"omitempty,min=-1"`
}

func streamEntries(ctx context.Context, r *request, in *streamIn, yield func(*entryOut) error) error {
	if err := wholeBook(r); err != nil {
		return err
	}
	if err := r.note(ctx, "exported", "entries"); err != nil {
		return err
	}
	end, _, err := r.book.Checkpoint(ctx, r.book.DB(), r.scope.Size())
	if err != nil {
		return err
	}
	after := (&feedIn{After: in.After}).from()
	for after < end.Size-1 { // those that are there now: who writes meanwhile does not keep it from ending
		list, err := r.book.EntriesAfter(ctx, after, int(min(streamLines, end.Size-1-after)))
		if err != nil {
			return err
		}
		for _, e := range list {
			out := newEntryOut(e)
			if err := yield(&out); err != nil {
				return err
			}
			after = e.Seq
		}
		if len(list) == 0 {
			return ledger.E(ledger.Tampered, "book.tree_broken", r.book.Code)
		}
	}
	return nil
}

// entryIn names an entry.
type entryIn struct {
	Book string `path:"book"`
	Seq  string `path:"seq"`
}

// openedEntry is an entry with what opens its sealed texts.
type openedEntry struct {
	entryOut

	Kind   string      `json:"kind"`
	Record int64       `json:"record"`
	At     time.Time   `json:"at"`
	By     string      `json:"by"`
	Sealed []sealedOut `json:"sealed"`
}

// sealedOut opens a commitment: SHA-256(salt ‖ field ‖ text), the salt as bytes.
type sealedOut struct {
	Field      string `json:"field"`
	Text       string `json:"text"`
	Salt       string `json:"salt"`
	Commitment string `json:"commitment"`
	Erased     bool   `json:"erased,omitempty"` // by law: text, salt and commitment are empty; the entry has the commitment
}

func findEntry(ctx context.Context, r *request, in *entryIn) (*openedEntry, error) {
	e, err := entryInScope(r, in.Seq)
	if err != nil {
		return nil, err
	}
	opened, err := r.book.Opened(ctx, e.Seq)
	if err != nil {
		return nil, err
	}
	out := &openedEntry{entryOut: newEntryOut(e), Kind: e.Kind, Record: e.Record, At: e.At, By: e.Actor.String(), Sealed: []sealedOut{}}
	for _, t := range opened {
		if t.Erased {
			t.Text = ""
		}
		out.Sealed = append(out.Sealed, sealedOut(t))
	}
	return out, nil
}

// checkOut is the check under way, or the last one since the program was started.
type checkOut struct {
	State     string      `json:"state"` // none, waiting, running, done, failed
	StartedAt *time.Time  `json:"started_at"`
	EndedAt   *time.Time  `json:"ended_at"`
	Done      int64       `json:"done"`
	Of        int64       `json:"of"`
	Clean     *bool       `json:"clean"` // null until it is done
	Entries   int64       `json:"entries"`
	Rows      int64       `json:"rows"`
	Size      int64       `json:"size"`
	Root      string      `json:"root"`
	First     *int64      `json:"first_broken_entry"`
	Faults    []checkFlaw `json:"faults"` // for a right over the whole book
	More      int         `json:"more"`
}

// checkFlaw is one thing that does not fit.
type checkFlaw struct {
	Entry int64  `json:"entry"`
	What  string `json:"what"`
	Want  string `json:"want"`
	Got   string `json:"got"`
}

func findCheck(_ context.Context, r *request, _ *bookIn) (*checkOut, error) {
	s := r.server.checks.state(r.book)
	out := &checkOut{State: s.State, Done: s.Done, Of: s.Of, Faults: []checkFlaw{}}
	if !s.Started.IsZero() {
		out.StartedAt = &s.Started
	}
	if !s.End.IsZero() {
		out.EndedAt = &s.End
	}
	if s.State != "done" {
		return out, nil
	}
	found := s.Result
	clean := len(found.Faults) == 0
	out.Clean, out.Entries, out.Rows, out.Size, out.Root = &clean, found.Entries, found.Rows, found.Head.Size, found.Head.Root.String()
	if !clean {
		out.First = &found.Faults[0].Seq
	}
	if r.scope.Whole() {
		for _, f := range found.Faults {
			out.Faults = append(out.Faults, checkFlaw{f.Seq, f.What, f.Want.In(r.lang), f.Got.In(r.lang)})
		}
		out.More = found.More
	}
	return out, nil
}

func postCheck(ctx context.Context, r *request, in *bookIn) (*checkOut, error) {
	if err := r.server.beginCheck(r); err != nil {
		return nil, err
	}
	r.header.Set("Location", "/api/v1"+r.bookPath("check"))
	return findCheck(ctx, r, in)
}
