package landcheck

import "mingzhang/ledger"

// rights are the types of right in land (权利类型, QLLX of the registration data standard).
func rights() []word {
	return []word{
		{"1", ledger.Text{ZH: "集体土地所有权", EN: "collective land ownership"}, nil},
		{"2", ledger.Text{ZH: "国家土地所有权", EN: "state land ownership"}, nil},
		{"3", ledger.Text{ZH: "国有建设用地使用权", EN: "use of state construction land"}, nil},
		{"4", ledger.Text{ZH: "国有建设用地使用权/房屋所有权", EN: "use of state construction land with buildings"}, nil},
		{"5", ledger.Text{ZH: "宅基地使用权", EN: "use of homestead"}, nil},
		{"6", ledger.Text{ZH: "宅基地使用权/房屋所有权", EN: "use of homestead with buildings"}, nil},
		{"7", ledger.Text{ZH: "集体建设用地使用权", EN: "use of collective construction land"}, nil},
		{"8", ledger.Text{ZH: "集体建设用地使用权/房屋所有权", EN: "use of collective construction land with buildings"}, nil},
		{"9", ledger.Text{ZH: "土地承包经营权", EN: "contracted management of land"}, nil},
		{"10", ledger.Text{ZH: "土地承包经营权/森林、林木所有权", EN: "contracted management of land with forest"}, nil},
		{"11", ledger.Text{ZH: "林地使用权", EN: "use of forest land"}, nil},
		{"12", ledger.Text{ZH: "林地使用权/森林、林木使用权", EN: "use of forest land with forest"}, nil},
		{"13", ledger.Text{ZH: "草原使用权", EN: "use of grassland"}, nil},
		{"14", ledger.Text{ZH: "水域滩涂养殖权", EN: "aquaculture in waters and tidal flats"}, nil},
		{"15", ledger.Text{ZH: "海域使用权", EN: "use of sea area"}, nil},
		{"16", ledger.Text{ZH: "海域使用权/构筑物所有权", EN: "use of sea area with structures"}, nil},
		{"17", ledger.Text{ZH: "无居民海岛使用权", EN: "use of uninhabited island"}, nil},
		{"18", ledger.Text{ZH: "无居民海岛使用权/构筑物所有权", EN: "use of uninhabited island with structures"}, nil},
		{"19", ledger.Text{ZH: "地役权", EN: "easement"}, nil},
		{"20", ledger.Text{ZH: "取水权", EN: "water abstraction"}, nil},
		{"21", ledger.Text{ZH: "探矿权", EN: "mineral exploration"}, nil},
		{"22", ledger.Text{ZH: "采矿权", EN: "mining"}, nil},
		{"99", ledger.Text{ZH: "其它权利", EN: "other right"}, nil},
	}
}

// natures are the natures of a right (权利性质, QLXZ).
func natures() []word {
	return []word{
		{"100", ledger.Text{ZH: "国有土地", EN: "state land"}, nil},
		{"101", ledger.Text{ZH: "划拨", EN: "allocated"}, nil},
		{"102", ledger.Text{ZH: "出让", EN: "granted"}, nil},
		{"103", ledger.Text{ZH: "作价出资（入股）", EN: "contributed as capital"}, nil},
		{"104", ledger.Text{ZH: "租赁", EN: "leased"}, nil},
		{"105", ledger.Text{ZH: "授权经营", EN: "authorised operation"}, nil},
		{"200", ledger.Text{ZH: "集体土地", EN: "collective land"}, nil},
		{"201", ledger.Text{ZH: "家庭承包", EN: "household contract"}, nil},
		{"202", ledger.Text{ZH: "其它方式承包", EN: "contract in another way"}, nil},
		{"203", ledger.Text{ZH: "批准拨用", EN: "approved for use"}, nil},
		{"204", ledger.Text{ZH: "入股", EN: "contributed as share"}, nil},
		{"205", ledger.Text{ZH: "联营", EN: "joint operation"}, nil},
	}
}

// RightName is a type of right in words, by its number in the registration standard.
func RightName(code string) ledger.Text { return nameOf(rights(), code) }

// NatureName is a nature of right in words.
func NatureName(code string) ledger.Text { return nameOf(natures(), code) }

// tenure reads right and nature where they are said in words; else they are what the parcel code leaves no choice
// about. What contradicts the code is refused: one of the two is of another parcel.
func (r *reader) tenure(rec *record, bad func(string, error)) {
	s := &rec.parcel
	said := func(key string, list []word, into *string) {
		text := r.text(rec, key, bad)
		if text == "" {
			return
		}
		code, ok := find(list, text)
		switch {
		case !ok:
			bad(key, ledger.E(ledger.Invalid, "parcel.tenure_unknown", text))
		case !agrees(s.ParcelCode, key, code):
			bad(key, ledger.E(ledger.Invalid, "parcel.tenure_against_code", nameOf(list, code), s.ParcelCode))
		default:
			*into = code
		}
	}
	said("tenure_right", rights(), &s.TenureRight)
	said("tenure_nature", natures(), &s.TenureNature)
}

// agrees tells whether a right or a nature fits a parcel code. A code of 19 characters does not say what stands
// on the land.
func agrees(code, key, said string) bool {
	if len(code) < parcelCodeLen {
		return true
	}
	if key == "tenure_nature" {
		_, nature := tenureOf(code)
		return nature == "" || nature[0] == said[0]
	}
	known := false
	for _, fixture := range "WFL" {
		whole := code
		if len(code) == parcelCodeLen {
			whole += string(fixture) + "00000000"
		}
		right, _ := tenureOf(whole)
		if right == said {
			return true
		}
		known = known || right != ""
	}
	return !known
}

// tenureOf reads right and nature from a parcel code, where its letters leave no choice; else they are blank.
// How state land came to its user (划拨, 出让) is not in the code, only that it is state land. Vectors: the
// codes of a registration system's tests in the domain paper, 1.1.
func tenureOf(code string) (right, nature string) {
	if len(code) < 19 {
		return "", ""
	}
	owner, sort, fixture := code[12], code[13], byte('W')
	if len(code) == 28 {
		fixture = code[19]
	}
	switch owner {
	case 'G':
		nature = "100"
	case 'J':
		nature = "200"
	}
	byFixture := map[byte]map[string]string{
		'W': {"JA": "1", "GA": "2", "GB": "3", "JC": "5", "JB": "7", "JD": "9", "GD": "9", "JE": "9", "GE": "9", "JL": "11", "GL": "11"},
		'F': {"GB": "4", "JC": "6", "JB": "8"},
		'L': {"GE": "10", "JE": "10", "GL": "12", "JL": "12"},
	}
	return byFixture[fixture][string([]byte{owner, sort})], nature
}
