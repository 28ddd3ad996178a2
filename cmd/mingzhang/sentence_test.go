package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"mingzhang/ledger"
)

// answered is an error of the server with its SQLSTATE.
type answered string

func (a answered) Error() string     { return "ERROR: in English (SQLSTATE=" + string(a) + ")" }
func (a answered) Field(byte) string { return string(a) }

// What the server answers when the disk is full, or when it is stopped in the middle, comes in both languages
// too, with its own words behind it.
func TestSentenceOfServer(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{"53100": "磁盘已满", "57P01": "数据库在途中停止", "57014": "数据库太忙", "42501": "数据库用户没有这项权限"} {
		err := fmt.Errorf("ledger: copying into lots: %w", errors.Join(answered(state)))
		got := (&program{lang: ledger.ZH}).sentence(err)
		if !strings.HasPrefix(got, want) || !strings.Contains(got, err.Error()) {
			t.Errorf("%s: got %q, want %q and the cause", state, got, want)
		}
		if got := (&program{lang: ledger.EN}).sentence(err); got != err.Error() {
			t.Errorf("%s: got %q, want the cause alone", state, got)
		}
	}
}
