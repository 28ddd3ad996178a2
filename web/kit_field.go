package web

import (
	"fmt"
	"strconv"
)

// Field is an input with its label, hint and fault. Every option is text; "" is as if it were not given.
type Field struct {
	ID, Name, Label, Value, Fault string

	Hint         string // below the input: how it is to be filled in
	Type         string // text (default), password, search, email, file
	Unit         string // behind the input: 元, 亩
	InputMode    string // decimal, numeric
	Autocomplete string // off by default
	Placeholder  string
	List         string // id of a datalist
	Size         string // s, m, l or nothing: as wide as its column
	Rows         string // of a textarea
	MaxLength    string
	Accept       string // of a file
	Must         bool   // has to be filled in
	ReadOnly     bool
	Focus        bool     // takes the focus when the page opens without faults
	Numeric      bool     // right-aligned figures
	Options      []Option // of a select or a group of radio buttons
	Checked      bool     // of a checkbox
}

// DescribedBy names what explains the input: its fault, then its hint.
func (f Field) DescribedBy() string {
	switch {
	case f.Fault != "" && f.Hint != "":
		return f.ID + "-fault " + f.ID + "-hint"
	case f.Fault != "":
		return f.ID + "-fault"
	case f.Hint != "":
		return f.ID + "-hint"
	}
	return ""
}

// Option is one of several answers.
type Option struct {
	Value, Label string
	Chosen       bool
	Hint         string
}

// newField makes a field of a page: (field . "lot_no" (say "编号" "Number") .Input.LotNo "hint" "…" "must" "1").
func newField(page framed, name, label, value string, options ...string) (Field, error) {
	f := Field{ID: inputID(name), Name: name, Label: label, Value: value, Fault: page.frame().Errors[name], Autocomplete: "off"}
	if len(options)%2 != 0 {
		return f, fmt.Errorf("web: field %s: an option without value", name)
	}
	for i := 0; i < len(options); i += 2 {
		if err := f.set(options[i], options[i+1]); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (f *Field) set(option, value string) error {
	texts := map[string]*string{
		"hint": &f.Hint, "type": &f.Type, "unit": &f.Unit, "inputmode": &f.InputMode, "autocomplete": &f.Autocomplete,
		"placeholder": &f.Placeholder, "list": &f.List, "size": &f.Size, "rows": &f.Rows, "maxlength": &f.MaxLength,
		"accept": &f.Accept, "id": &f.ID,
	}
	flags := map[string]*bool{"must": &f.Must, "readonly": &f.ReadOnly, "focus": &f.Focus, "numeric": &f.Numeric}
	if text, ok := texts[option]; ok {
		if value != "" {
			*text = value
		}
		return nil
	}
	if flag, ok := flags[option]; ok {
		*flag = value != ""
		return nil
	}
	return fmt.Errorf("web: field %s: no option is called %s", f.Name, option)
}

// newChoice makes a select or a group of radio buttons; an answer that is not among the options is kept.
func newChoice(page framed, name, label, value string, from []Option, options ...string) (Field, error) {
	f, err := newField(page, name, label, value, options...)
	if err != nil {
		return f, err
	}
	found := false
	for _, o := range from {
		o.Chosen = o.Value == value
		found = found || o.Chosen
		f.Options = append(f.Options, o)
	}
	if !found && value != "" {
		f.Options = append(f.Options, Option{Value: value, Label: value, Chosen: true})
	}
	return f, nil
}

// newOptions makes options of values and labels in turn.
func newOptions(pairs ...string) ([]Option, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("web: options: a value without label")
	}
	var options []Option
	for i := 0; i < len(pairs); i += 2 {
		options = append(options, Option{Value: pairs[i], Label: pairs[i+1]})
	}
	return options, nil
}

// newCheck makes a checkbox that sends value when it is ticked.
func newCheck(page framed, name, label, value string, checked bool, options ...string) (Field, error) {
	f, err := newField(page, name, label, value, options...)
	f.Checked = checked
	return f, err
}

// Title is the head of a page: its name, a line below it, and what may be done from here.
type Title struct {
	Text, Sub string
	Back      *Act
	Chips     []Chip
	Acts      []Act
}

func newTitle(text, sub string, acts ...Act) Title { return Title{Text: text, Sub: sub, Acts: acts} }

// Act is a link that looks like a button; the first one of a page is usually the main one.
type Act struct {
	Name, URL string
	Main      bool
}

// newAct makes an act: (act "/books/demo/lots/new" "录入标的" "main").
func newAct(address, name string, kind ...string) (Act, error) {
	if len(kind) > 1 || len(kind) == 1 && kind[0] != "main" {
		return Act{}, fmt.Errorf("web: act %s: %q is no kind", name, kind)
	}
	return Act{Name: name, URL: address, Main: len(kind) == 1}, nil
}

// Count shows how many there are: 1,204, or 1,000+ when counting stopped there.
func Count(n, stop int) string {
	if n >= stop {
		return group(stop) + "+"
	}
	return group(n)
}

func group(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
