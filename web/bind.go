package web

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"mingzhang/ledger"
)

// binder puts JSON values into a struct and gathers what does not fit, each with its place.
type binder struct{ faults []fault }

// faultsMost is how many faults of a request are told: an answer is not to be many times as long as what was sent.
const faultsMost = 100

func (b *binder) wrong(at string, err error) {
	if len(b.faults) == faultsMost {
		return
	}
	if e, ok := errors.AsType[*ledger.Error](err); ok {
		err = e.On(fieldOf(at))
	}
	b.faults = append(b.faults, fault{err: err, pointer: at})
}

// below is the JSON pointer of a member (RFC 6901).
func below(at, name string) string {
	return at + "/" + pointerEscapes.Replace(name)
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func belowIndex(at string, i int) string { return at + "/" + strconv.Itoa(i) }

// fieldOf is a pointer as services name fields: /lines/1/base_price is lines.1.base_price.
func fieldOf(pointer string) string {
	return strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
}

var (
	textType   = reflect.TypeFor[encoding.TextUnmarshaler]()
	typeString = ledger.Text{ZH: "字符串", EN: "a string"}
	typeObject = ledger.Text{ZH: "对象", EN: "an object"}
	typeArray  = ledger.Text{ZH: "数组", EN: "an array"}
	typeBool   = ledger.Text{ZH: "true 或 false", EN: "true or false"}
	typeInt    = ledger.Text{ZH: "整数", EN: "an integer"}
	typeNumber = ledger.Text{ZH: "数字", EN: "a number"}
	typeNull   = ledger.Text{ZH: "null", EN: "null"}
)

func typeOf(v any) ledger.Text {
	switch v.(type) {
	case object:
		return typeObject
	case []any:
		return typeArray
	case string:
		return typeString
	case json.Number:
		return typeNumber
	case bool:
		return typeBool
	}
	return typeNull
}

func (b *binder) mismatch(at string, want ledger.Text, v any) {
	b.wrong(at, ledger.E(ledger.Invalid, "json.wrong_type", want, typeOf(v)))
}

// bind puts v at to. The kinds are those that bindable allows.
func (b *binder) bind(at string, v any, to reflect.Value) {
	if to.Kind() == reflect.Pointer {
		if v == nil {
			return
		}
		p := reflect.New(to.Type().Elem())
		b.bind(at, v, p.Elem())
		to.Set(p)
		return
	}
	if reflect.PointerTo(to.Type()).Implements(textType) {
		b.bindText(at, v, to)
		return
	}
	switch to.Kind() {
	case reflect.Struct:
		b.bindStruct(at, v, to)
	case reflect.Slice:
		b.bindSlice(at, v, to)
	case reflect.Map:
		b.bindMap(at, v, to)
	case reflect.String:
		s, ok := v.(string)
		if !ok {
			b.mismatch(at, typeString, v)
			return
		}
		if err := cleanText(s); err != nil {
			b.wrong(at, err)
			return
		}
		to.SetString(s)
	case reflect.Bool:
		x, ok := v.(bool)
		if !ok {
			b.mismatch(at, typeBool, v)
			return
		}
		to.SetBool(x)
	default:
		n, ok := v.(json.Number)
		x, err := strconv.ParseInt(string(n), 10, to.Type().Bits())
		if !ok || err != nil {
			b.mismatch(at, typeInt, v)
			return
		}
		to.SetInt(x)
	}
}

func (b *binder) bindText(at string, v any, to reflect.Value) {
	s, ok := v.(string)
	if !ok {
		b.mismatch(at, typeString, v)
		return
	}
	if err := to.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)); err != nil {
		if ledger.CodeOf(err) != ledger.Invalid {
			err = ledger.E(ledger.Invalid, "field.unreadable", s).Because(err)
		}
		b.wrong(at, err)
	}
}

func (b *binder) bindStruct(at string, v any, to reflect.Value) {
	o, ok := v.(object)
	if !ok {
		b.mismatch(at, typeObject, v)
		return
	}
	fields := jsonFields(to.Type())
	for _, m := range o {
		index, known := fields[m.name]
		if !known {
			b.wrong(below(at, m.name), ledger.E(ledger.Invalid, "json.unknown_field", m.name))
			continue
		}
		b.bind(below(at, m.name), m.value, to.FieldByIndex(index))
	}
}

func (b *binder) bindSlice(at string, v any, to reflect.Value) {
	list, ok := v.([]any)
	if !ok {
		b.mismatch(at, typeArray, v)
		return
	}
	to.Set(reflect.MakeSlice(to.Type(), len(list), len(list)))
	for i, x := range list {
		b.bind(belowIndex(at, i), x, to.Index(i))
	}
}

func (b *binder) bindMap(at string, v any, to reflect.Value) {
	o, ok := v.(object)
	if !ok {
		b.mismatch(at, typeObject, v)
		return
	}
	to.Set(reflect.MakeMap(to.Type()))
	for _, m := range o {
		x := reflect.New(to.Type().Elem()).Elem()
		b.bind(below(at, m.name), m.value, x)
		to.SetMapIndex(reflect.ValueOf(m.name), x)
	}
}

// jsonFields are the members of a struct's object; embedded structs are part of it.
func jsonFields(t reflect.Type) map[string][]int {
	fields := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		if name := jsonName(f); name != "" {
			fields[name] = f.Index
		}
	}
	return fields
}

// jsonName is the name of a field's member; "" when it has none.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if !f.IsExported() || f.Anonymous || name == "-" {
		return ""
	}
	if name == "" {
		return f.Name
	}
	return name
}

// bindable panics when a type of a request holds what bind does not know: a mistake of ours, found at start-up.
func bindable(t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] || reflect.PointerTo(t).Implements(textType) {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64:
	case reflect.Pointer, reflect.Slice:
		bindable(t.Elem(), seen)
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			panic(fmt.Sprintf("web: %s: keys of JSON are strings", t))
		}
		bindable(t.Elem(), seen)
	case reflect.Struct:
		for _, f := range reflect.VisibleFields(t) {
			if jsonName(f) != "" {
				bindable(f.Type, seen)
			}
		}
	default:
		panic(fmt.Sprintf("web: %s cannot stand in a request", t))
	}
}

// cleanText refuses what no text of the book may hold. Line breaks and tabs pass: services make blanks of them.
func cleanText(s string) error {
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f || r == '\ufffd' {
			return ledger.E(ledger.Invalid, "field.bad_character", fmt.Sprintf("U+%04X", r))
		}
	}
	return nil
}
