package ledger_test

import (
	"slices"
	"testing"

	"mingzhang/ledger"
)

// A part of a scope is never more than the scope.
func TestScope_Within(t *testing.T) {
	t.Parallel()
	book := &ledger.Book{}
	of := func(names ...string) ledger.Scope {
		s, err := ledger.VillagesOf(book, names)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for what, c := range map[string]struct {
		scope   ledger.Scope
		village string
		want    []string // villages of the part; nil: nothing in common
	}{
		"the whole book":    {ledger.WholeBook(book), "东升村", []string{"东升村"}},
		"the village":       {of("东升村", "西岸村"), "东升村", []string{"东升村"}},
		"a part of it":      {of("东升村"), "东升村第一经济社", []string{"东升村第一经济社"}},
		"more than it":      {of("东升村第一经济社", "东升村第二经济社", "西岸村"), "东升村", []string{"东升村第一经济社", "东升村第二经济社"}},
		"another":           {of("东升村"), "西岸村", nil},
		"nothing asked":     {of("东升村", "西岸村"), "", []string{"东升村", "西岸村"}},
		"in other width":    {of("东升村1社"), "东升村１", []string{"东升村1社"}},
		"of nobody's scope": {ledger.Scope{}, "东升村", nil},
	} {
		got, ok := c.scope.Within(c.village)
		if ok != (c.want != nil) || !slices.Equal(got.Villages(), c.want) {
			t.Errorf("%s: %v %v, want %v", what, got.Villages(), ok, c.want)
		}
	}
	from, to := new(ledger.Day), new(ledger.Day)
	part, _ := of("东升村").Between(from, to).Within("东升村")
	if a, b := part.Days(); a != from || b != to {
		t.Error("the days of the scope are lost")
	}
}
