// Package tidy_test holds the house rules that a machine can hold: who imports
// whom, where a float or a clock may stand, how long a function may grow, that
// every refusal has its sentence in both languages. It needs no tool and no
// database and runs in well under a second.
//
// Each rule is a function from the tree to what is wrong with it, and has
// small trees that break it: TestRules_Bite shows that it can fail.
package tidy_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// rules are the house rules: what each finds wrong with a tree.
var rules = map[string]func(tree) []string{
	"imports run down":                     checkImports,
	"the domain knows no world":            checkOutside,
	"the checker stands alone":             checkChecker,
	"no floats":                            checkFloats,
	"only cmd reads the clock":             checkClock,
	"functions and files are short":        checkLengths,
	"packages say their promises":          checkPackageDocs,
	"what is to do has an issue":           checkTodos,
	"the words of the glossary":            checkWords,
	"no test is skipped":                   checkSkips,
	"no test sleeps":                       checkSleeps,
	"tests run in parallel":                checkParallel,
	"a refusal has its sentence":           checkRefusals,
	"both languages say it":                checkLanguages,
	"no sentence is left over":             checkLeftOvers,
	"the first screen":                     checkReadme,
	"the changelog":                        checkChangelog,
	"no place of one machine, no registry": checkPlaces,
	"migrations are never edited":          checkMigrations,
}

// An example shows that a rule can fail: the tree bad gets one complaint,
// which contains want; the tree good comes near to it and gets none.
type example struct {
	rule, name string
	bad        map[string]string
	want       string
	good       map[string]string
}

func examples() []example {
	return slices.Concat(importExamples(), codeExamples(), testExamples(), sentenceExamples(), paperExamples())
}

func TestRules_Hold(t *testing.T) {
	t.Parallel()
	house := load(t, os.DirFS("."))
	for name, check := range rules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, wrong := range check(house) {
				t.Error(wrong)
			}
		})
	}
}

func TestRules_Bite(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, e := range examples() {
		shown[e.rule] = true
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			check, ok := rules[e.rule]
			if !ok {
				t.Fatalf("there is no rule %q", e.rule)
			}
			got := check(loadMap(t, e.bad))
			if len(got) != 1 || !strings.Contains(got[0], e.want) {
				t.Errorf("got %q, want one complaint with %q", got, e.want)
			}
			if e.good == nil {
				return
			}
			if got := check(loadMap(t, e.good)); len(got) != 0 {
				t.Errorf("the good tree: got %q, want no complaint", got)
			}
		})
	}
	for name := range rules {
		if !shown[name] {
			t.Errorf("the rule %q has no example that breaks it", name)
		}
	}
}

// A tree is what the rules look at: all texts, and the Go files among them
// parsed. Fixtures (testdata) are texts, never Go files.
type tree struct {
	fset  *token.FileSet
	texts map[string]string
	files []source
}

// A source is one Go file. pkg is its folder, "." for the root.
type source struct {
	path, pkg string
	ast       *ast.File
	lines     int
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// isBench tells whether the file only measures: seconds and ratios, no money.
func (s source) isBench() bool {
	return strings.HasSuffix(s.path, "bench_test.go") || strings.HasPrefix(path.Base(s.path), "bench_")
}

// at writes a place so that an editor can jump to it.
func (t tree) at(n ast.Node) string {
	pos := t.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", pos.Filename, pos.Line)
}

// sortedTexts gives the paths of all texts in order, so that complaints come in order.
func (t tree) sortedTexts() []string {
	paths := make([]string, 0, len(t.texts))
	for p := range t.texts {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return paths
}

// each calls visit for every node of every Go file.
func (t tree) each(visit func(source, ast.Node)) {
	for _, s := range t.files {
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if n != nil {
				visit(s, n)
			}
			return true
		})
	}
}

// skipped folders hold nothing of ours.
var skipped = []string{
	".git", "bin", "dist", "data", ".idea", ".vscode", "testout",
	"web/assets/node_modules", "web/static/lib", // other people's
}

// largest is the size up to which a file is read as text; larger ones are data.
const largest = 1 << 20

func load(tb testing.TB, fsys fs.FS) tree {
	tb.Helper()
	t := tree{fset: token.NewFileSet(), texts: map[string]string{}, files: nil}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && p != "." && slices.Contains(skipped, p):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil || info.Size() > largest {
			return err
		}
		data, err := fs.ReadFile(fsys, p)
		if err != nil || slices.Contains(data, 0) {
			return err
		}
		return t.add(p, string(data))
	})
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func (t *tree) add(p, text string) error {
	t.texts[p] = text
	if path.Ext(p) != ".go" || strings.Contains(p, "testdata/") || strings.HasPrefix(p, "tools/") {
		return nil
	}
	file, err := parser.ParseFile(t.fset, p, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	t.files = append(t.files, source{
		path: p, pkg: path.Dir(p), ast: file,
		lines: strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1,
	})
	return nil
}

func loadMap(tb testing.TB, files map[string]string) tree {
	tb.Helper()
	fsys := fstest.MapFS{}
	for p, text := range files {
		fsys[p] = &fstest.MapFile{Data: []byte(text)}
	}
	return load(tb, fsys)
}
