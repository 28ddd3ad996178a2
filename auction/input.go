package auction

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"mingzhang/ledger"
)

// LotInput is a listing as somebody types it: the columns of a register, amounts and dates as people write them
// (3.5万元, 1,234.50, 约…, 2021年3月5日). A form, a request and a row of a file are read by the same code. The tags
// are the one source of how long a text may be.
type LotInput struct {
	LotNo         string      `json:"lot_no,omitempty" validate:"max=200"` // blank: the book gives one
	ProjectNo     string      `json:"project_no,omitempty" validate:"max=200"`
	AssetName     string      `json:"asset_name,omitempty" validate:"max=500"`
	Collective    string      `json:"collective,omitempty" validate:"max=200"`
	Village       string      `json:"village,omitempty" validate:"max=200"`
	Kind          string      `json:"kind,omitempty" validate:"max=200"`       // a code of kind.All, or the paper's own word
	TradeKind     string      `json:"trade_kind,omitempty" validate:"max=200"` // of TradeKinds, or the paper's own word
	Method        string      `json:"method,omitempty" validate:"max=200"`     // of Methods, or the paper's own word
	Term          string      `json:"term,omitempty" validate:"max=200"`
	LeaseFrom     string      `json:"lease_from,omitempty" validate:"max=40"`
	LeaseTo       string      `json:"lease_to,omitempty" validate:"max=40"`
	RentFree      string      `json:"rent_free,omitempty" validate:"max=500"`
	Escalation    string      `json:"escalation,omitempty" validate:"max=500"`
	Lines         []LineInput `json:"lines,omitempty" validate:"max=200,dive"` // what is priced per unit
	BaseTotal     string      `json:"base_total,omitempty" validate:"max=60"`  // without lines; beside prices a claim
	HammerTotal   string      `json:"hammer_total,omitempty" validate:"max=60"`
	ContractTotal string      `json:"contract_total,omitempty" validate:"max=60"` // a claim
	Premium       string      `json:"premium,omitempty" validate:"max=60"`        // a claim
	PremiumRate   string      `json:"premium_rate,omitempty" validate:"max=60"`   // a claim
	Outcome       string      `json:"outcome,omitempty" validate:"max=40"`        // of Outcomes; blank with a hammer: hammered
	HammeredOn    string      `json:"hammered_on,omitempty" validate:"max=40"`
	Winner        string      `json:"winner,omitempty" validate:"max=200"`
	Registrants   string      `json:"registrants,omitempty" validate:"max=20"`
	Bidders       string      `json:"bidders,omitempty" validate:"max=20"`
	Deposit       string      `json:"deposit,omitempty" validate:"max=60"`
	Remark        string      `json:"remark,omitempty" validate:"max=4000"`
}

// LineInput is one priced part of a lot as somebody types it.
type LineInput struct {
	AssetName   string `json:"asset_name,omitempty" validate:"max=500"` // blank: that of the lot
	Quantity    string `json:"quantity,omitempty" validate:"max=60"`    // 2,000㎡, 3间; a bare number is in what the price is for, else in mu
	PriceUnit   string `json:"price_unit,omitempty" validate:"max=60"`  // of PriceUnits, or 元/亩·年 …
	BasePrice   string `json:"base_price,omitempty" validate:"max=60"`
	HammerPrice string `json:"hammer_price,omitempty" validate:"max=60"`
	HammerUnit  string `json:"hammer_unit,omitempty" validate:"max=60"` // where it differs from that of the base
}

// texts are the texts of an input by their keys: fields of type string with a json tag.
func texts(input any) map[string]string {
	v := reflect.ValueOf(input)
	all := make(map[string]string, v.NumField())
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.String {
			all[keyOf(v.Type().Field(i))] = f.String()
		}
	}
	return all
}

func keyOf(f reflect.StructField) string {
	key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return key
}

// fields are the keys of an input in the order of the form.
func (in *LotInput) fields() []string {
	var list []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[LotInput]()) {
		if f.Type.Kind() == reflect.String {
			list = append(list, keyOf(f))
			continue
		}
		list = append(list, keyOf(f))
		for i := range in.Lines {
			for _, l := range reflect.VisibleFields(reflect.TypeFor[LineInput]()) {
				list = append(list, lineField(i, keyOf(l)))
			}
		}
	}
	return list
}

func lineField(line int, key string) string { return "lines." + strconv.Itoa(line) + "." + key }

// form gathers what is wrong with an input: the first fault of each field.
type form struct {
	in     *LotInput
	faults []*ledger.Error
}

func (f *form) bad(field string, err error) {
	if f.has(field) {
		return
	}
	e, ok := errors.AsType[*ledger.Error](err)
	if !ok {
		e = ledger.E(ledger.Invalid, "sheet.unreadable").Because(err)
	}
	f.faults = append(f.faults, e.On(field))
}

func (f *form) has(field string) bool {
	return slices.ContainsFunc(f.faults, func(e *ledger.Error) bool { return e.Field == field })
}

// texts refuses texts that are too long or hold what no text of the book may hold.
func (f *form) texts(check *validator.Validate) {
	wrong, _ := errors.AsType[validator.ValidationErrors](check.Struct(f.in))
	for _, w := range wrong {
		n := len(f.in.Lines)
		if text, ok := w.Value().(string); ok {
			n = utf8.RuneCountInString(text)
		}
		_, field, _ := strings.Cut(w.Namespace(), ".")
		f.bad(strings.NewReplacer("[", ".", "]", "").Replace(field), ledger.E(ledger.Invalid, "text.too_long", n, w.Param()))
	}
	f.clean("", *f.in)
	for i, line := range f.in.Lines {
		f.clean(lineField(i, ""), line)
	}
}

func (f *form) clean(prefix string, input any) {
	for key, text := range texts(input) {
		if err := ledger.Clean(ledger.Normal(text)); err != nil {
			f.bad(prefix+key, err)
		}
	}
}

// err is nil when nothing is wrong; the faults are in the order of the form.
func (f *form) err() error {
	if len(f.faults) == 0 {
		return nil
	}
	order := map[string]int{}
	for i, key := range f.in.fields() {
		order[key] = i
	}
	slices.SortStableFunc(f.faults, func(a, b *ledger.Error) int { return cmp.Compare(order[a.Field], order[b.Field]) })
	return &ledger.InputError{Faults: f.faults}
}
