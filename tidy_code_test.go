package tidy_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// How long things may be, in lines.
const (
	funcLines     = 70
	fileLines     = 400
	testFileLines = 600
)

// floatWords are the doors through which a binary fraction gets in without
// its type being named.
var floatWords = []string{
	"float32", "float64", "ParseFloat", "FormatFloat", "AppendFloat", "NewFromFloat", "NewFromFloat32",
	"NewFromFloatWithExponent", "InexactFloat64", "Float32", "Float64", "SetFloat64", "ParseFloatPrefix",
}

// mayFloat tells where they are right: a numeric cell of an Excel file is one
// on disk (design 9), and a measurement is no money.
func mayFloat(s source) bool {
	return s.pkg == "ledger/sheet" && strings.HasPrefix(s.path, "ledger/sheet/number") || s.isBench()
}

func checkFloats(t tree) []string {
	var wrong []string
	t.each(func(s source, n ast.Node) {
		switch n := n.(type) {
		case *ast.Ident:
			if slices.Contains(floatWords, n.Name) && !mayFloat(s) {
				wrong = append(wrong, t.at(n)+": "+n.Name+": numbers of the book are exact (Money, Area, Rate, Price)")
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT && !mayFloat(s) {
				wrong = append(wrong, t.at(n)+": "+n.Value+" is a binary fraction: write a string or a ratio")
			}
		}
	})
	return wrong
}

func checkLengths(t tree) []string {
	var wrong []string
	for _, s := range t.files {
		most := fileLines
		if s.isTest() {
			most = testFileLines
		}
		if s.lines > most {
			wrong = append(wrong, fmt.Sprintf("%s has %d lines, %d are enough: split it by subject", s.path, s.lines, most))
		}
		for _, d := range s.ast.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			lines := t.fset.Position(f.End()).Line - t.fset.Position(f.Pos()).Line + 1
			if lines > funcLines {
				wrong = append(wrong, fmt.Sprintf("%s: %s has %d lines, %d are enough", t.at(f), f.Name.Name, lines, funcLines))
			}
		}
	}
	return wrong
}

// checkClock: time is a parameter, so that a report can be asked as of any
// day and a test can say which day it is. Only cmd reads the clock. dbtest is
// part of the tests.
func checkClock(t tree) []string {
	var wrong []string
	t.each(func(s source, n ast.Node) {
		if s.isTest() || s.pkg == dbtest || strings.HasPrefix(s.pkg, "cmd/") {
			return
		}
		call, ok := n.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"Now", "Since", "Until"}, call.Sel.Name) {
			return
		}
		if x, ok := call.X.(*ast.Ident); ok && x.Name == nameOf(s, "time") {
			wrong = append(wrong, t.at(n)+": time."+call.Sel.Name+" reads the clock: take the time as a parameter")
		}
	})
	return wrong
}

// nameOf gives the name under which a file knows a package, "" if it does not.
func nameOf(s source, importPath string) string {
	for _, spec := range s.ast.Imports {
		if strings.Trim(spec.Path.Value, "`\"") != importPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return importPath[strings.LastIndex(importPath, "/")+1:]
	}
	return ""
}

// checkPackageDocs: each package says what it promises, in doc.go or above the
// package clause of one of its files.
func checkPackageDocs(t tree) []string {
	said := map[string]bool{}
	for _, s := range t.files {
		doc := s.ast.Doc.Text() != "" && (!s.isTest() || s.pkg == ".")
		said[s.pkg] = said[s.pkg] || doc
	}
	var wrong []string
	for pkg, ok := range said {
		if !ok {
			wrong = append(wrong, pkg+" has no package comment: write doc.go with its promises")
		}
	}
	slices.Sort(wrong)
	return wrong
}

var (
	todo     = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)
	goodTodo = regexp.MustCompile(`\bTODO\(#[0-9]+\): \S`)
)

func checkTodos(t tree) []string {
	var wrong []string
	for _, s := range t.files {
		for _, group := range s.ast.Comments {
			for _, c := range group.List {
				if todo.MatchString(c.Text) && !goodTodo.MatchString(c.Text) {
					wrong = append(wrong, t.at(c)+": what is to do has an issue: write TODO"+"(#12): what")
				}
			}
		}
	}
	return wrong
}

// banned are words that the glossary keeps out, because they say something
// else (a reserve price is secret, a base is not; an acre is 6.07 mu).
var banned = regexp.MustCompile(`Acre` +
	`|(Reserve|Reserved|Start|Starting|Floor|Upset)(Price|Amount|Total)` +
	`|(Final|Sold|Deal|Closing|Winning)(Price|Amount|Total)` +
	`|Markup|Surplus|BuyersPremium|Premium(Percent|Ratio)` +
	`|PlotNo|(Real|Actual|True)Area|AssetType|LotType`)

// bannedColumn is the same for the names in the database.
var bannedColumn = regexp.MustCompile(`\b(acres?|reserve_price|start_price|floor_price|final_price|sold_price|` +
	`deal_price|premium_percent|premium_ratio|plot_no|real_area|actual_area)\b`)

func checkWords(t tree) []string {
	var wrong []string
	t.each(func(s source, n ast.Node) {
		for _, name := range declared(n) {
			if word := banned.FindString(name.Name); name.IsExported() && word != "" && !s.isTest() {
				wrong = append(wrong, t.at(name)+": "+name.Name+": "+word+" is not the word of the glossary (docs/glossary.md)")
			}
		}
	})
	for _, p := range t.sortedTexts() {
		if !strings.HasSuffix(p, ".sql") {
			continue
		}
		if word := bannedColumn.FindString(t.texts[p]); word != "" {
			wrong = append(wrong, p+": "+word+" is not the word of the glossary (docs/glossary.md)")
		}
	}
	return wrong
}

// declared gives the names that a node declares for others to use.
func declared(n ast.Node) []*ast.Ident {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return []*ast.Ident{n.Name}
	case *ast.TypeSpec:
		return []*ast.Ident{n.Name}
	case *ast.ValueSpec:
		return n.Names
	case *ast.Field:
		return n.Names
	}
	return nil
}
