package web

import (
	"encoding"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mingzhang/ledger"
	"mingzhang/web/locale"
)

var (
	typeProblem     = reflect.TypeFor[problem]()
	typeStreamEnd   = reflect.TypeFor[streamEnd]()
	typeTime        = reflect.TypeFor[time.Time]()
	typeRaw         = reflect.TypeFor[json.RawMessage]()
	typeTextMarshal = reflect.TypeFor[encoding.TextMarshaler]()
)

// exact are the schemas of the types that are strings for the sake of exactness.
func exact(t reflect.Type) (jsonMap, bool) {
	text := func(pattern, zh, en string) (jsonMap, bool) {
		return jsonMap{"type": "string", "pattern": pattern, "description": zh + " / " + en}, true
	}
	switch t {
	case reflect.TypeFor[ledger.Money]():
		return text(`^-?[0-9]+\.[0-9]{2}$`, "金额，元", "amount in yuan")
	case reflect.TypeFor[ledger.Price]():
		return text(`^-?[0-9]+\.[0-9]{4}$`, "单价，元", "price in yuan")
	case reflect.TypeFor[ledger.Area]():
		return text(`^-?[0-9]+(\.[0-9]{1,11})?$`, "面积，亩", "area in mu")
	case reflect.TypeFor[ledger.Rate]():
		return text(`^-?[0-9]+\.[0-9]{4}$`, "比率", "a fraction")
	case reflect.TypeFor[ledger.Day]():
		return text(`^([0-9]{4}-[0-9]{2}-[0-9]{2})?$`, "日期", "a day")
	case typeTime:
		return jsonMap{"type": "string", "format": "date-time"}, true
	case typeRaw:
		return jsonMap{}, true
	}
	return nil, false
}

// components are the schemas of all named types of the document.
type components struct {
	names map[componentKey]string
	made  jsonMap
}

// componentKey: what a request may leave out an answer always has, so a type has a schema for each way.
type componentKey struct {
	t  reflect.Type
	in bool
}

func newComponents() *components {
	return &components{names: map[componentKey]string{}, made: jsonMap{}}
}

func (c *components) schemas() jsonMap { return c.made }

// schema is a type's schema: a reference for a struct with a name.
func (c *components) schema(t reflect.Type, in bool) jsonMap {
	if t.Kind() == reflect.Pointer {
		return c.schema(t.Elem(), in)
	}
	if s, ok := exact(t); ok {
		return s
	}
	if t.Implements(typeTextMarshal) || reflect.PointerTo(t).Implements(textType) {
		return jsonMap{"type": "string"}
	}
	switch t.Kind() {
	case reflect.String:
		return jsonMap{"type": "string"}
	case reflect.Bool:
		return jsonMap{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Int32:
		return jsonMap{"type": "integer"}
	case reflect.Slice:
		return jsonMap{"type": "array", "items": c.schema(t.Elem(), in)}
	case reflect.Map:
		return jsonMap{"type": "object", "additionalProperties": c.schema(t.Elem(), in)}
	case reflect.Struct:
		return c.reference(t, in)
	}
	return jsonMap{}
}

func (c *components) reference(t reflect.Type, in bool) jsonMap {
	key := componentKey{t, in}
	name, ok := c.names[key]
	if !ok {
		name = c.nameOf(t, in)
		c.names[key] = name
		c.made[name] = jsonMap{} // its place, for types that hold themselves
		c.made[name] = c.object(t, in)
	}
	return jsonMap{"$ref": "#/components/schemas/" + name}
}

var notName = regexp.MustCompile(`[^A-Za-z0-9]+`)

// nameOf makes a name that no other schema has: LotInput, LotRowList.
func (c *components) nameOf(t reflect.Type, in bool) string {
	name := t.Name()
	if outer, inner, ok := strings.Cut(name, "["); ok {
		inner = strings.TrimSuffix(inner, "]")
		inner = strings.TrimLeft(inner[strings.LastIndex(inner, ".")+1:], "*")
		name = capital(inner) + capital(strings.TrimPrefix(outer, "list"))
	}
	name = capital(notName.ReplaceAllString(name, ""))
	if name == "" {
		name = "Object"
	}
	if _, taken := c.made[name]; taken && in {
		name += "Request"
	}
	if _, taken := c.made[name]; taken {
		name = capital(t.PkgPath()[strings.LastIndex(t.PkgPath(), "/")+1:]) + name
	}
	for base, n := name, 2; ; n++ {
		if _, taken := c.made[name]; !taken {
			return name
		}
		name = base + strconv.Itoa(n)
	}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// object is the schema of a struct. Nothing else may stand in a request.
func (c *components) object(t reflect.Type, in bool) jsonMap {
	properties := jsonMap{}
	required := []any{}
	for _, f := range reflect.VisibleFields(t) {
		name := jsonName(f)
		if name == "" {
			continue
		}
		rule := f.Tag.Get("validate")
		schema := c.field(f.Type, rule, in)
		if about := aboutField(name); about != "" && schema["$ref"] == nil && schema["description"] == nil {
			schema["description"] = about
		}
		properties[name] = schema
		if in && isRequired(rule) || !in && !leavesOut(f) {
			required = append(required, name)
		}
	}
	o := jsonMap{"type": "object", "properties": properties}
	if len(required) > 0 {
		o["required"] = required
	}
	if in {
		o["additionalProperties"] = false
	}
	return o
}

// leavesOut holds for a member that an answer may not have.
func leavesOut(f reflect.StructField) bool {
	_, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	return slices.ContainsFunc(strings.Split(options, ","), func(o string) bool { return o == "omitempty" || o == "omitzero" })
}

// aboutField is the name of a column in both languages; "" where the field is none.
func aboutField(name string) string {
	zh, en := locale.Word(ledger.ZH, locale.Column+name), locale.Word(ledger.EN, locale.Column+name)
	if zh == name {
		return ""
	}
	return zh + " / " + en
}

func isRequired(rule string) bool {
	before, _, _ := strings.Cut(rule, ",dive")
	return slices.Contains(strings.Split(before, ","), "required")
}

// field is the schema of a field with its rules.
func (c *components) field(t reflect.Type, rule string, in bool) jsonMap {
	schema := c.schema(t, in)
	if t.Kind() == reflect.Pointer && schema["$ref"] != nil {
		return jsonMap{"anyOf": []any{schema, jsonMap{"type": "null"}}}
	}
	nullable := t.Kind() == reflect.Pointer && schema["$ref"] == nil && schema["type"] != nil
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	own, items, dives := strings.Cut(rule, "dive")
	if dives && t.Kind() == reflect.Slice {
		schema["items"] = c.field(t.Elem(), strings.TrimPrefix(items, ","), in)
	}
	for part := range strings.SplitSeq(own, ",") {
		applyRule(schema, t.Kind(), part, slices.Contains(strings.Split(own, ","), "omitempty"))
	}
	if nullable {
		schema["type"] = []any{schema["type"], "null"}
		if list, ok := schema["enum"].([]any); ok {
			schema["enum"] = append(list, nil)
		}
	}
	return schema
}

// applyRule says one validate rule in the words of JSON Schema. What may be empty may be "".
func applyRule(schema jsonMap, kind reflect.Kind, part string, empty bool) {
	name, value, _ := strings.Cut(part, "=")
	number, err := strconv.Atoi(value)
	bound := func(text, list, plain string) {
		if err != nil {
			return
		}
		switch kind {
		case reflect.String:
			schema[text] = number
		case reflect.Slice:
			schema[list] = number
		default:
			schema[plain] = number
		}
	}
	switch name {
	case "max", "lte":
		bound("maxLength", "maxItems", "maximum")
	case "min", "gte":
		if !empty {
			bound("minLength", "minItems", "minimum")
		}
	case "required":
		if kind == reflect.String {
			schema["minLength"] = 1
		}
	case "oneof":
		list := []any{}
		for word := range strings.FieldsSeq(value) {
			list = append(list, word)
		}
		if empty {
			list = append(list, "")
		}
		schema["enum"] = list
	default:
		if r, ok := rules()[name]; ok {
			schema["pattern"], schema["description"] = r.pattern, bilingual(r.about)
			if empty {
				schema["pattern"] = "^$|" + r.pattern
			}
		}
	}
}

// takesKey holds for what writes into a book: a retry with the same Idempotency-Key is told from a second request.
func (op *operation) takesKey() bool {
	if op.out.Kind() != reflect.Struct {
		return false
	}
	_, ok := op.out.FieldByName("Replayed")
	return ok || op.out == reflect.TypeFor[recorded]()
}

// hasETag holds when the answer has an entry's number.
func (op *operation) hasETag() bool {
	t := op.out
	if t.Kind() != reflect.Struct || op.stream {
		return false
	}
	f, ok := t.FieldByName("Entry")
	return ok && f.Type.Kind() == reflect.Int64
}
