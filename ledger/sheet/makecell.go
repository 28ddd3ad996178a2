package sheet

import (
	"bytes"
	"strings"

	"mingzhang/ledger"
)

// make turns the value as stored into a cell.
func (s *sheetScan) make() Cell {
	limit := s.w.x.limits.TextRunes
	switch s.kind {
	case "s":
		n, ok := atoi(bytes.TrimSpace(s.value))
		text, bad, found := s.w.x.strings.get(n)
		if !ok || !found {
			return badCell("sheet.no_shared_text", string(s.value))
		}
		return textCell(text, bad)
	case "str", "inlineStr":
		if s.formula && len(s.value) == 0 && !s.hasValue {
			return Cell{Kind: KindUncached, Err: ledger.E(ledger.Invalid, "sheet.uncached")}
		}
		return textCell(cleanText(s.value, limit))
	case "b":
		text := "FALSE"
		if v := string(bytes.TrimSpace(s.value)); v == "1" || v == "true" {
			text = "TRUE"
		}
		return Cell{Kind: KindBool, Text: text, Stored: text}
	case "e":
		return badCell("sheet.error_value", string(s.value))
	case "d":
		return isoCell(string(s.value))
	case "":
		return s.number()
	}
	return badCell("sheet.not_a_number", string(s.value))
}

// number makes a numeric cell, or a date when the format is one.
func (s *sheetScan) number() Cell {
	stored := string(bytes.TrimSpace(s.value))
	if stored == "" {
		return Cell{Kind: KindUncached, Err: ledger.E(ledger.Invalid, "sheet.uncached")}
	}
	return numberCell(stored, s.w.x.format(s.style), s.w.x.date1904)
}

func numberCell(stored string, f *format, date1904 bool) Cell {
	if f != nil && f.date {
		return dateCell(stored, date1904)
	}
	c := Cell{Kind: KindNumber, Stored: stored, format: f, date1904: date1904, PercentFormat: f != nil && f.percent}
	digits, reason := fifteen(stored)
	switch {
	case reason != "":
		c.Text, c.Kind = stored, KindError
		c.Err = ledger.E(ledger.Invalid, reason, firstRunes(stored, 40))
	case f != nil && f.scaled:
		c.Text, c.Kind = digits, KindError
		c.Err = ledger.E(ledger.Invalid, "sheet.scaled_format", c.Shown(), digits)
	default:
		c.Text = digits
		if f != nil && f.suffix != "" && isUnit(f.suffix) && !f.percent {
			c.Text += strings.TrimSpace(f.suffix)
		}
	}
	return c
}

// dateCell makes a cell of a number with a date format.
func dateCell(stored string, date1904 bool) Cell {
	c := Cell{Kind: KindDate, Stored: stored, Text: stored}
	d, err := fifteenDecimal(stored)
	if err != nil || d.Sign() < 0 {
		c.Kind, c.Err = KindError, ledger.E(ledger.Invalid, "sheet.not_a_date", firstRunes(stored, 40))
		return c
	}
	if day, ok := serialText(d.IntPart(), date1904); ok {
		c.Text = day
	} // else only a time of day, or 29 February 1900: Day says so
	return c
}

func textCell(text, bad string) Cell {
	c := Cell{Kind: KindText, Text: text, Stored: text}
	switch {
	case bad != "":
		c.Kind, c.Err = KindError, ledger.E(ledger.Invalid, bad, firstRunes(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "␀"), "\uFFFD"), 40))
	case isBlank(text):
		c.Kind = KindBlank
	}
	return c
}

func badCell(reason, text string) Cell {
	return Cell{Kind: KindError, Text: text, Stored: text, Err: ledger.E(ledger.Invalid, reason, firstRunes(text, 40))}
}

// isoCell makes a date cell of the ISO text that strict files and some writers store.
func isoCell(text string) Cell {
	day := dropTime(text)
	if _, err := ledger.ParseDay(day); err != nil {
		return badCell("sheet.not_a_date", text)
	}
	return Cell{Kind: KindDate, Text: day, Stored: text}
}
