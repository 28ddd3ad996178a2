package landcheck

import (
	"fmt"
	"slices"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/intake"
	"mingzhang/ledger/sheet"
)

func parcelDifferences(old *Parcel, state *ParcelState) []ledger.Difference {
	row := state.row()
	row.Import = old.Import
	var list []ledger.Difference
	for _, diff := range ledger.Diff(old, row) {
		if !slices.Contains([]string{"content_sha256", "holder_key", "village_key", "grams"}, diff.Column) {
			list = append(list, diff)
		}
	}
	return sealedDifferences(list,
		ledger.Difference{Column: "remark", Old: old.Remark, New: row.Remark},
		ledger.Difference{Column: "other_columns", Old: old.OtherColumns, New: row.OtherColumns})
}

// sealedDifferences adds those of the sealed texts that differ.
func sealedDifferences(list []ledger.Difference, texts ...ledger.Difference) []ledger.Difference {
	for _, t := range texts {
		if t.Old != t.New {
			list = append(list, t)
		}
	}
	return list
}

func verificationDifferences(old *Verification, state *VerificationState) []ledger.Difference {
	row := state.row()
	row.Import = old.Import
	return sealedDifferences(ledger.Diff(old, row),
		ledger.Difference{Column: "conclusion_text", Old: old.ConclusionText, New: row.ConclusionText},
		ledger.Difference{Column: "use_state_text", Old: old.UseStateText, New: row.UseStateText},
		ledger.Difference{Column: "remark", Old: old.Remark, New: row.Remark},
		ledger.Difference{Column: "other_columns", Old: old.OtherColumns, New: row.OtherColumns})
}

func changesOf(row sheet.Row, no string, list []ledger.Difference) []intake.Change {
	changes := make([]intake.Change, len(list))
	for i, diff := range list {
		changes[i] = intake.Change{Sheet: row.Sheet, Row: row.Number, No: no, Field: diff.Column, Old: diff.Old, New: diff.New}
	}
	return changes
}

// shown is a list of differences for a message. Free texts are left out: errors are logged, and they are
// sealed.
func shown(list []ledger.Difference) string {
	var parts []string
	for _, diff := range list {
		switch diff.Column {
		case "remark", "other_columns", "conclusion_text", "use_state_text":
			parts = append(parts, diff.Column)
			continue
		}
		parts = append(parts, fmt.Sprintf("%s %s→%s", diff.Column, orDash(diff.Old), orDash(diff.New)))
	}
	return strings.Join(parts, "; ")
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}
