package tidy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The sentences of the program, one flat file a language.
const (
	sentencesZH = "web/locale/zh.json"
	sentencesEN = "web/locale/en.json"
)

// A refusal is one place where the program says no.
type refusal struct {
	at, pkg, reason string

	args int // number of arguments for the sentence; -1 when it cannot be seen
}

// ofError is the prefix of the sentences that explain refusals.
const ofError = "error."

// A maker is a function that refuses with a reason it was given. E is the
// first of them; the others are found by what they pass on.
type maker struct {
	param int  // which parameter is the reason
	exact bool // whether what follows the reason are the sentence's arguments
}

// refusals finds, outside tests, every reason that is given to ledger.E or to
// a helper that hands a parameter on to it. The second result is what cannot
// be followed.
func refusals(t tree) (all []refusal, wrong []string) {
	makers := findMakers(t)
	carries := map[string]bool{}
	for _, s := range t.files {
		if s.isTest() {
			continue
		}
		for _, d := range s.ast.Decls {
			params := paramsOf(d)
			ast.Inspect(d, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				m, ok := makerOf(s, call, makers)
				if !ok || m.param >= len(call.Args) {
					return true
				}
				arg := call.Args[m.param]
				reason, ok := literal(t, s, arg)
				switch {
				case ok:
					all = append(all, refusal{at: t.at(call), pkg: s.pkg, reason: reason, args: argsOf(call, m)})
				case isBuilt(arg):
					wrong = append(wrong, t.at(call)+": write the reason whole, so that it can be found: not put together")
				case !slices.Contains(params, nameOfIdent(arg)):
					carries[s.pkg] = true
				}
				return true
			})
		}
	}
	return append(all, carried(t, carries, all)...), wrong
}

func isBuilt(e ast.Expr) bool {
	switch e.(type) {
	case *ast.BinaryExpr, *ast.CallExpr:
		return true
	}
	return false
}

// carried gives the reasons of packages that carry some of theirs in
// variables: every text there that looks like one of the package's reasons.
func carried(t tree, carries map[string]bool, seen []refusal) []refusal {
	nouns := map[string]bool{}
	for _, r := range seen {
		noun, _, _ := strings.Cut(r.reason, ".")
		nouns[r.pkg+" "+noun] = true
	}
	var all []refusal
	t.each(func(s source, n ast.Node) {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING || s.isTest() || !carries[s.pkg] {
			return
		}
		text, err := strconv.Unquote(lit.Value)
		noun, _, _ := strings.Cut(text, ".")
		if err == nil && looksLikeReason.MatchString(text) && nouns[s.pkg+" "+noun] {
			all = append(all, refusal{at: t.at(lit), pkg: s.pkg, reason: text, args: -1})
		}
	})
	return all
}

var looksLikeReason = regexp.MustCompile(`^[a-z_]+(\.[a-z0-9_]+)+$`)

func argsOf(call *ast.CallExpr, m maker) int {
	if !m.exact || call.Ellipsis.IsValid() {
		return -1
	}
	return len(call.Args) - m.param - 1
}

// findMakers starts from E and adds functions and methods that pass one of
// their own parameters as the reason, until there are no more.
func findMakers(t tree) map[string]maker {
	makers := map[string]maker{"ledger.E": {param: 1, exact: true}}
	for before := 0; before != len(makers); {
		before = len(makers)
		for _, s := range t.files {
			for _, d := range s.ast.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || s.isTest() || f.Name.Name == "E" {
					continue
				}
				addMaker(s, f, makers)
			}
		}
	}
	return makers
}

func addMaker(s source, f *ast.FuncDecl, makers map[string]maker) {
	params := paramsOf(f)
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		m, ok := makerOf(s, call, makers)
		if !ok || m.param >= len(call.Args) {
			return true
		}
		if i := slices.Index(params, nameOfIdent(call.Args[m.param])); i >= 0 {
			key := s.pkg + "." + f.Name.Name
			if _, known := makers[key]; !known {
				makers[key] = maker{param: i, exact: false}
			}
		}
		return true
	})
}

// makerOf tells whether a call makes a refusal: E of ledger from anywhere,
// others by name inside their own package.
func makerOf(s source, call *ast.CallExpr, makers map[string]maker) (maker, bool) {
	pkg, name := s.pkg, ""
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		name = fun.Name
	case *ast.SelectorExpr:
		name = fun.Sel.Name
		if x, ok := fun.X.(*ast.Ident); ok && x.Name == nameOf(s, module+"ledger") {
			pkg = "ledger"
		}
	}
	m, ok := makers[pkg+"."+name]
	return m, ok
}

// paramsOf gives the names of a function's parameters, in order.
func paramsOf(d ast.Node) []string {
	f, ok := d.(*ast.FuncDecl)
	if !ok {
		return nil
	}
	var names []string
	for _, field := range f.Type.Params.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
		if len(field.Names) == 0 {
			names = append(names, "_")
		}
	}
	return names
}

func nameOfIdent(e ast.Expr) string {
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// literal gives the text of a string literal, or of a constant of the package.
func literal(t tree, s source, e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.Ident:
		return constant(t, s.pkg, e.Name)
	}
	return "", false
}

func constant(t tree, pkg, name string) (text string, ok bool) {
	for _, s := range t.files {
		if s.pkg != pkg || s.isTest() {
			continue
		}
		for _, d := range s.ast.Decls {
			if g, isGen := d.(*ast.GenDecl); isGen && g.Tok == token.CONST {
				for _, spec := range g.Specs {
					if text, ok = constantOf(spec, name); ok {
						return text, true
					}
				}
			}
		}
	}
	return "", false
}

func constantOf(spec ast.Spec, name string) (string, bool) {
	v, ok := spec.(*ast.ValueSpec)
	if !ok {
		return "", false
	}
	for i, id := range v.Names {
		if id.Name == name && i < len(v.Values) {
			if lit, ok := v.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, err := strconv.Unquote(lit.Value)
				return text, err == nil
			}
		}
	}
	return "", false
}

// sentences reads one language; the keys come in the order of the file.
func sentences(t tree, p string) (text map[string]string, keys []string, err error) {
	src, ok := t.texts[p]
	if !ok {
		return nil, nil, fmt.Errorf("%s is missing", p)
	}
	if err := json.Unmarshal([]byte(src), &text); err != nil {
		return nil, nil, fmt.Errorf("%s: not a flat object of sentences: %w", p, err)
	}
	dec := json.NewDecoder(strings.NewReader(src))
	for i := 0; ; i++ { // the tokens are {, key, sentence, key, sentence, …, }
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return text, keys, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", p, err)
		}
		if key, ok := tok.(string); ok && i%2 == 1 {
			keys = append(keys, key)
		}
	}
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0]*\d*(?:\.\d+)?([a-zA-Z%])`)

// verbs gives the verb of each argument of a sentence, whatever order they stand in.
func verbs(sentence string) map[int]string {
	all := map[int]string{}
	next := 1
	for _, m := range verb.FindAllStringSubmatch(sentence, -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			next, _ = strconv.Atoi(m[1])
		}
		all[next] = m[2]
		next++
	}
	return all
}

// checkLanguages: both files have the same keys, sorted, with the same verbs.
func checkLanguages(t tree) []string {
	zh, zhKeys, err := sentences(t, sentencesZH)
	if err != nil {
		return []string{err.Error()}
	}
	en, enKeys, err := sentences(t, sentencesEN)
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	for p, keys := range map[string][]string{sentencesZH: zhKeys, sentencesEN: enKeys} {
		for i := 1; i < len(keys); i++ {
			if keys[i] <= keys[i-1] {
				wrong = append(wrong, p+": "+keys[i]+" stands after "+keys[i-1]+": keys are sorted and unique")
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(zh)) {
		switch sentence, ok := en[key]; {
		case !ok:
			wrong = append(wrong, sentencesEN+": "+key+" is missing")
		case strings.TrimSpace(sentence) == "" || strings.TrimSpace(zh[key]) == "":
			wrong = append(wrong, key+" is empty in one language")
		case !maps.Equal(verbs(sentence), verbs(zh[key])):
			wrong = append(wrong, fmt.Sprintf("%s: verbs differ: %q, %q", key, zh[key], sentence))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(en)) {
		if _, ok := zh[key]; !ok {
			wrong = append(wrong, sentencesZH+": "+key+" is missing")
		}
	}
	return wrong
}

// checkRefusals: whoever is refused reads a sentence, with all its arguments.
func checkRefusals(t tree) []string {
	all, wrong := refusals(t)
	zh, _, err := sentences(t, sentencesZH)
	if err != nil && len(all) > 0 {
		return append(wrong, fmt.Sprintf("%d refusals have no sentence: %v", len(all), err))
	}
	for _, r := range all {
		sentence, ok := zh[ofError+r.reason]
		if !ok {
			wrong = append(wrong, r.at+": "+ofError+r.reason+" has no sentence in "+sentencesZH)
			continue
		}
		if n := len(verbs(sentence)); r.args >= 0 && n != r.args {
			wrong = append(wrong, fmt.Sprintf("%s: %s gets %d arguments, its sentence has %d", r.at, r.reason, r.args, n))
		}
	}
	return wrong
}

// checkLeftOvers: no sentence is left that nobody says. A key is used when a
// Go file outside tests or a template has it, or the beginning of it that
// ends in a dot (for keys put together from a code).
func checkLeftOvers(t tree) []string {
	zh, keys, err := sentences(t, sentencesZH)
	if err != nil || len(zh) == 0 {
		return nil // checkLanguages says so
	}
	said := saidKeys(t)
	var wrong []string
	for _, key := range keys {
		name := strings.TrimPrefix(key, ofError)
		begins := func(s string) bool { return strings.HasSuffix(s, ".") && s != ofError && strings.HasPrefix(key, s) }
		if !said[name] && !said[key] && !slices.ContainsFunc(slices.Collect(maps.Keys(said)), begins) {
			wrong = append(wrong, sentencesZH+": "+key+" is said nowhere")
		}
	}
	return wrong
}

var keyInPage = regexp.MustCompile(`["` + "`" + `]([a-z0-9_]+(?:\.[a-z0-9_]+)*\.?)["` + "`" + `]`)

func saidKeys(t tree) map[string]bool {
	said := map[string]bool{}
	for p, text := range t.texts {
		isCode := strings.HasSuffix(p, ".go") && !strings.HasSuffix(p, "_test.go")
		if !isCode && !strings.HasPrefix(p, "web/templates/") {
			continue
		}
		for _, m := range keyInPage.FindAllStringSubmatch(text, -1) {
			said[m[1]] = true
		}
	}
	return said
}
