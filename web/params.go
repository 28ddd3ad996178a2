package web

import (
	"encoding"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"

	"mingzhang/ledger"
)

// plan is what a request type takes from where.
type plan struct {
	in     reflect.Type
	params []param
	body   []int // index of the field Body; nil: no JSON is read
	form   bool  // the body is a form of parts with a file
}

// param is a field that is filled from the address.
type param struct {
	name  string
	place string // path, query or form
	field reflect.StructField
}

// newPlan reads the tags of a request type. A type that cannot be filled is a mistake of ours.
func newPlan(in reflect.Type) plan {
	p := plan{in: in}
	for _, f := range reflect.VisibleFields(in) {
		switch {
		case f.Anonymous:
		case f.Tag.Get("path") != "":
			p.params = append(p.params, param{f.Tag.Get("path"), "path", f})
		case f.Tag.Get("query") != "":
			p.params = append(p.params, param{f.Tag.Get("query"), "query", f})
		case f.Tag.Get("form") != "":
			p.params, p.form = append(p.params, param{f.Tag.Get("form"), "form", f}), true
		case f.Name == "Body":
			p.body = f.Index
			bindable(f.Type, map[reflect.Type]bool{})
		default:
			panic(fmt.Sprintf("web: %s.%s: a field of a request has a tag path, query or form, or is called Body", in, f.Name))
		}
	}
	return p
}

// fill puts the address and the body into in, gathering every fault.
func (p plan) fill(r *request, in reflect.Value, body []byte) error {
	b := &binder{}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return ledger.E(ledger.Invalid, "body.unreadable").Because(err)
	}
	for _, q := range p.params {
		if q.place == "path" {
			b.param(q, r.PathValue(q.name), in)
		}
	}
	b.named(p, "query", query, in, "lang")
	if p.form {
		b.named(p, "form", r.MultipartForm.Value, in)
	}
	if p.body != nil {
		v, err := readJSON(body)
		if err != nil {
			return err
		}
		b.bind("", v, in.FieldByIndex(p.body))
	}
	if len(b.faults) > 0 {
		return &faultsError{b.faults}
	}
	return nil
}

// named puts the values of a query or a form into their fields. Each is said once, and none that nobody knows.
func (b *binder) named(p plan, place string, values url.Values, in reflect.Value, known ...string) {
	for _, q := range p.params {
		if q.place != place {
			continue
		}
		known = append(known, q.name)
		switch said := values[q.name]; {
		case len(said) == 1:
			b.param(q, said[0], in)
		case len(said) > 1:
			b.wrongParam(q, ledger.E(ledger.Invalid, "query.twice", q.name))
		}
	}
	for _, name := range sortedKeys(values) {
		if !slices.Contains(known, name) {
			b.faults = append(b.faults, fault{err: ledger.E(ledger.Invalid, "query.unknown", name), parameter: name})
		}
	}
}

func sortedKeys(v url.Values) []string {
	var names []string
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (b *binder) wrongParam(q param, err error) {
	if e, ok := err.(*ledger.Error); ok { //nolint:errorlint // it was made here
		err = e.On(q.name)
	}
	b.faults = append(b.faults, fault{err: err, parameter: q.name})
}

// param puts one value of the address into its field. A path that cannot be one of ours names nothing.
func (b *binder) param(q param, value string, in reflect.Value) {
	to := in.FieldByIndex(q.field.Index)
	if to.Kind() == reflect.Pointer {
		if value == "" {
			return
		}
		to.Set(reflect.New(to.Type().Elem()))
		to = to.Elem()
	}
	var err error
	switch {
	case reflect.PointerTo(to.Type()).Implements(textType):
		err = to.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(value))
	case to.Kind() == reflect.String:
		if err = cleanText(value); err == nil {
			to.SetString(value)
		}
	case to.Kind() == reflect.Bool:
		var x bool
		if x, err = strconv.ParseBool(value); err == nil {
			to.SetBool(x)
		}
	case to.Kind() == reflect.Int || to.Kind() == reflect.Int64:
		var x int64
		if x, err = strconv.ParseInt(value, 10, to.Type().Bits()); err == nil {
			to.SetInt(x)
		}
	default:
		panic(fmt.Sprintf("web: %s cannot stand in an address", to.Type()))
	}
	switch {
	case err == nil:
	case q.place == "path":
		b.wrongParam(q, ledger.E(ledger.NotFound, "route.unknown").Because(err))
	case ledger.CodeOf(err) == ledger.Invalid:
		b.wrongParam(q, err)
	default:
		b.wrongParam(q, ledger.E(ledger.Invalid, "field.unreadable", value).Because(err))
	}
}
