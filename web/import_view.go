package web

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
	"mingzhang/web/locale"
)

// resultView is a reading of a file as pages show it.
type resultView struct {
	Tiles   []Tile
	Tables  []tableView
	Skipped []string
	Changes Table
	Notes   Table
	Faults  Table
	XLSX    string // the rows to be corrected, as a file; "" when there is none
	CSV     string
}

// tableView is what one sheet was taken for.
type tableView struct {
	Title   string
	About   []string
	Columns Table
	Totals  []string
	Ignored []string
}

// shownRows is how many lines of a list of findings a page has; the others are counted.
const shownRows = 200

func newResultView(r *request, result *intake.Result) *resultView {
	v := &resultView{}
	tile := func(zh, en string, n int, waits bool) {
		if n > 0 || !waits {
			v.Tiles = append(v.Tiles, Tile{Name: r.say(zh, en), Value: group(n), Waits: waits})
		}
	}
	tile("读取的行", "Rows read", result.Rows, false)
	if result.DryRun {
		tile("将新记入", "To be recorded", result.Recorded, false)
	} else {
		tile("已新记入", "Recorded", result.Recorded, false)
	}
	tile("账簿中已有", "In the book already", result.Already, false)
	if result.Amended > 0 {
		tile(map[bool]string{true: "将更正", false: "已更正"}[result.DryRun], map[bool]string{true: "To be amended", false: "Amended"}[result.DryRun], result.Amended, true)
	}
	tile("有错的行", "Rows with faults", result.Rejected, true)
	for _, t := range result.Tables {
		v.Tables = append(v.Tables, newTableView(r, result.File, t))
	}
	for _, sk := range result.Skipped {
		v.Skipped = append(v.Skipped, fmt.Sprintf(r.say("没有读工作表“%s”：%s。", "Sheet “%s” was not read: %s."), sk.Sheet, locale.Word(r.lang, locale.Skipped+sk.Why)))
	}
	v.Changes, v.Notes = changeTable(r, result), noteTable(r, result)
	if hasFaults(result) {
		v.Faults = faultTable(r, result.Faults)
	}
	return v
}

func newTableView(r *request, file string, t *intake.Table) tableView {
	v := tableView{Title: file}
	if t.Sheet != "" {
		v.Title = fmt.Sprintf(r.say("工作表“%s”", "Sheet “%s”"), t.Sheet)
	}
	var rows []string
	for _, n := range t.HeaderRows {
		rows = append(rows, strconv.Itoa(n))
	}
	v.About = append(v.About, fmt.Sprintf(r.say("表头第 %s 行，数据 %s 行", "header in row %s, %s rows of data"), strings.Join(rows, r.say("、", ", ")), group(t.Rows)))
	about := func(say string, args ...any) { v.About = append(v.About, fmt.Sprintf(say, args...)) }
	if len(t.Captions) > 0 {
		about(r.say("表上文字：%s", "above the table: %s"), strings.Join(t.Captions, " / "))
	}
	if t.Formulas > 0 {
		about(r.say("公式 %d 个，按其结果读取", "%d formulas, read by their results"), t.Formulas)
	}
	if t.HiddenRows > 0 {
		about(r.say("隐藏或筛掉的行 %d 个", "%d hidden or filtered rows"), t.HiddenRows)
	}
	if t.Encoding != "" {
		about(r.say("编码 %s", "encoding %s"), t.Encoding)
	}
	if len(t.Unknown) > 0 {
		about(r.say("不认识的列，原文留存：%s", "unknown columns, their text is kept: %s"), strings.Join(t.Unknown, r.say("、", ", ")))
	}
	v.Columns = columnTable(r, t)
	for _, f := range t.Totals {
		v.Totals = append(v.Totals, fmt.Sprintf(r.say("第 %d 行“%s”与%s相符（%d 行）", "row %d, %s, fits %s (%d rows)"), f.Row, f.Label, locale.Word(r.lang, locale.Fit+f.Basis), f.Rows))
	}
	for _, i := range t.Ignored {
		if len(v.Ignored) == shownRows {
			break
		}
		v.Ignored = append(v.Ignored, fmt.Sprintf(r.say("第 %d 行不是数据（%s）：%s", "row %d is not data (%s): %s"), i.Row, locale.Word(r.lang, locale.Ignored+i.Why), i.Text))
	}
	return v
}

// columnTable says what each column was taken for, so that a wrong unit is seen.
func columnTable(r *request, t *intake.Table) Table {
	out := Table{Caption: r.say("各列的含义", "What the columns were taken for"), Quiet: true, Columns: []Column{
		{Name: r.say("列", "Column")}, {Name: r.say("表头", "Header"), Lead: true}, {Name: r.say("识别为", "Taken for")}, {Name: r.say("单位", "Unit")},
		{Name: r.say("按什么算", "Covers")}, {Name: r.say("个数", "Values"), Numeric: true}, {Name: r.say("最小", "Least"), Numeric: true}, {Name: r.say("最大", "Greatest"), Numeric: true},
	}}
	for _, c := range t.Columns {
		values := none
		if c.Values > 0 {
			values = group(c.Values)
		}
		out.Rows = append(out.Rows, Row{Cells: []Cell{
			{Text: c.Letter}, {Text: c.Header}, {Text: columnName(r.lang, c.Key)}, {Text: orNone(c.Unit)}, {Text: orNone(c.What.In(r.lang))},
			{Text: values}, {Text: orNone(grouped(c.Min))}, {Text: orNone(grouped(c.Max))},
		}})
	}
	return out
}

var leadingDigits = regexp.MustCompile(`^-?[0-9]+`)

// grouped sets commas into the number that a text begins with: 2880000元 is 2,880,000元.
func grouped(text string) string {
	digits := leadingDigits.FindString(text)
	n, err := strconv.Atoi(digits)
	if err != nil || n == 0 {
		return text
	}
	return group(n) + text[len(digits):]
}

func changeTable(r *request, result *intake.Result) Table {
	t := Table{ID: "changes", Caption: r.say("与账簿不同之处", "What differs from the book"), Quiet: true, Columns: []Column{
		{Name: r.say("编号", "Number")}, {Name: r.say("行", "Row"), Numeric: true}, {Name: r.say("项目", "Field")}, {Name: r.say("账簿中", "In the book")}, {Name: r.say("文件中", "In the file")},
	}}
	for i, c := range result.Changes {
		if i == shownRows {
			break
		}
		old, now := auction.InWords(c.Field, c.Old).In(r.lang), auction.InWords(c.Field, c.New).In(r.lang)
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: orNone(c.No)}, {Text: rowOf(c.Sheet, c.Row, len(result.Tables))}, {Text: columnName(r.lang, c.Field)}, {Text: orNone(old)}, {Text: orNone(now)},
		}})
	}
	t.Foot = moreFoot(r, len(result.Changes)+result.MoreChanges-len(t.Rows))
	return t
}

func noteTable(r *request, result *intake.Result) Table {
	t := Table{ID: "notes", Caption: r.say("提示：照记，但请核对", "Notes: recorded all the same, but look"), Quiet: true, Columns: []Column{
		{Name: r.say("编号", "Number")}, {Name: r.say("行", "Row"), Numeric: true}, {Name: r.say("项目", "Field")}, {Name: r.say("提示", "Note")},
		{Name: r.say("原表", "Stated"), Numeric: true}, {Name: r.say("计算", "Computed"), Numeric: true},
	}}
	for i, n := range result.Notes {
		if i == shownRows {
			break
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: orNone(n.No)}, {Text: rowOf(n.Sheet, n.Row, len(result.Tables))}, {Text: columnName(r.lang, n.Field)},
			{Text: locale.Word(r.lang, locale.Note+n.Code)}, {Text: orNone(n.Stated)}, reckonedCell(r, n.Field, n.Reckons),
		}})
	}
	t.Foot = moreFoot(r, len(result.Notes)+result.MoreNotes-len(t.Rows))
	return t
}

// rowOf names a row of a file; its sheet only where there are several.
func rowOf(name string, row, tables int) string {
	if tables > 1 && name != "" {
		return name + " " + strconv.Itoa(row)
	}
	return strconv.Itoa(row)
}

func moreFoot(r *request, more int) []Row {
	if more <= 0 {
		return nil
	}
	return []Row{{Cells: []Cell{{Text: fmt.Sprintf(r.say("另有 %s 条", "and %s more"), group(more))}}}}
}

// faultTable lists the bad cells from top to bottom.
func faultTable(r *request, faults *sheet.Faults) Table {
	t := Table{ID: "bad", Caption: r.say("要改正的单元格", "Cells to be corrected"), Quiet: true, Columns: []Column{
		{Name: r.say("位置", "Where")}, {Name: r.say("表头", "Header")}, {Name: r.say("看到的", "Found")}, {Name: r.say("问题", "What is wrong"), Lead: true},
	}}
	list := slices.Clone(faults.List)
	slices.SortStableFunc(list, func(x, y sheet.CellError) int {
		return cmp.Or(cmp.Compare(x.Sheet, y.Sheet), cmp.Compare(x.Row, y.Row), cmp.Compare(len(x.Column), len(y.Column)), cmp.Compare(x.Column, y.Column))
	})
	for i, f := range list {
		if i == shownRows {
			break
		}
		found := Cell{Text: orNone(f.Found)}
		if f.Stored != "" && f.Stored != f.Found {
			found.Sub = r.say("存的是 ", "stored ") + f.Stored
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: placeOf(r, f)}, {Text: orNone(f.Header)}, found, {Text: locale.Sentence(r.lang, f.Err)}}})
	}
	t.Foot = moreFoot(r, faults.Len()-len(t.Rows))
	return t
}

// placeOf is a cell as a spreadsheet names it.
func placeOf(r *request, f sheet.CellError) string {
	f.Header = ""
	if place := f.Place(r.lang); place != "" {
		return place
	}
	return r.say("整个文件", "the whole file")
}

// rejects offers the rows to be corrected as a file.
func (v *resultView) rejects(f *Frame, upload string, o importOptions) {
	v.XLSX, v.CSV = f.At(upload+"/rejects.xlsx"+o.query()), f.At(upload+"/rejects.csv"+o.query())
}

// sentenceFor is the sentence for a bad cell, in the file of rows to be corrected.
func sentenceFor(lang ledger.Lang) func(sheet.CellError) string {
	return func(f sheet.CellError) string { return f.Text(lang, locale.Sentence) }
}
