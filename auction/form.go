package auction

import (
	"slices"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

// linesMax bounds the lines of one lot, as the tag of LotInput.Lines does.
const linesMax = 200

// Preview is what would be recorded of an input, with every fault at once: *ledger.InputError. The state is there with an
// error too, as far as it can be told, so that a form can show its figures while it is filled in.
func Preview(in LotInput, today ledger.Day) (*LotState, error) {
	p, err := in.read(today)
	return &p.state, err
}

// read reads an input as a register of one lot, by the code that reads files.
func (in *LotInput) read(today ledger.Day) (*planned, error) {
	in.Lines = withoutBlank(in.Lines)
	common := newCommon()
	f := &form{in: in}
	f.texts(common.check)
	if len(in.Lines) > linesMax {
		return new(planned), f.err()
	}
	var records []*record
	table, rows := sheet.Form(Schema(), in.rows())
	r, err := newReader(table, new(intake.Table), intake.Options{Today: today}, &records)
	if err != nil {
		return new(planned), err
	}
	for i, row := range rows {
		_, _, faults := r.Row(row)
		for _, fault := range slices.Concat(row.Faults, faults) {
			f.bad(in.field(i, fault.Err), fault.Err)
		}
	}
	first := records[0]
	p := &planned{state: first.state, winner: first.winner, rows: records, nth: 1, has: r.has}
	if name := ledger.Normal(in.AssetName); name != "" {
		p.state.AssetName = name
	}
	f.totalsInLines(records)
	for _, fault := range p.finish(common) {
		if !f.follows(fault.Err) {
			f.bad(in.field(fault.Row-1, fault.Err), fault.Err)
		}
	}
	return p, f.err()
}

// withoutBlank drops the lines at the end that say nothing: a form has some to spare.
func withoutBlank(lines []LineInput) []LineInput {
	for len(lines) > 0 {
		last := lines[len(lines)-1]
		for _, text := range texts(last) {
			if strings.TrimSpace(text) != "" {
				return lines
			}
		}
		lines = lines[:len(lines)-1]
	}
	return lines
}

// rows are the input as rows of a register: a row a line, each with what is said of the whole lot. Totals and
// claims stand in the first row only, as in a file where they are merged over the lines.
func (in *LotInput) rows() []map[string]string {
	lot := texts(*in)
	if strings.TrimSpace(in.Outcome) == "" && in.hammer() {
		lot["outcome"] = string(Hammered)
	}
	if len(in.Lines) == 0 {
		return []map[string]string{lot}
	}
	rows := make([]map[string]string, len(in.Lines))
	for i, line := range in.Lines {
		row := make(map[string]string, len(lot))
		for key, text := range lot {
			if i == 0 || !slices.Contains(stated(), key) {
				row[key] = text
			}
		}
		for key, text := range texts(line) {
			if key != "asset_name" || strings.TrimSpace(text) != "" {
				row[key] = text
			}
		}
		rows[i] = row
	}
	return rows
}

// stated are the figures that are stated of the whole lot.
func stated() []string {
	return []string{"base_total", "hammer_total", "contract_total", "premium", "premium_rate"}
}

// hammer tells whether a hammer is filled in anywhere: then the outcome need not be said.
func (in *LotInput) hammer() bool {
	return strings.TrimSpace(in.HammerTotal) != "" ||
		slices.ContainsFunc(in.Lines, func(l LineInput) bool { return strings.TrimSpace(l.HammerPrice) != "" })
}

// field is the key of the input that a fault of a row stands beside.
func (in *LotInput) field(row int, fault *ledger.Error) string {
	key := fault.Field
	if len(in.Lines) == 0 {
		return strings.Replace(key, "_price", "_total", 1)
	}
	priced := slices.ContainsFunc(in.Lines, func(l LineInput) bool { return strings.TrimSpace(l.BasePrice+l.HammerPrice) != "" })
	switch key {
	case "base_price", "hammer_price":
		if fault.Reason == "price.unit_missing" || fault.Reason == "price.span_unsaid_row" {
			key = "price_unit"
		}
		return lineField(row, key)
	case "quantity", "price_unit", "hammer_unit":
		return lineField(row, key)
	case "asset_name":
		if strings.TrimSpace(in.Lines[row].AssetName) != "" {
			return lineField(row, key)
		}
	case "base_total", "hammer_total":
		if missing(fault) && priced {
			return lineField(0, strings.Replace(key, "_total", "_price", 1))
		}
	}
	return key
}

// missing tells whether a fault says that a figure is not there.
func missing(fault *ledger.Error) bool {
	switch fault.Reason {
	case "lot.hammer_missing", "lot.base_missing", "lot.line_without_price", "price.no_lines":
		return true
	}
	return false
}

// follows tells whether a fault only follows from one that is known: a price that cannot be read is missing, too.
func (f *form) follows(fault *ledger.Error) bool {
	reckoned := strings.HasPrefix(fault.Reason, "price.") || strings.HasPrefix(fault.Reason, "term.")
	return (missing(fault) || reckoned) && slices.ContainsFunc(f.faults, func(known *ledger.Error) bool {
		key := known.Field[strings.LastIndex(known.Field, ".")+1:]
		switch key {
		case "base_price", "hammer_price", "base_total", "hammer_total", "price_unit", "hammer_unit", "quantity", "term", "lease_from", "lease_to":
			return true
		}
		return false
	})
}

// totalsInLines refuses one of several lines that is priced at a total: only prices per unit add up to the lot's.
func (f *form) totalsInLines(records []*record) {
	if len(records) < 2 {
		return
	}
	for i, rec := range records {
		for key, a := range map[string]*amount{"base_price": rec.base, "hammer_price": rec.hammer} {
			if a != nil && a.isTotal && a.cell.Ref() == rec.row.Cell(key).Ref() {
				f.bad(lineField(i, "price_unit"), ledger.E(ledger.Invalid, "lot.line_total"))
			}
		}
	}
}
