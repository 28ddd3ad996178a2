package web

import (
	"fmt"
	"html/template"
	"io/fs"
	"strconv"
	"time"

	"mingzhang/ledger"
)

// kit are the template functions of the partials in kit.html.
func (s *Server) kit(lang ledger.Lang) template.FuncMap {
	return template.FuncMap{
		"lib": s.lib, "dict": dict, "inc": func(n int) int { return n + 1 },
		"money": showMoney, "yuan": showYuan, "wan": showWan, "percent": showPercent, "mu": showMu, "day": showDay,
		"instant": showInstant, "seqno": func(seq int64) string { return seqno(lang, seq) },
		"field": newField, "choice": newChoice, "options": newOptions, "check": newCheck,
		"title": newTitle, "act": newAct, "notice": func(tone, text string) Notice { return Notice{tone, text} },
		"chip": func(tone, text string) Chip { return Chip{tone, text} },
	}
}

// lib is the address of a browser library, or nothing when the program was built without it.
func (s *Server) lib(name string) string {
	if _, err := fs.Stat(s.static, name); err != nil {
		return ""
	}
	address, err := s.asset(name)
	if err != nil {
		return ""
	}
	return address
}

// dict makes a map of names and values for a partial.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("web: dict: a name without value")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("web: dict: %v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// none stands where there is no value.
const none = "—"

// showMoney prints a Money or *Money in yuan with grouped thousands: 33,247,400.00.
func showMoney(v any) (string, error) {
	switch m := v.(type) {
	case ledger.Money:
		return m.Grouped(), nil
	case *ledger.Money:
		if m == nil {
			return none, nil
		}
		return m.Grouped(), nil
	case nil:
		return none, nil
	}
	return "", fmt.Errorf("web: money: %T is none", v)
}

// showWan prints a Money or *Money in 万元 with two decimals: 3324.74.
func showWan(v any) (string, error) {
	switch m := v.(type) {
	case ledger.Money:
		return m.Wan(), nil
	case *ledger.Money:
		if m == nil {
			return none, nil
		}
		return m.Wan(), nil
	case nil:
		return none, nil
	}
	return "", fmt.Errorf("web: wan: %T is no money", v)
}

// showYuan is a cell of money: grouped yuan, and the amount in 万元 for who rests on it.
func showYuan(v any) (Cell, error) {
	text, err := showMoney(v)
	if err != nil || text == none {
		return Cell{Text: text}, err
	}
	wan, err := showWan(v)
	return Cell{Text: text, Title: wan + " 万元"}, err
}

// MoneyCell is a table's cell of money; nil is a dash.
func MoneyCell(m *ledger.Money) Cell {
	if m == nil {
		return Cell{Text: none}
	}
	return Cell{Text: m.Grouped(), Title: m.Wan() + " 万元", Value: m.String()}
}

// showPercent prints a Rate or *Rate as a percentage: 43.28%.
func showPercent(v any) (string, error) {
	switch r := v.(type) {
	case ledger.Rate:
		return r.Percent(), nil
	case *ledger.Rate:
		if r == nil {
			return none, nil
		}
		return r.Percent(), nil
	case nil:
		return none, nil
	}
	return "", fmt.Errorf("web: percent: %T is no rate", v)
}

// showMu prints an Area or *Area in mu.
func showMu(v any) (string, error) {
	switch a := v.(type) {
	case ledger.Area:
		return a.String(), nil
	case *ledger.Area:
		if a == nil {
			return none, nil
		}
		return a.String(), nil
	case nil:
		return none, nil
	}
	return "", fmt.Errorf("web: mu: %T is no area", v)
}

// showDay prints a Day or *Day: 2021-03-05.
func showDay(v any) (string, error) {
	switch d := v.(type) {
	case ledger.Day:
		if d.IsZero() {
			return none, nil
		}
		return d.String(), nil
	case *ledger.Day:
		if d == nil || d.IsZero() {
			return none, nil
		}
		return d.String(), nil
	case nil:
		return none, nil
	}
	return "", fmt.Errorf("web: day: %T is none", v)
}

// showInstant prints a moment at +08:00, to the second.
func showInstant(t time.Time) string {
	if t.IsZero() {
		return none
	}
	return t.In(time.FixedZone("+08:00", 8*60*60)).Format("2006-01-02 15:04:05")
}

// seqno names an entry of the book.
func seqno(lang ledger.Lang, seq int64) string {
	n := strconv.FormatInt(seq, 10)
	return ledger.Text{ZH: "第 " + n + " 条", EN: "entry " + n}.In(lang)
}
