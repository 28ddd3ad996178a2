package auction

import (
	"mingzhang/ledger"
	"mingzhang/ledger/sheet"
)

// has tells which columns a table has: what it lacks says nothing, and leaves the book's value as it is.
func has(t *sheet.Table) map[string]bool {
	columns := map[string]bool{"other_columns": len(t.Unknown) > 0}
	for _, b := range t.Columns {
		columns[b.Key] = true
	}
	return columns
}

// over lays what a file says of a listing over what the book has of it.
func (s *LotState) over(old *LotState, has map[string]bool) {
	for _, f := range []struct {
		column   string
		to, from *string
	}{
		{"project_no", &s.ProjectNo, &old.ProjectNo}, {"asset_name", &s.AssetName, &old.AssetName},
		{"collective", &s.Collective, &old.Collective}, {"village", &s.Village, &old.Village}, {"kind", &s.Kind, &old.Kind}, {"kind", &s.KindText, &old.KindText},
		{"trade_kind", &s.TradeKind, &old.TradeKind}, {"trade_kind", &s.TradeKindText, &old.TradeKindText},
		{"trade_kind", &s.Direction, &old.Direction}, {"method", &s.Method, &old.Method}, {"method", &s.MethodText, &old.MethodText},
		{"rent_free", &s.RentFree, &old.RentFree}, {"escalation", &s.Escalation, &old.Escalation}, {"winner", &s.Winner, &old.Winner},
	} {
		if !has[f.column] {
			*f.to = *f.from
		}
	}
	if !has["outcome"] && old.Outcome.Sold() && s.HammerTotal != nil {
		s.Outcome = old.Outcome
	}
	if !has["hammered_on"] {
		s.HammeredOn = old.HammeredOn
	}
	if !has["registrants"] {
		s.Registrants = old.Registrants
	}
	if !has["bidders"] {
		s.Bidders = old.Bidders
	}
	if !has["deposit"] {
		s.Deposit = old.Deposit
	}
	if !has["remark"] {
		s.Remark = old.Remark
	}
	if !has["other_columns"] {
		s.OtherColumns = old.OtherColumns
	}
	s.overTerms(old, has)
}

// overTerms keeps term, lines and claims that the file does not speak of, as long as the totals stay.
func (s *LotState) overTerms(old *LotState, has map[string]bool) {
	if !has["term"] && !has["lease_from"] && !has["lease_to"] {
		s.Term, s.TermMonths, s.TermDays, s.LeaseFrom, s.LeaseTo = old.Term, old.TermMonths, old.TermDays, old.LeaseFrom, old.LeaseTo
	}
	if !sameMoney(s.BaseTotal, old.BaseTotal) || !sameMoney(s.HammerTotal, old.HammerTotal) {
		return
	}
	if !has["base_price"] && !has["hammer_price"] && !has["quantity"] && !has["price_unit"] {
		s.Lines, s.Convention, s.Written = old.Lines, old.Convention, old.Written
		s.BaseFirstYear, s.HammerFirstYear = old.BaseFirstYear, old.HammerFirstYear
	}
	if !has["contract_total"] && !has["premium"] && !has["premium_rate"] {
		s.Claims = old.Claims
	}
}

func sameMoney(a, b *ledger.Money) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}
