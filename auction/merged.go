package auction

import (
	"strconv"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// sharedTotals refuses lots that have their total from one merged cell: each would count the whole of it. Two
// listings of a number may share a base, and the lines of a lot share its total.
func sharedTotals(records []*record) []sheet.CellError {
	type place struct {
		sheet string
		row   int
	}
	var at map[place]*record // made when the first merged total is met
	var faults []sheet.CellError
	for _, rec := range records {
		for _, a := range []*amount{rec.base, rec.hammer} {
			if a == nil || !a.isTotal || a.cell.Origin() == "" {
				continue
			}
			if at == nil {
				at = make(map[place]*record, len(records))
				for _, r := range records {
					at[place{r.row.Sheet, r.row.Number}] = r
				}
			}
			row, err := strconv.Atoi(strings.TrimLeft(a.cell.Origin(), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
			first := at[place{rec.row.Sheet, row}]
			key := intake.NumberKey(rec.state.LotNo)
			if err != nil || first == nil || key != "" && key == intake.NumberKey(first.state.LotNo) {
				continue
			}
			faults = append(faults, rec.row.Fault("lot_no", ledger.E(ledger.Invalid, "lot.lines_differ", rec.state.LotNo, row)))
			rec.bad, first.bad = true, true
			break
		}
	}
	return faults
}
