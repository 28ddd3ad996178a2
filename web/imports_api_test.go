package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answered reads an answer as JSON.
func answered[T any](t *testing.T, w *httptest.ResponseRecorder, status int) T {
	t.Helper()
	var out T
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return out
}

type importAnswer struct {
	What     string `json:"what"`
	DryRun   bool   `json:"dry_run"`
	Import   int64  `json:"import"`
	Replayed bool   `json:"replayed"`
	Rows     int    `json:"rows"`
	Recorded int    `json:"recorded"`
	Already  int    `json:"already_recorded"`
	Rejected int    `json:"rejected_rows"`
	Tables   []struct {
		Columns []struct{ Key, Unit, Min, Max string }
		Totals  []struct {
			Row   int
			Basis string
		}
	}
	Faults []struct {
		Row                   int
		Column, Found, Reason string
	}
}

const lotImports = "/api/v1/books/demo/imports/lots"

func TestImportAPI(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-clerk")
	dry := answered[importAnswer](t, b.sendFile(lotImports, "甲.csv", importedLots, "dry_run", "true"), http.StatusOK)
	if !dry.DryRun || dry.Recorded != 2 || dry.Import != 0 || dry.Rows != 2 || len(dry.Tables) != 1 || len(dry.Tables[0].Totals) != 1 {
		t.Errorf("a dry run: %+v", dry)
	}
	if c := dry.Tables[0].Columns[3]; c.Key != "base_total" || c.Unit != "元" || c.Min != "1000元" || c.Max != "2000元" {
		t.Errorf("the base was taken for %+v", c)
	}
	w := b.sendFile(lotImports, "甲.csv", importedLots)
	done := answered[importAnswer](t, w, http.StatusOK)
	if done.DryRun || done.Recorded != 2 || done.Import == 0 || w.Header().Get("Location") != fmt.Sprintf("/api/v1/books/demo/imports/%d", done.Import) {
		t.Errorf("an import: %+v, Location %q", done, w.Header().Get("Location"))
	}
	again := answered[refusal](t, b.sendFile(lotImports, "甲.csv", importedLots), http.StatusConflict)
	if again.Reason != "import.already_recorded" {
		t.Errorf("the same file again: %+v", again)
	}
	bad := strings.Replace(importedLots, "乙-1,", "丙-1,", 1)
	bad = strings.Replace(strings.Replace(bad, "乙-2,", "丙-2,", 1), "2000,3000", "二千,3000", 1)
	bad = bad[:strings.Index(bad, "合计")]
	refused := answered[struct {
		Reason string
		Import importAnswer
	}](t, b.sendFile(lotImports, "乙.csv", bad), http.StatusUnprocessableEntity)
	if refused.Reason != "import.rows_refused" || len(refused.Import.Faults) != 1 || refused.Import.Faults[0].Column != "D" || refused.Import.Faults[0].Row != 3 || refused.Import.Recorded != 0 {
		t.Errorf("a bad cell: %+v", refused)
	}
	good := answered[importAnswer](t, b.sendFile(lotImports, "乙.csv", bad, "good_rows", "true"), http.StatusOK)
	if good.Recorded != 1 || good.Rejected != 1 || len(good.Faults) != 1 || good.Import == 0 {
		t.Errorf("the good rows: %+v", good)
	}
}

// Whoever sends the same key again gets the answer of the first time, whatever the book has become.
func TestImportAPI_Key(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-clerk")
	send := func(name, body string) *httptest.ResponseRecorder {
		r := b.parts(lotImports, name, body)
		r.Header.Set("Idempotency-Key", "once")
		w, _ := b.answer(r)
		return w
	}
	first := answered[importAnswer](t, send("甲.csv", importedLots), http.StatusOK)
	w := send("甲.csv", importedLots)
	second := answered[importAnswer](t, w, http.StatusOK)
	if !second.Replayed || second.Import != first.Import || w.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("first %+v, then %+v", first, second)
	}
	other := answered[refusal](t, send("乙.csv", strings.Replace(importedLots, "乙-1", "丁-1", 1)), http.StatusConflict)
	if other.Reason != "idempotency.other_body" {
		t.Errorf("another file with the key: %+v", other)
	}
}

func TestImportAPI_Refused(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-clerk")
	for _, c := range []struct {
		w      *httptest.ResponseRecorder
		status int
		reason string
	}{
		{b.api("POST", lotImports, `{"file":"x"}`), http.StatusUnsupportedMediaType, "body.not_form"},
		{b.sendFile(lotImports, "", ""), http.StatusUnprocessableEntity, "upload.missing"},
		{b.sendFile(lotImports, "a.csv", importedLots, "dryrun", "true"), http.StatusUnprocessableEntity, "query.unknown"},
		{b.sendFile(lotImports, "a.csv", importedLots, "dry_run", "perhaps"), http.StatusUnprocessableEntity, "field.unreadable"},
		{b.sendFile(lotImports, "a.csv", importedLots, "hidden_rows", "maybe"), http.StatusUnprocessableEntity, "field.one_of"},
		{b.sendFile(lotImports, "a.csv", importedLots, "amend", "true"), http.StatusUnprocessableEntity, "import.reason_missing"},
		{b.sendFile(lotImports, "a.csv", "甲,乙\n1,2\n"), http.StatusUnprocessableEntity, "sheet.no_header"},
		{b.sendFile("/api/v1/books/demo/imports/parcels", "a.csv", importedLots), http.StatusForbidden, "right.missing"},
		{b.sendFile("/api/v1/books/other/imports/lots", "a.csv", importedLots), http.StatusNotFound, "book.unknown"},
		{b.api("GET", "/api/v1/books/demo/imports?after=x", ""), http.StatusUnprocessableEntity, "page.unreadable"},
		{b.api("GET", "/api/v1/books/demo/imports/999999", ""), http.StatusNotFound, "import.unknown"},
	} {
		if got := answered[refusal](t, c.w, c.status); got.Reason != c.reason {
			t.Errorf("got %+v, want %s", got, c.reason)
		}
	}
}

type importsAnswer struct {
	Items []struct {
		ID, Records, Standing, Waiting int64
		What, Verdict                  string
		FileName                       string `json:"file_name"`
	}
	Next string
}

type madeAnswer struct {
	Waiting int64
	Items   []struct {
		Kind, No, Verdict string
		ID, Entry         int64
	}
	Next string
}

func TestImportsAPI(t *testing.T) {
	t.Parallel()
	b := demo(t).as("demo-reviewer")
	seen := map[string]int64{}
	after := ""
	for {
		page := answered[importsAnswer](t, b.api("GET", "/api/v1/books/demo/imports?limit=1&after="+after, ""), http.StatusOK)
		for _, i := range page.Items {
			seen[i.FileName] = i.ID
			if i.Standing != i.Records || i.Waiting != i.Records || i.Verdict != "waiting" {
				t.Errorf("%+v: all of it waits", i)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if len(seen) != 3 {
		t.Fatalf("imports %v, want the three files of the demo", seen)
	}
	kinds, after := map[string]int{}, ""
	path := fmt.Sprintf("/api/v1/books/demo/imports/%d", seen["parcels.csv"])
	for {
		page := answered[madeAnswer](t, b.api("GET", path+"?limit=7&after="+after, ""), http.StatusOK)
		for _, i := range page.Items {
			kinds[i.Kind]++
		}
		if after = page.Next; after == "" {
			break
		}
	}
	whole := answered[madeAnswer](t, b.api("GET", path, ""), http.StatusOK)
	if int64(kinds["parcel"]+kinds["verification"]) != whole.Waiting || kinds["parcel"] == 0 || kinds["verification"] == 0 {
		t.Errorf("in pieces %v, want %d in all", kinds, whole.Waiting)
	}

	lots := fmt.Sprintf("/api/v1/books/demo/imports/%d", seen["lots-totals.csv"])
	made := answered[madeAnswer](t, b.api("GET", lots, ""), http.StatusOK)
	refused := answered[refusal](t, b.api("POST", lots+"/review", `{"verdict":"approved","numbers":["没有这个"]}`), http.StatusUnprocessableEntity)
	if refused.Reason != "review.number_not_of_import" {
		t.Errorf("an unknown number: %+v", refused)
	}
	body := fmt.Sprintf(`{"verdict":"approved","exceptions":[%d],"numbers":[%q]}`, made.Items[0].Entry, made.Items[1].No)
	b.wantJSON(b.api("POST", lots+"/review", body), http.StatusOK, "size", b.size())
	queue := answered[struct {
		Imports []struct{ ID int64 }
		Items   []struct {
			Kind string
			ID   int64
			Own  bool
		}
	}](t, b.api("GET", "/api/v1/books/demo/review", ""), http.StatusOK)
	if len(queue.Imports) != 2 || len(queue.Items) != 2 || queue.Items[0].ID != made.Items[0].ID || queue.Items[0].Own {
		t.Errorf("after an approval with two exceptions the queue is %+v", queue)
	}
	for _, who := range []string{"demo-clerk", "demo-auditor"} {
		if w := b.as(who).api("GET", "/api/v1/books/demo/review", ""); w.Code != http.StatusForbidden {
			t.Errorf("%s reads the queue: %d", who, w.Code)
		}
	}
}
