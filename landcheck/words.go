package landcheck

import (
	"cmp"
	"slices"
	"strings"

	"mingzhang/ledger"
)

// Owner says who holds a parcel, apart from its tenure (权利主体类别).
type Owner string

// The owners.
const (
	Collective   Owner = "collective"   // 集体
	State        Owner = "state"        // 国有
	Undetermined Owner = "undetermined" // 未确定, 争议
)

// Name is the owner in words.
func (o Owner) Name() ledger.Text { return nameOf(owners(), string(o)) }

// NotVerifiable is the conclusion that somebody was there and could not verify: visited, not verified.
const NotVerifiable = "not_verifiable"

// word is a code with its names and what tables call it.
type word struct {
	code    string
	name    ledger.Text
	aliases []string
}

// find gives the code of a word; ok is false for an unknown one.
func find(list []word, text string) (code string, ok bool) {
	folded := strings.ToLower(ledger.Fold(text))
	for _, w := range list {
		if folded == w.code || folded == strings.ToLower(ledger.Fold(w.name.ZH)) || folded == strings.ToLower(ledger.Fold(w.name.EN)) || slices.Contains(w.aliases, folded) {
			return w.code, true
		}
	}
	return "", false
}

func nameOf(list []word, code string) ledger.Text {
	for _, w := range list {
		if w.code == code {
			return w.name
		}
	}
	return ledger.Text{ZH: code, EN: code}
}

func owners() []word {
	return []word{
		{"collective", ledger.Text{ZH: "集体", EN: "collective"}, []string{
			"集体所有", "村集体", "农村集体", "农民集体", "村集体所有", "农村集体所有", "集体经济组织", "农村集体经济组织", "集体土地", "村",
		}},
		{"state", ledger.Text{ZH: "国有", EN: "state"}, []string{
			"国家", "国家所有", "全民所有", "全民", "国有资产", "国有土地", "state-owned", "stateowned",
		}},
		{"undetermined", ledger.Text{ZH: "未确定", EN: "undetermined"}, []string{"未定", "待定", "待确定", "争议", "有争议", "未确定或有争议", "权属不清", "权属未定", "不明"}},
	}
}

// category is a sort of land, and whose it is where its name says so.
type category struct {
	word
	owner Owner
}

func categories() []category {
	return []category{
		{word{"reserved_land", ledger.Text{ZH: "留用地", EN: "reserved land"}, []string{"村集体留用地", "村留用地", "集体留用地", "征地留用地", "预留地"}}, Collective},
		{word{"self_use_land", ledger.Text{ZH: "自用地", EN: "self-use land"}, []string{"自用", "村集体自用地", "村自用地", "集体自用地"}}, Collective},
		{word{"state_asset", ledger.Text{ZH: "国有资产", EN: "state asset"}, []string{"国有资产土地", "国有资产用地", "国资", "国有"}}, State},
		{word{"collective_construction", ledger.Text{ZH: "集体建设用地", EN: "collective construction land"}, []string{"集体经营性建设用地", "经营性建设用地"}}, Collective},
		{word{"homestead", ledger.Text{ZH: "宅基地", EN: "homestead"}, []string{"农村宅基地"}}, Collective},
		{word{"farmland", ledger.Text{ZH: "农用地", EN: "farmland"}, []string{"耕地", "承包地"}}, ""},
		{word{"public_facility", ledger.Text{ZH: "公共设施用地", EN: "public facility land"}, []string{"公益用地", "公共用地"}}, ""},
	}
}

// categoryOf is the code of a category, or the paper's own words.
func categoryOf(text string) string {
	for _, c := range categories() {
		if code, ok := find([]word{c.word}, text); ok {
			return code
		}
	}
	return text
}

// ownerOf is whose a category is, where its name says so.
func ownerOf(code string) Owner {
	for _, c := range categories() {
		if c.code == code {
			return c.owner
		}
	}
	return ""
}

// CategoryName is a category in words; one that only its paper knows is called as the paper calls it.
func CategoryName(code string) ledger.Text {
	for _, c := range categories() {
		if c.code == code {
			return c.name
		}
	}
	return ledger.Text{ZH: code, EN: code}
}

func conclusions() []word {
	return []word{
		{"matches", ledger.Text{ZH: "相符", EN: "matches"}, []string{"一致", "符合", "账实相符", "核查相符", "无异常", "正常"}},
		{"area_differs", ledger.Text{ZH: "面积不符", EN: "area differs"}, []string{"面积不一致", "面积有出入"}},
		{"use_differs", ledger.Text{ZH: "用途不符", EN: "use differs"}, []string{"用途不一致", "改变用途", "擅自改变用途"}},
		{"title_differs", ledger.Text{ZH: "权属不符", EN: "title differs"}, []string{"权属不一致"}},
		{"place_differs", ledger.Text{ZH: "位置不符", EN: "place differs"}, []string{"位置不一致", "坐落不符"}},
		{"user_differs", ledger.Text{ZH: "使用人不符", EN: "user differs"}, []string{"使用人不一致", "使用单位不符"}},
		{"found_extra", ledger.Text{ZH: "盘盈", EN: "found extra"}, nil},
		{"missing", ledger.Text{ZH: "盘亏", EN: "missing"}, nil},
		{NotVerifiable, ledger.Text{ZH: "无法核实", EN: "not verifiable"}, []string{"无法核查", "未能核实", "不能核实"}},
		{"disputed", ledger.Text{ZH: "争议", EN: "disputed"}, []string{"有争议", "存在争议"}},
		{"duplicate", ledger.Text{ZH: "重复", EN: "duplicate"}, []string{"重复登记"}},
		{"postponed", ledger.Text{ZH: "暂缓", EN: "postponed"}, []string{"暂缓核查"}},
	}
}

// ConclusionName is a conclusion in words.
func ConclusionName(code string) ledger.Text { return nameOf(conclusions(), code) }

func useStates() []word {
	return []word{
		{"self_use", ledger.Text{ZH: "自用", EN: "self-use"}, []string{"自行使用", "村集体自用"}},
		{"let", ledger.Text{ZH: "出租", EN: "let"}, []string{"已出租", "出租中", "租赁", "对外出租"}},
		{"idle", ledger.Text{ZH: "闲置", EN: "idle"}, []string{"空置", "空闲", "未使用", "未利用"}},
		{"occupied", ledger.Text{ZH: "被占用", EN: "occupied"}, []string{"占用", "被侵占", "侵占"}},
		{"lent", ledger.Text{ZH: "出借", EN: "lent"}, []string{"借用", "无偿使用"}},
		{"under_construction", ledger.Text{ZH: "在建", EN: "under construction"}, []string{"建设中", "在建中"}},
		{"contracted_out", ledger.Text{ZH: "发包", EN: "contracted out"}, []string{"承包", "已发包"}},
	}
}

// UseStateName is a use state in words.
func UseStateName(code string) ledger.Text { return nameOf(useStates(), code) }

// setOf reads a set of words (相符、面积不符): codes in the order of the list, and the paper's own words, which
// may name people and are to be sealed. A text of which nothing is known stays whole.
func setOf(list []word, text string) (codes []string, rest string) {
	var own []string
	known := map[string]bool{}
	for _, part := range splitList(text) {
		if code, ok := find(list, part); ok {
			known[code] = true
		} else if !slices.Contains(own, part) {
			own = append(own, part)
		}
	}
	if len(known) == 0 {
		return nil, text
	}
	for _, w := range list {
		if known[w.code] {
			codes = append(codes, w.code)
		}
	}
	return codes, strings.Join(own, "、")
}

// splitList cuts a list at the marks that lists are written with.
func splitList(text string) []string {
	var parts []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、,，;；/／|\n\r", r) }) {
		if part = ledger.Normal(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// EveryOwner is all owners, in the order of reports.
func EveryOwner() []Owner { return []Owner{Collective, State, Undetermined} }

// SortCategories puts categories in the order of the list; those that only a paper knows follow in byte order.
func SortCategories(codes []string) []string {
	place := map[string]int{}
	for i, c := range categories() {
		place[c.code] = i - len(categories())
	}
	sorted := slices.Clone(codes)
	slices.SortFunc(sorted, func(a, b string) int {
		return cmp.Or(cmp.Compare(place[a], place[b]), strings.Compare(a, b))
	})
	return sorted
}
