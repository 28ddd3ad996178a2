package statement

import "mingzhang/ledger"

// Limits. A text over TextBytesMax or with more than FiguresMax figures is refused. A clause with more than ClauseFiguresMax figures is cut there: the
// figures after it are listed and not cross-checked. A list of parts is read up to PartsMax items.
// So the work for a text is at most proportional to its length.
const (
	TextBytesMax     = 1 << 20
	FiguresMax       = 20_000
	ClauseFiguresMax = 64
	PartsMax         = 48

	wholesMax = 8   // wholes, and amounts of a share, that are tried: the nearest ones
	labelMax  = 120 // runes before a figure in which its name is sought
)

// Verdict is the judgement of a clause or of a whole text.
type Verdict string

// The verdicts, from the best to the worst.
const (
	Consistent      Verdict = "consistent"
	Insufficient    Verdict = "insufficient"
	OtherDefinition Verdict = "other_definition"
	Ambiguous       Verdict = "ambiguous"
	Mislabelled     Verdict = "mislabelled"
	Contradictory   Verdict = "contradictory"
)

// verdicts holds the order of the verdicts and their words.
var verdicts = []struct {
	verdict Verdict
	name    ledger.Text
}{
	{Consistent, ledger.Text{ZH: "相符", EN: "consistent"}},
	{Insufficient, ledger.Text{ZH: "无从核对", EN: "nothing to cross-check"}},
	{OtherDefinition, ledger.Text{ZH: "口径不同", EN: "other definition"}},
	{Ambiguous, ledger.Text{ZH: "有歧义", EN: "ambiguous"}},
	{Mislabelled, ledger.Text{ZH: "名称错误", EN: "mislabelled"}},
	{Contradictory, ledger.Text{ZH: "自相矛盾", EN: "contradictory"}},
}

func (v Verdict) rank() int {
	for i, row := range verdicts {
		if row.verdict == v {
			return i
		}
	}
	return 0
}

// Name is the verdict in words.
func (v Verdict) Name() ledger.Text { return verdicts[v.rank()].name }

// ExitStatus is what a command returns for the verdict: 0 when nothing is wrong, else 3.
func (v Verdict) ExitStatus() int {
	if v == Consistent || v == Insufficient {
		return 0
	}
	return 3
}

func worse(a, b Verdict) Verdict {
	if a.rank() >= b.rank() {
		return a
	}
	return b
}

// Judgement is the answer to a text. Findings is the union of the clauses' findings, each code once.
// Suggestion is the corrected sentence in Chinese, when the figures determine it.
type Judgement struct {
	Verdict    Verdict   `json:"verdict"`
	Findings   []Finding `json:"findings"`
	Clauses    []Clause  `json:"clauses"`
	Suggestion string    `json:"suggestion,omitempty"`

	suggestions []ledger.Text
}

// Clause is a sentence, or the sentences that belong together. Start is the byte in the text at which it begins.
type Clause struct {
	Text     string    `json:"text"`
	Start    int       `json:"start"`
	Verdict  Verdict   `json:"verdict"`
	Findings []Finding `json:"findings"`
	Figures  []Figure  `json:"figures"`
}

// Finding is one thing that the check found. Verdict is what the finding leads to; Detail is its arithmetic.
// Record names the figure of the record that was compared, if any, and RecordValue its value.
type Finding struct {
	Code        string      `json:"code"`
	Verdict     Verdict     `json:"verdict"`
	Detail      ledger.Text `json:"detail"`
	Record      string      `json:"record,omitempty"`
	RecordValue string      `json:"record_value,omitempty"`
}

// Figure is one figure of the text. Value is exact, in the base unit that Unit names (yuan, mu, fraction, months,
// a counting word). Start and End are bytes in the text. Record names the figure of the record that it equals.
type Figure struct {
	Text        string `json:"text"`
	Label       string `json:"label"`
	Role        Role   `json:"role,omitempty"`
	Value       string `json:"value"`
	Unit        string `json:"unit"`
	Approximate string `json:"approximate,omitempty"`
	Start       int    `json:"start"`
	End         int    `json:"end"`
	Record      string `json:"record,omitempty"`
}

// Role says what a figure is called.
type Role string

// The roles that the checks know.
const (
	RoleNone         Role = ""
	RoleBase         Role = "base"
	RoleHammer       Role = "hammer"
	RoleContract     Role = "contract_total"
	RolePremium      Role = "premium"
	RoleAboveBase    Role = "above_base" // 高于底价 X: the base or the difference
	RoleRate         Role = "premium_rate"
	RolePrior        Role = "prior_contract"
	RoleBudget       Role = "budget"
	RoleAward        Role = "award"
	RoleSaving       Role = "saving"
	RoleSavingRate   Role = "saving_rate"
	RoleCompletion   Role = "completion_rate"
	RoleShare        Role = "share"
	RoleGrowth       Role = "growth"
	RoleMultiple     Role = "multiple"
	RoleChange       Role = "change" // 比上年增加 X
	RoleTerm         Role = "term"
	RoleArea         Role = "area"
	RoleFloorArea    Role = "floor_area"
	RoleCount        Role = "count"
	RoleExtreme      Role = "extreme"      // 最高, 最低: of one lot, not of the whole
	RoleAverageRate  Role = "average_rate" // simple or weighted is not said
	RoleEarlier      Role = "earlier"      // 去年, 上年同期
	RoleRise         Role = "rise"         // 增幅 after a hammer: from the base, when there is one
	RoleChangeOfRate Role = "change_of_rate"
)
