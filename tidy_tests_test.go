package tidy_test

import (
	"go/ast"
	"slices"
	"strings"
)

// A test that is skipped or that sleeps says nothing on the day it matters.
// Whoever has a reason adds the file here, with the reason.
var (
	maySkip  = map[string]string{}
	maySleep = map[string]string{}
)

// handles are the names under which tests know themselves.
var handles = []string{"t", "b", "tb", "f", "rt"}

// calls gives the calls x.name in a node, where x is one of the names given.
func calls(n ast.Node, xs []string, names ...string) []*ast.CallExpr {
	var found []*ast.CallExpr
	ast.Inspect(n, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(names, sel.Sel.Name) {
			if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(xs, x.Name) {
				found = append(found, call)
			}
		}
		return true
	})
	return found
}

func checkSkips(t tree) []string {
	var wrong []string
	for _, s := range t.files {
		if !s.isTest() || maySkip[s.path] != "" {
			continue
		}
		for _, call := range calls(s.ast, handles, "Skip", "Skipf", "SkipNow") {
			wrong = append(wrong, t.at(call)+": a test is never skipped: make what it needs, or let it fail")
		}
	}
	return wrong
}

func checkSleeps(t tree) []string {
	var wrong []string
	for _, s := range t.files {
		clock := nameOf(s, "time")
		if !s.isTest() || clock == "" || maySleep[s.path] != "" {
			continue
		}
		for _, call := range calls(s.ast, []string{clock}, "Sleep") {
			wrong = append(wrong, t.at(call)+": sleeping is guessing: wait for the event itself")
		}
	}
	return wrong
}

// checkParallel: each test runs beside the others. Those that change the
// process itself (t.Setenv, t.Chdir) cannot.
func checkParallel(t tree) []string {
	var wrong []string
	for _, s := range t.files {
		if !s.isTest() {
			continue
		}
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !isTestFunc(f) || s.isBench() {
				continue
			}
			if len(calls(f, handles, "Parallel", "Setenv", "Chdir")) == 0 {
				wrong = append(wrong, t.at(f)+": "+f.Name.Name+" does not call t.Parallel")
			}
		}
	}
	return wrong
}

func isTestFunc(f *ast.FuncDecl) bool {
	return f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" &&
		f.Type.Params.NumFields() == 1
}

func testExamples() []example {
	const head = "package ledger\nimport (\n\"testing\"\n\"time\"\n)\n"
	return []example{
		{
			rule: "no test is skipped", name: "no test is skipped",
			bad:  map[string]string{"ledger/book_test.go": head + "func TestX(t *testing.T) { t.Skip(\"no database\") }\n"},
			want: "never skipped",
			good: map[string]string{"ledger/book_test.go": head + "func TestX(t *testing.T) { rows.Skip(1) }\n"},
		},
		{
			rule: "no test sleeps", name: "no test sleeps",
			bad:  map[string]string{"ledger/book_test.go": head + "func TestX(t *testing.T) { time.Sleep(time.Second) }\n"},
			want: "sleeping is guessing",
			good: map[string]string{"ledger/book.go": head + "func x() { time.Sleep(time.Second) }\n"},
		},
		{
			rule: "tests run in parallel", name: "tests run in parallel",
			bad:  map[string]string{"ledger/book_test.go": head + "func TestX(t *testing.T) { t.Log() }\n"},
			want: "TestX does not call t.Parallel",
			good: map[string]string{
				"ledger/book_test.go": head + "func TestX(t *testing.T) { t.Parallel() }\n" +
					"func TestY(t *testing.T) { t.Setenv(\"A\", \"b\") }\nfunc TestMain(m *testing.M) {}\n",
			},
		},
	}
}
