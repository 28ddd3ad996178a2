package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
	"mingzhang/ledger/merkle"
)

// someone signs an account in that has a role in a book, perhaps in some villages only. A clerk needs no second
// factor.
func (b *bundle) someone(login string, role account.Role, book string, villages ...string) *bundle {
	b.tb.Helper()
	ctx := b.tb.Context()
	id, code, err := b.accounts.Add(ctx, b.actor, account.NewAccount{Login: login, Name: login})
	if err != nil {
		b.tb.Fatal(err)
	}
	if err := b.accounts.Grant(ctx, b.actor, account.NewRight{Account: id, Role: role, Book: book, Villages: villages}); err != nil {
		b.tb.Fatal(err)
	}
	opened, err := b.accounts.Redeem(ctx, login, code, "correct horse battery 9", account.From{Address: "127.0.0.1"})
	if err != nil {
		b.tb.Fatal(err)
	}
	b.session = opened.Token
	return b
}

func TestBook_Page(t *testing.T) {
	t.Parallel()
	b := demo(t)
	book := b.book("demo")
	head, err := book.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.get("/books/demo", 200, "<h1>账簿</h1>", "明账示例街道（虚构）", book.Origin, strings.ReplaceAll(book.VerifierKey, "+", "&#43;"),
		strings.ReplaceAll(head.Root.String(), "+", "&#43;"), "演示账簿：全部数据均为虚构", "从头校验", "本次服务启动以来还没有校验过", "全部条目")
	b.get("/books/demo?lang=en", 200, "<h1>Book</h1>", "Mingzhang sample street (invented)", "Check all of it", "demo book")
	note := b.get("/books/demo/checkpoint", 200)
	if c, err := merkle.OpenCheckpoint(note, book.VerifierKey); err != nil || c.Size != head.Size {
		t.Errorf("the note that is sent: %+v, %v", c, err)
	}
	page := b.get("/books/demo/checkpoints", 200, "截至此处", "/books/demo/summary?as_of=1\"", "checkpoint?size=1\"")
	if n := strings.Count(page, "/books/demo/checkpoint?size="); n != 4 {
		t.Errorf("%d checkpoints, want those of the opening and of three imports", n)
	}
	b.get("/books/demo/checkpoint?size=1", 200, "\n1\n")
	b.get("/books/demo/checkpoint?size=2", 422, "条目数 ")
	b.get("/books/demo/checkpoint?size=x", 422)
	b.get("/books/nowhere", 404)
	b.nobody().get("/books/demo", 303)
}

func TestEntries_Page(t *testing.T) {
	t.Parallel()
	b := demo(t)
	page := b.get("/books/demo/entries", 200, "录入核查", "rel=\"next\"")
	if n := strings.Count(page, `data-href="/books/demo/entries/`); n != 50 {
		t.Errorf("%d entries on a page, want 50", n)
	}
	b.get("/books/demo/entries?kind=import", 200, "导入文件", "标的", "宗地")
	b.get("/books/demo/entries?number=0", 200, "开立账簿")
	b.get("/books/demo/entries?kind=lot&lang=en", 200, "lot recorded", "/books/demo/lots/")
	b.get("/books/demo/entries?number=x", 422, `id="number-fault"`, `value="x"`)
	b.get("/books/demo/entries?kind=%3Cscript%3E", 422, "&lt;script&gt;")
	b.get("/books/demo/entries/0", 200, "开立账簿", "{&#34;v&#34;:1,&#34;actor&#34;:&#34;local:clerk&#34;", "后一条")
	b.get("/books/demo/entries/1", 200, "导入文件", "封存的文字", "file_name", "lots-leases.csv")
	b.get("/books/demo/entries/1?lang=en", 200, "entry 1", "Sealed texts", "file imported")
	for _, wrong := range []string{"99999", "x", "-1", "%00"} {
		b.get("/books/demo/entries/"+wrong, 404)
	}
}

// Who may read some villages only sees the entries of their records, and of others not even that they are there.
func TestEntries_OfOtherVillages(t *testing.T) {
	t.Parallel()
	b := demo(t)
	lots := b.feed("demo", "lot")
	own, foreign := lots[0], int64(-1)
	village := collectiveOf(t, own.Body)
	for _, e := range lots {
		if !strings.HasPrefix(collectiveOf(t, e.Body), village) {
			foreign = e.Seq
		}
	}
	b.someone("village-clerk", account.Clerk, "demo", village)
	b.get("/books/demo", 200, "链首")
	b.get("/books/demo/checkpoints", 200)
	b.get("/books/demo/entries", 403, "只对整本账簿的权限开放")
	b.get("/books/demo/entries/"+itoa(own.Seq), 200, "叶哈希")
	b.get("/books/demo/entries/"+itoa(foreign), 404)
	b.get("/books/demo/entries/99999", 404)
	b.get("/books/demo/entries/1", 404) // an import belongs to no village
	for path, want := range map[string]int{
		"entries": 403, "entries?after=5": 403, "entries.ndjson": 403, "entries/" + itoa(foreign): 404, "entries/" + itoa(own.Seq): 200,
		"checkpoint": 200, "checkpoints": 200, "check": 200, "": 200,
	} {
		w := b.api("GET", strings.TrimSuffix("/api/v1/books/demo/"+path, "/"), "")
		if w.Code != want || want == 403 && !strings.Contains(w.Body.String(), `"reason":"right.whole_book_needed"`) {
			t.Errorf("%s: %d, want %d: %s", path, w.Code, want, w.Body)
		}
	}
}

func collectiveOf(tb testing.TB, body []byte) string {
	tb.Helper()
	var raw struct {
		State struct {
			Collective string `json:"collective"`
		} `json:"state"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		tb.Fatal(err)
	}
	return raw.State.Collective
}

// The bytes of an entry come through the API as they are hashed, whatever they hold.
func TestEntries_BytesThroughTheAPI(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.open("odd", ledger.OfficeBook, `<b>甲&乙</b> "街" `+"\u2028", `</script><script>alert(1)</script>`)
	b.someone("odd-clerk", account.Clerk, "odd")
	var piece struct {
		Items []struct {
			Entry    int64           `json:"entry"`
			LeafHash string          `json:"leaf_hash"`
			Body     json.RawMessage `json:"body"`
		} `json:"items"`
	}
	w := b.api("GET", "/api/v1/books/odd/entries", "")
	if err := json.Unmarshal(w.Body.Bytes(), &piece); err != nil || len(piece.Items) != 1 {
		t.Fatalf("%v: %s", err, w.Body)
	}
	sum := sha256.Sum256(append([]byte{0}, piece.Items[0].Body...))
	if got := hex.EncodeToString(sum[:]); got != piece.Items[0].LeafHash {
		t.Errorf("the bytes have leaf hash %s, the book %s:\n%s", got, piece.Items[0].LeafHash, piece.Items[0].Body)
	}
	page := b.get("/books/odd/entries/0", 200, "&lt;/script&gt;")
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "<b>甲") {
		t.Errorf("the book's name became part of the page:\n%s", page)
	}
}

func TestBook_API(t *testing.T) {
	t.Parallel()
	b := demo(t)
	book := b.book("demo")
	type bookOut struct {
		Code, Origin string
		Can          []string
		Head         struct {
			Size int64
			Note string
		}
	}
	var list struct{ Items []bookOut }
	var one bookOut
	b.json(b.api("GET", "/api/v1/books", ""), 200, &list)
	b.json(b.api("GET", "/api/v1/books/demo", ""), 200, &one)
	if len(list.Items) != 1 || list.Items[0].Origin != book.Origin || one.Head.Note != list.Items[0].Head.Note || strings.Join(one.Can, " ") != "read audit export" {
		t.Errorf("list %+v, one %+v", list, one)
	}
	var e struct {
		Entry  int64
		Kind   string
		Sealed []struct{ Field, Text string }
	}
	w := b.api("GET", "/api/v1/books/demo/entries/1", "")
	b.json(w, 200, &e)
	if e.Entry != 1 || e.Kind != "import.recorded" || len(e.Sealed) != 1 || e.Sealed[0].Text != "lots-leases.csv" || w.Header().Get("ETag") != `"1"` {
		t.Errorf("entry 1: %+v, %v", e, w.Header())
	}
	w = b.api("GET", "/api/v1/books/demo/checkpoint", "", "Accept", "text/plain")
	if w.Code != 200 || w.Body.String() != one.Head.Note || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("the note alone: %d %v %q", w.Code, w.Header(), w.Body)
	}
	var points struct {
		Items []struct{ Size int64 }
		Next  string
	}
	b.json(b.api("GET", "/api/v1/books/demo/checkpoints?limit=3", ""), 200, &points)
	if len(points.Items) != 3 || points.Items[0].Size != one.Head.Size || points.Next != itoa(points.Items[2].Size) {
		t.Errorf("checkpoints: %+v", points)
	}
	b.json(b.api("GET", "/api/v1/books/demo/checkpoints?limit=3&after="+points.Next, ""), 200, &points)
	if len(points.Items) != 1 || points.Items[0].Size != 1 || points.Next != "" {
		t.Errorf("the last checkpoint: %+v", points)
	}
	for path, want := range map[string]int{
		"checkpoint?size=2": 422, "checkpoint?size=-1": 422, "checkpoints?limit=0": 200, "checkpoints?limit=201": 422, "entries?after=-2": 422,
		"entries?after=x": 422, "entries?limit=201": 422, "entries/x": 404, "entries/99999": 404, "checkpoints?before=3": 422,
	} {
		if w := b.api("GET", "/api/v1/books/demo/"+path, ""); w.Code != want {
			t.Errorf("%s: %d, want %d: %s", path, w.Code, want, w.Body)
		}
	}
	for _, path := range []string{"", "/demo", "/demo/entries", "/demo/checkpoint", "/demo/check"} {
		if w := b.nobody().api("GET", "/api/v1/books"+path, ""); w.Code != http.StatusUnauthorized {
			t.Errorf("%s without credentials: %d", path, w.Code)
		}
	}
}
