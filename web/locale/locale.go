package locale

import (
	_ "embed" // the sentences
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"mingzhang/ledger"
)

// ofError is the family of the sentences of reasons.
const ofError = "error."

// The families of words: Word(lang, Note+"mismatch").
const (
	Column  = "column."  // columns of registers, by key
	Note    = "note."    // what does not fit but is recorded all the same
	Ignored = "ignored." // why a row was not read
	Skipped = "skipped." // why a sheet was not read
	Fit     = "fit."     // what a row of totals is the sum of
)

var (
	//go:embed zh.json
	zhJSON string
	//go:embed en.json
	enJSON string
)

// catalogues are the texts of both languages by key. They are read once and never change.
var catalogues = sync.OnceValue(func() map[ledger.Lang]map[string]string {
	return map[ledger.Lang]map[string]string{ledger.ZH: parse(zhJSON), ledger.EN: parse(enJSON)}
})

// parse reads a flat file. The files are part of the program, so one that cannot be read is a mistake of ours.
func parse(src string) map[string]string {
	texts := map[string]string{}
	if err := json.Unmarshal([]byte(src), &texts); err != nil {
		panic(fmt.Errorf("locale: reading the sentences: %w", err))
	}
	return texts
}

// find gives a text; anything but English is Chinese.
func find(lang ledger.Lang, key string) (string, bool) {
	if lang != ledger.EN {
		lang = ledger.ZH
	}
	text, ok := catalogues()[lang][key]
	return text, ok
}

// Sentence is what a user reads for an error: what was found, what was expected, what to do. A reason
// without a sentence reads as a fault of ours, with the reason, so that the log can be searched for it.
func Sentence(lang ledger.Lang, err *ledger.Error) string {
	if err == nil {
		return ""
	}
	sentence, ok := find(lang, ofError+err.Reason)
	if !ok {
		return fmt.Sprintf(ledger.Text{
			ZH: "系统出错，已记录（%s）。",
			EN: "Something went wrong; it has been logged (%s).",
		}.In(lang), err.Reason)
	}
	return fill(lang, sentence, err.Args)
}

// Say is Sentence for any error. When the error is about a column, its name stands before the sentence.
// The sentence is that of the first *ledger.Error in the chain; other errors are faults of ours, whose text
// is for the log only.
func Say(lang ledger.Lang, err error) string {
	if err == nil {
		return ""
	}
	e, ok := errors.AsType[*ledger.Error](err)
	if !ok {
		return ledger.Text{ZH: "系统出错，已记录。", EN: "Something went wrong; it has been logged."}.In(lang)
	}
	sentence := Sentence(lang, e)
	if column, ok := find(lang, Column+e.Field); ok {
		return column + ledger.Text{ZH: "：", EN: ": "}.In(lang) + sentence
	}
	return sentence
}

// Word is the text of a key, like note.mismatch; a key that has none gives the code itself, mismatch.
func Word(lang ledger.Lang, key string) string {
	if text, ok := find(lang, key); ok {
		return text
	}
	_, code, found := strings.Cut(key, ".")
	if !found {
		return key
	}
	return code
}

// verb is a place for an argument: %s, %d, %v or, out of order, %[2]s. %% is a percent sign.
var verb = regexp.MustCompile(`%(?:\[(\d)\])?([a-z%])`)

// fill puts the arguments in their places. It does not use fmt's verbs themselves: an argument of another
// type, a missing one or one too many must not show a clerk %!d(MISSING).
func fill(lang ledger.Lang, sentence string, args []any) string {
	next := 0
	return verb.ReplaceAllStringFunc(sentence, func(v string) string {
		m := verb.FindStringSubmatch(v)
		if m[2] == "%" {
			return "%"
		}
		if m[1] != "" {
			next = int(m[1][0] - '1')
		}
		next++
		if next < 1 || next > len(args) {
			return "—"
		}
		return shown(lang, args[next-1])
	})
}

// shown is an argument as it stands in a sentence; an empty one is a dash.
func shown(lang ledger.Lang, arg any) string {
	text := ""
	switch arg := arg.(type) {
	case ledger.Text:
		text = arg.In(lang)
	case []ledger.Difference:
		text = differences(lang, arg)
	case string:
		text = arg
	default:
		text = fmt.Sprint(arg)
	}
	if text == "" {
		return "—"
	}
	return text
}

// differences are what a record was and what it is to be, column by column; one without values, as that of a
// sealed text, is named only.
func differences(lang ledger.Lang, list []ledger.Difference) string {
	parts := make([]string, len(list))
	for i, d := range list {
		parts[i] = Word(lang, Column+d.Column)
		if d.Old != "" || d.New != "" {
			parts[i] += " " + shown(lang, d.Old) + " → " + shown(lang, d.New)
		}
	}
	return strings.Join(parts, ledger.Text{ZH: "；", EN: "; "}.In(lang))
}

// Template is the sentence of a reason with an ellipsis for each argument: what a reason means in general.
func Template(lang ledger.Lang, reason string) (string, bool) {
	sentence, ok := find(lang, ofError+reason)
	if !ok {
		return "", false
	}
	args := make([]any, len(verb.FindAllString(sentence, -1)))
	for i := range args {
		args[i] = "…"
	}
	return fill(lang, sentence, args), true
}
