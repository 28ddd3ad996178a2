package kind

import "mingzhang/ledger"

// rights are movable things, shares and rights.
func rights() []Kind {
	return []Kind{
		{"timber", ledger.Text{ZH: "林木", EN: "timber"}, []string{"森林", "林权"}},
		{"equipment", ledger.Text{ZH: "设施设备", EN: "equipment"}, []string{"机械", "设备", "农业生产设施设备"}},
		{"share", ledger.Text{ZH: "股权债权", EN: "shares and claims"}, []string{"股权", "债权", "有价证券"}},
		{"intellectual_property", ledger.Text{ZH: "知识产权", EN: "intellectual property"}, nil},
		{"other_fixed_asset", ledger.Text{ZH: "其他固定资产", EN: "other fixed asset"}, nil},
		{Other, ledger.Text{ZH: "其他", EN: "other"}, nil},
	}
}
