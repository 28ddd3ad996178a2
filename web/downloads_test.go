package web_test

import (
	"net/http"
	"strings"
	"testing"

	"mingzhang/ledger/account"
)

// What a clerk of one village downloads has that village alone, in every form.
func TestDownloads_OfOneVillage(t *testing.T) {
	t.Parallel()
	b := demo(t)
	const own, foreign = "示例青禾", "示例望塘"
	whole := b.person("whole", account.NewRight{Role: account.Clerk, Book: "demo"})
	village := b.person("village", account.NewRight{Role: account.Clerk, Book: "demo", Villages: []string{own}})
	for _, path := range []string{
		"/books/demo/lots.csv", "/books/demo/parcels.csv", "/books/demo/lots", "/books/demo/parcels",
		"/api/v1/books/demo/lots.ndjson", "/api/v1/books/demo/parcels.ndjson", "/api/v1/books/demo/lots?limit=200", "/api/v1/books/demo/parcels?limit=200",
	} {
		b.be(whole)
		if all := b.get(path, http.StatusOK); !strings.Contains(all, own) || !strings.Contains(all, foreign) {
			t.Errorf("%s of the whole book has not both villages: the test would show nothing", path)
		}
		b.be(village)
		if part := b.get(path, http.StatusOK); !strings.Contains(part, own) || strings.Contains(part, foreign) {
			t.Errorf("%s of one village has another's, or not its own:\n%.400s", path, part)
		}
	}
}
