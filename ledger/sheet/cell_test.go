package sheet

import (
	"math/big"
	"strconv"
	"testing"
)

func TestFifteenDigits(t *testing.T) {
	t.Parallel()
	for stored, want := range map[string]string{
		"861.64999999999998": "861.65", "861.65": "861.65", "0.1": "0.1", "3.3247400000000003E7": "33247400", "1E-3": "0.001",
		"2021001": "2021001", "123456789012345": "123456789012345", "-0": "0", "1.0000000000000002": "1", "28.399999999999977": "28.4",
		"4.7636300000000001E7": "47636300", ".5": "0.5", "1.2E+11": "120000000000", "9999999999999.99": "9999999999999.99",
	} {
		if got, reason := fifteen(stored); reason != "" || !sameNumber(got, want) {
			t.Errorf("%s: got %q %s, want %s", stored, got, reason, want)
		}
	}
	for stored, want := range map[string]string{
		"1234567890123456": "sheet.too_many_digits", "1.2E17": "sheet.too_many_digits", "1e15": "sheet.too_many_digits", "99999999999999.99": "sheet.too_many_digits",
		"NaN": "sheet.not_a_number", "Inf": "sheet.not_a_number", "1e999": "sheet.not_a_number", "abc": "sheet.not_a_number", "": "sheet.not_a_number",
	} {
		if got, reason := fifteen(stored); reason != want {
			t.Errorf("%s: got %q %q, want %s", stored, got, reason, want)
		}
	}
}

func sameNumber(a, b string) bool {
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	return ok1 && ok2 && x.Cmp(y) == 0
}

func TestNumberFormats(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]format{
		"yyyy/m/d":                       {date: true},
		`yyyy"年"m"月"d"日";@`:              {date: true},
		`[$-804]yyyy年m月`:                 {date: true},
		"h:mm:ss":                        {date: true},
		"aaaa":                           {date: true},
		"0.00%":                          {percent: true, decimals: 2, zeros: 1},
		"#,##0.00":                       {grouped: true, decimals: 2, zeros: 1},
		`0.00"万元"`:                       {decimals: 2, zeros: 1, suffix: "万元"},
		"0.00元":                          {decimals: 2, zeros: 1, suffix: "元"},
		`"¥"#,##0.00;[Red]"¥"-#,##0.00`:  {grouped: true, decimals: 2, zeros: 1, prefix: "¥"},
		`[$¥-804]#,##0.00`:               {grouped: true, decimals: 2, zeros: 1, prefix: "¥"},
		`_ * #,##0.00_ ;_ * -#,##0.00_-`: {grouped: true, decimals: 2, zeros: 1},
		"0000":                           {zeros: 4},
		`"A-"000`:                        {zeros: 3, prefix: "A-"},
		"0!.0,":                          {scaled: true, split: true, zeros: 2},
		"0!.0000":                        {scaled: true, split: true, zeros: 5},
		`0.0,,"百万"`:                      {scaled: true, decimals: 1, zeros: 1, suffix: "百万"},
		`[>=10000]0!.0,"万";0`:            {scaled: true, split: true, zeros: 2, suffix: "万"},
		"0.00E+00":                       {decimals: -1, zeros: 1},
		`General"元"`:                     {decimals: -1, suffix: "元"},
	} {
		if got := parseFormat(code); got == nil || *got != want {
			t.Errorf("%s: got %+v, want %+v", code, got, want)
		}
	}
	for _, code := range []string{"", "General", "G/通用格式", "@"} {
		if got := parseFormat(code); got != nil {
			t.Errorf("%q: got %+v, want none", code, got)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	styled := dateCell
	plain := func(stored string, date1904 bool) Cell { return numberCell(stored, nil, date1904) }
	for name, c := range map[string]struct {
		cell Cell
		want string // a day, or the reason
	}{
		"1900 system":        {styled("44260", false), "2021-03-05"},
		"with a time":        {styled("44260.75", false), "2021-03-05"},
		"1904 system":        {styled("42798", true), "2021-03-05"},
		"first day":          {styled("1", false), "1900-01-01"},
		"59":                 {styled("59", false), "1900-02-28"},
		"60, a false day":    {styled("60", false), "sheet.not_a_date"},
		"61":                 {styled("61", false), "1900-03-01"},
		"only a time":        {styled("0.5", false), "sheet.not_a_date"},
		"negative":           {styled("-5", false), "sheet.not_a_date"},
		"beyond the end":     {styled("2958466", false), "sheet.not_a_date"},
		"year 9999":          {styled("2958465", false), "day.impossible"},
		"plain serial":       {plain("44260", false), "2021-03-05"},
		"plain serial, 1904": {plain("42798", true), "2021-03-05"},
		"eight digits":       {plain("20210305", false), "2021-03-05"},
		"eight bad digits":   {plain("20210231", false), "day.impossible"},
		"a year":             {plain("2021", false), "day.unreadable"},
		"a fraction":         {plain("44260.5", false), "day.unreadable"},
		"text":               {textCell("2021年3月5日", ""), "2021-03-05"},
		"text with a time":   {textCell("2021/3/5 10:30:00", ""), "2021-03-05"},
		"text digits":        {textCell("20210305", ""), "2021-03-05"},
		"text serial":        {textCell("44260", ""), "day.unreadable"},
		"impossible text":    {textCell("2021-2-30", ""), "day.impossible"},
		"words":              {textCell("三月五日", ""), "day.unreadable"},
		"ISO":                {isoCell("2021-03-05T00:00:00"), "2021-03-05"},
		"blank":              {textCell(" — ", ""), "sheet.blank"},
		"error":              {badCell("sheet.error_value", "#REF!"), "sheet.error_value"},
		"bool":               {Cell{Kind: KindBool, Text: "TRUE"}, "sheet.not_a_date"},
	} {
		got, err := c.cell.Day()
		text := got.String()
		if e, ok := asError(err); ok {
			text = e.Reason
		}
		if text != c.want {
			t.Errorf("%s: got %s (%v), want %s", name, text, err, c.want)
		}
	}
}

func TestNumbersAndCounts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1,234.50": "1234.5", "１，２３４．５": "1234.5", "-3": "-3", "12.5亩": "sheet.not_a_number", "1,2345": "sheet.not_a_number",
		"1E5": "sheet.not_a_number", "无": "sheet.blank", "": "sheet.blank", "12345678901234567890.12": "12345678901234567890.12", "约3": "sheet.not_a_number",
	} {
		d, err := textCell(text, "").Number()
		got := d.String()
		if e, ok := asError(err); ok {
			got = e.Reason
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{"12": "12", "12.0": "12", "12.5": "sheet.not_a_count", "十二": "sheet.not_a_count", "-": "sheet.blank"} {
		n, err := textCell(text, "").Count()
		got := strconv.FormatInt(n, 10)
		if e, ok := asError(err); ok {
			got = e.Reason
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestShownAndDecimals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stored, code, shown, text string
		decimals                  int32
	}{
		{"861.64999999999998", "0.00", "861.65", "861.65", 2},
		{"861.64999999999998", "", "861.65", "861.65", 2},
		{"33247400.004", "#,##0.00", "33,247,400.00", "33247400.004", 2},
		{"3324.74", `0.00"万元"`, "3324.74万元", "3324.74万元", 2},
		{"0.4328", "0.00%", "43.28%", "0.4328", 4},
		{"5", `0"宗"`, "5宗", "5宗", 0},
		{"-1234.5", "#,##0.0", "-1,234.5", "-1234.5", 1},
	} {
		cell := numberCell(c.stored, parseFormat(c.code), false)
		if cell.Shown() != c.shown || cell.Text != c.text || cell.Decimals() != c.decimals {
			t.Errorf("%s as %s: got %q %q %d, want %q %q %d", c.stored, c.code, cell.Shown(), cell.Text, cell.Decimals(), c.shown, c.text, c.decimals)
		}
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "A", 26: "Z", 27: "AA", 256: "IV", 702: "ZZ", 703: "AAA", 16384: "XFD"} {
		if got := Letter(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
		if col, row, ok := parseRef([]byte(want + "7")); col != n || row != 7 || !ok {
			t.Errorf("%s7: got %d %d", want, col, row)
		}
	}
}

func TestTextsThatMustNotBeUsed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"商铺A-1（一层）": "", "a\x00b": badNUL, "a\x01b": badControl, "好\uFFFD": badMojibake, "锟斤拷锟斤拷": badMojibake,
		"Éléonore": "", "25×30²m·±1°": "", "ÉÌÆÌ": badMojibake, "鍟嗛摵涓€灞?": "", "榛勫矖琛楅亾": badMojibake, "联通大厦": "", "𠮷野家": "", "line\nbreak": "",
		"浜ゆ槗缂栧彿": badMojibake, "肇庆市端州区黄岗街道": "",
	} {
		if got := badText(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got, bad := cleanText([]byte("a_x000D_\nb_x005F_x0041_"), 100); got != "a\nb_x0041_" || bad != "" {
		t.Errorf("escapes: got %q %q", got, bad)
	}
}
