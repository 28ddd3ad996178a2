package web

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/go-playground/validator/v10"

	"mingzhang/ledger"
)

// rule is a rule of ours for a text that is typed: what it may look like, as the API's document says it. The
// exact reading is that of the services; these refuse what cannot be read by anybody.
type rule struct {
	pattern string
	about   ledger.Text
}

// rules are the names that validate tags may use besides the validator's own.
func rules() map[string]rule {
	return map[string]rule{
		"money": {`^-?[0-9]{1,16}(\.[0-9]{1,2})?$`, ledger.Text{ZH: "金额，元，最多两位小数", EN: "amount in yuan, at most two decimals"}},
		"area":  {`^[0-9]{1,12}(\.[0-9]{1,11})?$`, ledger.Text{ZH: "面积，亩", EN: "area in mu"}},
		"rate":  {`^-?[0-9]{1,8}(\.[0-9]{1,4})?$`, ledger.Text{ZH: "比率，四位小数", EN: "a fraction with at most four decimals"}},
		"day":   {`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, ledger.Text{ZH: "日期，如 2021-03-05", EN: "a day such as 2021-03-05"}},
		"code":  {`^[a-z][a-z0-9-]{0,39}$`, ledger.Text{ZH: "代码：小写字母开头，小写字母、数字和连字符，最多 40 个字符", EN: "a code: a lower-case letter, then lower-case letters, digits and hyphens, 40 at most"}},
	}
}

// newValidator knows our rules and names fields as the API does.
func newValidator() (*validator.Validate, error) {
	v := validator.New(validator.WithRequiredStructEnabled())
	for name, r := range rules() {
		form, err := regexp.Compile(r.pattern)
		if err != nil {
			return nil, fmt.Errorf("web: rule %s: %w", name, err)
		}
		err = v.RegisterValidation(name, func(fl validator.FieldLevel) bool {
			return fl.Field().Kind() == reflect.String && form.MatchString(fl.Field().String())
		})
		if err != nil {
			return nil, fmt.Errorf("web: rule %s: %w", name, err)
		}
	}
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		for _, tag := range []string{"path", "query"} {
			if name := f.Tag.Get(tag); name != "" {
				return name
			}
		}
		if name := jsonName(f); name != "" {
			return name
		}
		return f.Name
	})
	return v, nil
}

// check holds a filled request against its tags.
func (s *Server) check(in any) error {
	err := s.validate.Struct(in)
	found, ok := errors.AsType[validator.ValidationErrors](err)
	if !ok {
		return err // nil, or a mistake of ours
	}
	var faults []fault
	for _, f := range found {
		faults = append(faults, faultOf(f))
	}
	return &faultsError{faults}
}

// faultOf is a broken rule as a fault with its place: lotIn.Body.lines[1].base_price is /lines/1/base_price.
func faultOf(f validator.FieldError) fault {
	_, path, _ := strings.Cut(f.Namespace(), ".")
	inner, inBody := strings.CutPrefix(path, "Body.")
	if !inBody {
		name := f.Field()
		return fault{err: broken(f).On(name), parameter: name}
	}
	field := strings.NewReplacer("[", ".", "]", "").Replace(inner)
	return fault{err: broken(f).On(field), pointer: pointerOf(field)}
}

// broken is the reason of a broken rule.
func broken(f validator.FieldError) *ledger.Error {
	length := f.Kind() == reflect.String
	many := f.Kind() == reflect.Slice || f.Kind() == reflect.Map
	switch f.Tag() {
	case "required":
		return ledger.E(ledger.Invalid, "field.missing")
	case "max", "lte":
		switch {
		case length:
			return ledger.E(ledger.Invalid, "field.too_long", f.Param())
		case many:
			return ledger.E(ledger.Invalid, "field.too_many", f.Param())
		}
		return ledger.E(ledger.Invalid, "field.too_large", f.Param())
	case "min", "gte":
		switch {
		case length:
			return ledger.E(ledger.Invalid, "field.too_short", f.Param())
		case many:
			return ledger.E(ledger.Invalid, "field.too_few", f.Param())
		}
		return ledger.E(ledger.Invalid, "field.too_small", f.Param())
	case "oneof":
		return ledger.E(ledger.Invalid, "field.one_of", strings.ReplaceAll(f.Param(), " ", ", "))
	}
	if r, ok := rules()[f.Tag()]; ok {
		return ledger.E(ledger.Invalid, "field.form", r.about)
	}
	return ledger.E(ledger.Invalid, "field.wrong", f.Tag())
}
