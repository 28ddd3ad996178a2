package sheet_test

import (
	"errors"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/sheet"
)

func TestForm(t *testing.T) {
	t.Parallel()
	schema := sheet.Schema{Columns: []sheet.Column{
		{Key: "lot_no"}, {Key: "base_total", Type: sheet.Amount}, {Key: "hammered_on", Type: sheet.Date}, {Key: "remark"},
	}}
	table, rows := sheet.Form(schema, []map[string]string{
		{"lot_no": " 2021_x0041_1\r\n ", "base_total": "１,２３４.50", "hammered_on": "2021年3月5日", "remark": " — "},
		{"lot_no": "a\x00b", "hammered_on": "44260"},
	})
	if len(rows) != 2 || rows[0].Number != 1 || rows[1].Number != 2 {
		t.Fatalf("rows %+v, want two, from 1", rows)
	}
	if b, ok := table.Column("base_total"); !ok || b.Header != "base_total" || b.Letter != "B" {
		t.Errorf("column base_total is %+v, %v", b, ok)
	}
	if got := rows[0].Cell("lot_no").Text; got != "2021_x0041_1" {
		t.Errorf("a number is %q; what somebody typed has no escapes of Excel", got)
	}
	if d, err := rows[0].Cell("base_total").Number(); err != nil || d.String() != "1234.5" {
		t.Errorf("an amount is %v, %v", d, err)
	}
	if d, err := rows[0].Cell("hammered_on").Day(); err != nil || d.String() != "2021-03-05" {
		t.Errorf("a day is %v, %v", d, err)
	}
	if !rows[0].Cell("remark").Blank() || !rows[1].Cell("base_total").Blank() || rows[1].Cell("base_total").Ref() != "B2" {
		t.Error("a sign for nothing and what is left out are blank cells with a place")
	}
	if _, err := rows[1].Cell("hammered_on").Day(); err == nil {
		t.Error("44260 was taken for a day: nobody types the number of one")
	}
	if len(rows[1].Faults) != 1 || !errors.Is(rows[1].Faults[0], ledger.E(ledger.Invalid, "sheet.nul")) || rows[1].Faults[0].Err.Field != "lot_no" {
		t.Errorf("faults %+v, want the NUL", rows[1].Faults)
	}
}
