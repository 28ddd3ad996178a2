package tidy_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is what our import paths begin with.
const module = "mingzhang/"

// dbtest gives each test a database of its own; only tests may import it.
const dbtest = "migrations/dbtest"

// The floors of the house, from the ground up. Each may import what is below
// it, never what is beside or above it.
var (
	core   = []string{"ledger", "ledger/merkle"}
	books  = slices.Concat(core, []string{"ledger/account", "ledger/issue", "ledger/review", "ledger/sheet", "ledger/statement", "ledger/intake", "ledger/witness"})
	land   = slices.Concat(books, []string{"landcheck", "landcheck/boundary"})
	trades = slices.Concat(land, []string{"auction", "auction/kind", "auction/price", "auction/rule"})
	audit  = slices.Concat(trades, []string{"ledger/report", "ledger/flag", "ledger/casefile"})
)

// mayImport says which packages of ours a package may import. A new package
// needs a row here; that is the moment to think about where it stands.
var mayImport = map[string][]string{
	".": nil,

	"cmd/mingzhang": slices.Concat(audit, []string{"web", "web/locale", "migrations", "migrations/backup", "migrations/localpg", "migrations/pgconn"}),
	"cmd/mzverify":  nil, // an auditor's checker that trusted our code would check nothing

	"web":         slices.Concat(audit, []string{"web/locale"}),
	"web/browser": slices.Concat(audit, []string{"web"}), // stories, told by tests alone
	"web/locale":  {"ledger"},                            // words for reasons and codes

	"ledger/casefile": slices.Concat(trades, []string{"ledger/report", "ledger/flag"}),
	"ledger/flag":     slices.Concat(trades, []string{"ledger/report"}),
	"ledger/report":   trades,

	"auction":       slices.Concat(land, []string{"auction/kind", "auction/price", "auction/rule"}),
	"auction/kind":  {"ledger"}, // data
	"auction/price": {"ledger"}, // pure: terms in, totals out
	"auction/rule":  {"ledger", "auction/kind"},

	"landcheck":          slices.Concat(books, []string{"landcheck/boundary"}),
	"landcheck/boundary": {"ledger"},

	"ledger/intake":    slices.Concat(core, []string{"ledger/sheet"}), // what all imports share
	"ledger/account":   core,
	"ledger/issue":     core, // knows entry numbers, days and figures as text
	"ledger/review":    core, // knows entry numbers only
	"ledger/sheet":     core, // knows no domain
	"ledger/statement": core, // takes figures, knows no database
	"ledger/witness":   core, // both sides of the protocol, without a network
	"ledger":           {"ledger/merkle"},
	"ledger/merkle":    nil,

	"migrations":         nil,
	"migrations/backup":  {"migrations/localpg"},
	"migrations/localpg": nil,
	"migrations/pgconn":  nil,
	dbtest:               {"migrations", "migrations/localpg", "migrations/pgconn"},
}

// outside are the ways out that the domain must not take: it knows no HTTP, no
// files and no flags, so that the same rule serves a page, a command and a test.
var outside = []string{"net/http", "html/template", "os", "os/exec", "os/signal", "os/user", "flag"}

// checkerMayUse is all that the auditor's checker stands on beside the standard library, so that an auditor can read it
// whole. Its tests may compare with more of the same module.
var checkerMayUse = []string{"github.com/transparency-dev/merkle/proof", "github.com/transparency-dev/merkle/rfc6962"}

func isDomain(pkg string) bool {
	top, _, _ := strings.Cut(pkg, "/")
	return top == "ledger" || top == "auction" || top == "landcheck"
}

func imports(s source) []string {
	var all []string
	for _, spec := range s.ast.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			all = append(all, p)
		}
	}
	return all
}

func checkImports(t tree) []string {
	var wrong []string
	noRow := map[string]bool{}
	for _, s := range t.files {
		allowed, known := mayImport[s.pkg]
		if !known && !noRow[s.pkg] {
			noRow[s.pkg] = true
			wrong = append(wrong, s.pkg+" has no row in mayImport: say what it may import")
		}
		for _, p := range imports(s) {
			ours, isOurs := strings.CutPrefix(p, module)
			if !known || !isOurs || slices.Contains(allowed, ours) {
				continue
			}
			if s.isTest() && (ours == s.pkg || ours == dbtest) {
				continue
			}
			wrong = append(wrong, s.path+" imports "+ours+", which "+s.pkg+" may not")
		}
	}
	return wrong
}

func checkOutside(t tree) []string {
	var wrong []string
	for _, s := range t.files {
		if s.isTest() || !isDomain(s.pkg) {
			continue
		}
		for _, p := range imports(s) {
			if slices.Contains(outside, p) {
				wrong = append(wrong, s.path+" imports "+p+": the domain takes readers, values and contexts")
			}
		}
	}
	return wrong
}

func checkChecker(t tree) []string {
	var wrong []string
	for _, s := range t.files {
		if s.pkg != "cmd/mzverify" {
			continue
		}
		for _, p := range imports(s) {
			first, _, _ := strings.Cut(p, "/")
			standard := !strings.Contains(first, ".") && !strings.HasPrefix(p, module)
			own := s.isTest() && strings.HasPrefix(p, "github.com/transparency-dev/merkle/")
			if !standard && !own && !slices.Contains(checkerMayUse, p) {
				wrong = append(wrong, s.path+" imports "+p+": the checker takes the standard library and transparency-dev/merkle alone")
			}
		}
	}
	return wrong
}

// The table itself must have no circle, and nothing but tests may lean on dbtest.
func TestMayImport(t *testing.T) {
	t.Parallel()
	for pkg, allowed := range mayImport {
		if slices.Contains(allowed, dbtest) {
			t.Errorf("%s may import %s, which is for tests", pkg, dbtest)
		}
		for _, below := range allowed {
			if _, known := mayImport[below]; !known {
				t.Errorf("%s may import %s, which has no row", pkg, below)
			}
		}
		if slices.Contains(reach(pkg, map[string]bool{}), pkg) {
			t.Errorf("%s may import itself by a detour", pkg)
		}
	}
}

// reach gives everything that pkg may lean on, through others as well.
func reach(pkg string, seen map[string]bool) []string {
	var all []string
	for _, below := range mayImport[pkg] {
		if !seen[below] {
			seen[below] = true
			all = append(all, below)
			all = append(all, reach(below, seen)...)
		}
	}
	return all
}

func importExamples() []example {
	return []example{
		{
			rule: "imports run down", name: "imports run down",
			bad:  map[string]string{"landcheck/parcel.go": "package landcheck\nimport _ \"mingzhang/auction\"\n"},
			want: "imports auction",
			good: map[string]string{
				"auction/lot.go":      "package auction\nimport _ \"mingzhang/landcheck\"\n",
				"auction/lot_test.go": "package auction_test\nimport (\n_ \"mingzhang/auction\"\n_ \"mingzhang/migrations/dbtest\"\n)\n",
			},
		},
		{
			rule: "imports run down", name: "a new package has a row",
			bad: map[string]string{
				"util/a.go": "package util\nimport _ \"mingzhang/ledger\"\n",
				"util/b.go": "package util\n",
			},
			want: "util has no row",
		},
		{
			rule: "imports run down", name: "the checker trusts none of ours",
			bad:  map[string]string{"cmd/mzverify/main.go": "package main\nimport _ \"mingzhang/ledger/merkle\"\n"},
			want: "imports ledger/merkle",
		},
		{
			rule: "the checker stands alone", name: "the checker stands alone",
			bad:  map[string]string{"cmd/mzverify/note.go": "package main\nimport _ \"golang.org/x/mod/sumdb/note\"\n"},
			want: "imports golang.org/x/mod/sumdb/note",
			good: map[string]string{
				"cmd/mzverify/proof.go":     "package main\nimport (\n_ \"crypto/sha256\"\n_ \"github.com/transparency-dev/merkle/proof\"\n)\n",
				"cmd/mzverify/tree_test.go": "package main\nimport _ \"github.com/transparency-dev/merkle/compact\"\n",
			},
		},
		{
			rule: "imports run down", name: "dbtest is for tests",
			bad:  map[string]string{"web/web.go": "package web\nimport _ \"mingzhang/migrations/dbtest\"\n"},
			want: "imports " + dbtest,
		},
		{
			rule: "the domain knows no world", name: "the domain knows no world",
			bad:  map[string]string{"ledger/sheet/read.go": "package sheet\nimport _ \"os\"\n"},
			want: "imports os",
			good: map[string]string{
				"ledger/sheet/read_test.go":   "package sheet\nimport _ \"os\"\n",
				"migrations/localpg/local.go": "package localpg\nimport _ \"os\"\n",
			},
		},
	}
}
