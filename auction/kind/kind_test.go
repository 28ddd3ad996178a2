package kind_test

import (
	"regexp"
	"testing"

	"mingzhang/auction/kind"
)

func TestAll(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`^[a-z][a-z_]*$`)
	words := map[string]string{}
	for _, k := range kind.All() {
		if !code.MatchString(k.Code) || k.Name.ZH == "" || k.Name.EN == "" {
			t.Errorf("kind %+v: the code or a name is missing", k)
		}
		for _, word := range append([]string{k.Code, k.Name.ZH, k.Name.EN}, k.Aliases...) {
			if other, taken := words[word]; taken && other != k.Code {
				t.Errorf("%q is %s and %s", word, other, k.Code)
			}
			words[word] = k.Code
			if got := kind.Find(word); got != k.Code {
				t.Errorf("%q is read as %s, want %s", word, got, k.Code)
			}
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "商\u3000铺": "shop", "鱼塘": "pond", "养殖水面": "pond", "留用地": "construction_land", "宇宙飞船": kind.Other,
	} {
		if got := kind.Find(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := kind.Name("a_kind_of_tomorrow"); got.ZH != "a_kind_of_tomorrow" || got.EN != got.ZH {
		t.Errorf("an unknown code is named %+v", got)
	}
}
