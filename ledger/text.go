package ledger

// Text is a name in both languages. Chinese comes first; both are always given.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Lang is a language of the program's own words.
type Lang string

// The two languages. Chinese is the default everywhere.
const (
	ZH Lang = "zh"
	EN Lang = "en"
)

// In returns the name in the given language; anything but English is Chinese.
func (t Text) In(lang Lang) string {
	if lang == EN {
		return t.EN
	}
	return t.ZH
}
