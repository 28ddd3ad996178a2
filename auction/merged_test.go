package auction_test

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"mingzhang/auction"
	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// merged is a workbook with these rows and merged cells, given by their corners.
func merged(t *testing.T, cells [][]any, merges ...string) intake.Source {
	t.Helper()
	x := excelize.NewFile()
	for i, row := range cells {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := x.SetSheetRow("Sheet1", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < len(merges); i += 2 {
		if err := x.MergeCell("Sheet1", merges[i], merges[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	body, err := x.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	file, err := sheet.Open("台账.xlsx", bytes.NewReader(body.Bytes()), int64(body.Len()), sheet.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return intake.Source{Name: "台账.xlsx", SHA256: "00", File: file}
}

// A total merged over two lots is the total of both: recorded for each it would count twice.
func TestImport_TotalMergedOverLots(t *testing.T) {
	t.Parallel()
	header := []any{"交易编号", "资产名称", "底价(元)", "成交价(元)", "结果", "成交日期"}
	for _, tt := range []struct {
		name   string
		rows   [][]any
		merges []string
		reason string
	}{
		{"two lots", [][]any{header, {"1", "铺1", 100, 110, "成交", "2021-05-01"}, {"2", "铺2", nil, nil, "成交", "2021-05-01"}}, []string{"C2", "C3", "D2", "D3"}, "lot.lines_differ"},
		{"only the base", [][]any{header, {"1", "铺1", 100, 110, "成交", "2021-05-01"}, {"2", "铺2", nil, 120, "成交", "2021-05-01"}}, []string{"C2", "C3"}, "lot.lines_differ"},
		{"lots without numbers", [][]any{header, {nil, "铺1", 100, 110, "成交", "2021-05-01"}, {nil, "铺2", nil, nil, "成交", "2021-05-01"}}, []string{"C2", "C3", "D2", "D3"}, "lot.lines_differ"},
		{"two listings with one base", [][]any{header, {"1", "铺1", 100, nil, "流拍", "2021-05-01"}, {"1", "铺1", nil, 110, "成交", "2021-06-01"}}, []string{"C2", "C3"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			_, err := auction.Import(t.Context(), ledger.WholeBook(b.book), b.actor, merged(t, tt.rows, tt.merges...), intake.Options{Today: today(t)})
			if tt.reason == "" {
				if err != nil || len(b.lots(t)) != 2 {
					t.Errorf("got %v and %d listings, want 2", err, len(b.lots(t)))
				}
				return
			}
			if found, ok := reasonIn(err, tt.reason); !ok {
				t.Errorf("got %v (%v), want %s", err, found, tt.reason)
			}
			b.clean(t, 1)
		})
	}
}
