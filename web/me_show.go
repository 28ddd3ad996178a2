package web

import (
	"fmt"
	"slices"
	"strings"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// needsText says what a route needs.
func needsText(can account.Can) ledger.Text {
	switch can {
	case public:
		return ledger.Text{ZH: "不需登录", EN: "nobody in particular"}
	case signedIn, halfway:
		return ledger.Text{ZH: "登录", EN: "being signed in"}
	default:
		return can.Name()
	}
}

func shownSchema(lang ledger.Lang, name string, schema jsonMap) apiSchema {
	s := apiSchema{Name: name}
	properties, _ := schema["properties"].(jsonMap)
	required, _ := schema["required"].([]any)
	for _, field := range sorted(properties) {
		f := properties[field].(jsonMap)
		about, _ := f["description"].(string)
		s.Fields = append(s.Fields, apiParameter{Name: field, About: half(lang, about), Form: formOf(lang, f), Must: slices.Contains(required, any(field))})
	}
	return s
}

// formOf says in a few words what a value may be.
func formOf(lang ledger.Lang, schema jsonMap) string {
	if name := schemaName(schema); name != "" {
		return name
	}
	if either, ok := schema["anyOf"].([]any); ok {
		return formOf(lang, either[0].(jsonMap)) + ", null"
	}
	var parts []string
	switch t := schema["type"].(type) {
	case string:
		parts = append(parts, t)
	case []any:
		parts = append(parts, fmt.Sprint(t[0]), "null")
	}
	if items, ok := schema["items"].(jsonMap); ok {
		parts = append(parts, ledger.Text{ZH: "每项：", EN: "of "}.In(lang)+formOf(lang, items))
	}
	for _, key := range []string{"enum", "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"} {
		if v, ok := schema[key]; ok {
			parts = append(parts, key+" "+strings.Trim(fmt.Sprint(v), "[]"))
		}
	}
	return strings.Join(parts, ", ")
}
