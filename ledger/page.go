package ledger

import (
	"encoding/base64"
	"encoding/json"
)

// The most rows of a page, and how many it has when nobody says.
const (
	PageMax     = 200
	pageDefault = 50
)

// Page asks for a part of a list: at most Limit rows, those that follow the place that After names. After is what
// the page before gave as its next; empty asks for the first page. A place is a row and not a count of rows, so
// that nothing is shown twice or left out when the list grows in between.
type Page struct {
	After string
	Limit int // 0: 50; more than 200 are 200
}

// Size is how many rows the page has at most.
func (p Page) Size() int {
	if p.Limit <= 0 {
		return pageDefault
	}
	return min(p.Limit, PageMax)
}

// place is what a cursor holds: the sort it belongs to, the row's value of that sort, and its number.
type place struct {
	Sort  string `json:"s"`
	Value string `json:"v,omitempty"`
	ID    int64  `json:"i"`
}

// Cursor names a row as the place after which the next page begins. Nobody but Place reads it.
func Cursor(sort, value string, id int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(CanonicalJSON(place{sort, value, id})))
}

// Place is the row that After names, in a list of this sort; ok is false for the first page. invalid
// page.unreadable for what is no cursor, or one of another sort.
func (p Page) Place(sort string) (value string, id int64, ok bool, err error) {
	if p.After == "" {
		return "", 0, false, nil
	}
	var at place
	text, err := base64.RawURLEncoding.DecodeString(p.After)
	if err == nil {
		err = json.Unmarshal(text, &at)
	}
	if err != nil || at.Sort != sort || Clean(at.Value) != nil {
		return "", 0, false, E(Invalid, "page.unreadable").On("after").Because(err)
	}
	return at.Value, at.ID, true, nil
}

// NextPage cuts rows that were asked for with one more than the page has, and gives the place of the next page;
// empty when this one is the last.
func NextPage[R any](p Page, rows []R, cursor func(R) string) ([]R, string) {
	if len(rows) <= p.Size() {
		return rows, ""
	}
	rows = rows[:p.Size()]
	return rows, cursor(rows[len(rows)-1])
}
