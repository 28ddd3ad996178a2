package sheet

import (
	"bytes"
	"errors"
	"testing"

	"github.com/shopspring/decimal"

	"mingzhang/ledger"
)

// readEverything reads a file in every way a caller does; the only way to fail is a *ledger.Error.
func readEverything(t *testing.T, name string, content []byte) {
	t.Helper()
	f, err := Open(name, bytes.NewReader(content), int64(len(content)), Limits{Rows: 500})
	if err != nil {
		wantOurs(t, err)
		return
	}
	tables, err := f.Tables(testSchema(), Options{Hidden: HiddenInclude})
	if err != nil {
		wantOurs(t, err)
		return
	}
	for _, table := range tables {
		tally := NewTally()
		var faults Faults
		rows := 0
		for r, err := range table.Rows() {
			if err != nil {
				wantOurs(t, err)
				break
			}
			rows++
			faults.Add(r.Faults...)
			values := map[string]decimal.Decimal{}
			for _, b := range table.Columns {
				c := r.Cell(b.Key)
				_, _ = c.Day()
				_, _ = c.Count()
				_, _ = c.Key()
				_, _, _ = c.Shown(), c.Decimals(), c.PlainSerial()
				if d, err := c.Number(); err == nil {
					values[b.Key] = d
				} else {
					faults.Add(r.Fault(b.Key, err))
				}
			}
			if r.Total == NoTotal {
				tally.Add(values, true)
				continue
			}
			tally.Compare(r)
		}
		tally.Finish()
		var out bytes.Buffer
		if err := table.WriteRejects(&out, "csv", faults.List, func(e CellError) string { return e.Error() }); err != nil {
			wantOurs(t, err)
		}
	}
}

func wantOurs(t *testing.T, err error) {
	t.Helper()
	if e, ok := errors.AsType[*ledger.Error](err); !ok || e.Code == ledger.Internal {
		t.Fatalf("got %v, want an error that a user can read", err)
	}
}

func FuzzWorksheet(f *testing.F) {
	f.Add(sheetXML([][]any{{"单位:万元"}, {"交易编号", "底价", "成交日期"}, {"A", "n:861.64999999999998", "n:44260:2"}, {"合计", 5}}, merges("A1:C1", "A3:A4")))
	f.Add(excelStyle().sheets[0].xml)
	f.Add(`<cols><col min="1" max="3" hidden="1"/></cols><sheetData><row hidden="1"><c t="s"><v>1</v></c><c t="e"><v>#REF!</v></c></row></sheetData>`)
	f.Fuzz(func(t *testing.T, xml string) {
		b := excelStyle()
		b.sheets[0].xml = xml
		readEverything(t, "a.xlsx", b.bytes(t))
	})
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(csvText))
	f.Add(gb(f, csvText))
	f.Add(utf16le("交易编号\t底价\nA\t1\n"))
	f.Add([]byte("sep=;\n底价;成交价\n1;2\n合计;2"))
	f.Add(compound("Workbook"))
	f.Fuzz(func(t *testing.T, content []byte) { readEverything(t, "a", content) })
}
