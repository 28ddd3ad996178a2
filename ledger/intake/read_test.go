package intake_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

func schema() sheet.Schema {
	return sheet.Schema{Columns: []sheet.Column{
		{Key: "no", Label: true, Names: []string{"编号"}},
		{Key: "amount", Type: sheet.Amount, Names: []string{"金额"}},
		{Key: "count", Type: sheet.Count, Names: []string{"人数"}},
	}}
}

// domain is the smallest domain there can be: a row is bad when its amount is no number.
type domain struct{ tally *intake.Tally }

func (d *domain) Row(row sheet.Row) (map[string]decimal.Decimal, bool, []sheet.CellError) {
	d.tally.Row()
	var faults []sheet.CellError
	for _, key := range []string{"amount", "count"} {
		value, err := row.Cell(key).Number()
		if err != nil {
			faults = append(faults, row.Fault(key, err))
			continue
		}
		d.tally.Add(key, row.Cell(key), value)
	}
	return d.tally.Values, true, faults
}

func source(tb testing.TB, name string, body []byte) intake.Source {
	tb.Helper()
	file, err := sheet.Open(name, bytes.NewReader(body), int64(len(body)), sheet.Limits{})
	if err != nil {
		tb.Fatal(err)
	}
	return intake.Source{Name: name, File: file}
}

func read(tb testing.TB, s intake.Source, o intake.Options) (*intake.Reading, error) {
	tb.Helper()
	return intake.Read(s, schema(), o, func(*sheet.Table, *intake.Table) (intake.Reader, error) {
		return &domain{intake.NewTally()}, nil
	})
}

func places(f sheet.Faults) (list []string) {
	for _, e := range f.List {
		list = append(list, e.Column+" "+e.Err.Reason)
	}
	return list
}

func TestRead_Faults(t *testing.T) {
	t.Parallel()
	reading, err := read(t, source(t, "表.csv", []byte("编号,金额,人数\n1,x,y\n2,3,4\n3,5,z\n")), intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"B sheet.not_a_number", "C sheet.not_a_number", "C sheet.not_a_number"}
	if got := places(reading.Faults); !slices.Equal(got, want) || len(reading.BadRows) != 2 || reading.Rows != 3 {
		t.Errorf("%v in %d of %d rows; want %v in 2 of 3", got, len(reading.BadRows), reading.Rows, want)
	}
	if _, err := read(t, source(t, "空.csv", []byte("编号,金额,人数\n")), intake.Options{}); !errors.Is(err, ledger.E(ledger.Invalid, "sheet.no_rows")) {
		t.Errorf("a file of no rows: %v, want sheet.no_rows", err)
	}
}

func TestRead_Totals(t *testing.T) {
	t.Parallel()
	for total, want := range map[string]int{"合计,8.5,6": 0, "合计,9,7": 1, "合计,10,7": 2} {
		reading, err := read(t, source(t, "表.csv", []byte("编号,金额,人数\n1,3.5,2\n2,5,4\n"+total+"\n")), intake.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if reading.Faults.Len() != want || reading.Rows != 2 || len(reading.BadRows) != 0 {
			t.Errorf("%s: %v, %d rows, %d bad; want %d faults, 2 rows, none bad", total, places(reading.Faults), reading.Rows, len(reading.BadRows), want)
		}
	}
}

// A cell merged over three rows counts once in a total, also where it stands beside others of the same value.
func TestTally_Merged(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range [][]any{{"编号", "金额", "人数"}, {1, 7, 1}, {2, nil, 1}, {3, nil, 1}, {4, 7, 1}, {5, 7, 1}, {6, nil, 1}, {"合计", 21, 6}} {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(f.MergeCell("Sheet1", "B2", "B4"), f.MergeCell("Sheet1", "B6", "B7")); err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	if err := f.Write(&body); err != nil {
		t.Fatal(err)
	}
	reading, err := read(t, source(t, "表.xlsx", body.Bytes()), intake.Options{})
	if err != nil || reading.Faults.Len() > 0 || reading.Rows != 6 {
		t.Errorf("%v, %v, %d rows; want a total that fits and 6 rows", err, places(reading.Faults), reading.Rows)
	}
}

func TestReading_Reject(t *testing.T) {
	t.Parallel()
	body := []byte("编号,金额,人数\n1,x,1\n1,2,1\n2,3,1\n2,4,1\n3,5,1\n")
	for goodRows, want := range map[bool][]string{
		false: {"B sheet.not_a_number", "A lot.recorded_otherwise"},
		true:  {"B sheet.not_a_number", "A import.rejected_with_others", "A lot.recorded_otherwise", "A import.rejected_with_others"},
	} {
		s := source(t, "表.csv", body)
		reading, err := read(t, s, intake.Options{GoodRows: goodRows})
		if err != nil {
			t.Fatal(err)
		}
		var rows []sheet.Row
		tables, err := s.File.Tables(schema(), sheet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range tables[0].Rows() {
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
		reading.Reject("no", rows[:2])
		reading.Reject("no", rows[2:4], rows[2].Fault("no", ledger.E(ledger.Conflict, "lot.recorded_otherwise")))
		reading.Reject("no", rows[:4]) // all of them known already
		if got := places(reading.Faults); !slices.Equal(got, want) || len(reading.BadRows) != 4 {
			t.Errorf("good rows %t: %v, %d rows; want %v, 4", goodRows, got, len(reading.BadRows), want)
		}
	}
}

func TestNumberKey(t *testing.T) {
	t.Parallel()
	want := "示例(2021)1号"
	for _, no := range []string{"示例〔2021〕1号", "示例[２０２１] １号", "示例（2021）1号", "示例【2021】1 号", "示例﹝2021﹞1号", "示例《2021》１号"} {
		if got := intake.NumberKey(no); got != want {
			t.Errorf("%s: %s, want %s", no, got, want)
		}
	}
	if intake.NumberKey("示例〔2021〕1号") == intake.NumberKey("示例〔2021〕11号") || strings.TrimSpace(intake.NumberKey(" 　")) != "" {
		t.Error("different numbers have one key, or a blank number has one")
	}
}
