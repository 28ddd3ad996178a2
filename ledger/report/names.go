package report

import (
	"mingzhang/landcheck"
	"mingzhang/ledger"
)

// Name is the owner in words.
func (l Land) Name() ledger.Text { return landcheck.Owner(l.Owner).Name() }

// Name is the category in words; a parcel may have none.
func (c LandCategory) Name() ledger.Text { return categoryName(c.Category) }
