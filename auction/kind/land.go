package kind

import "mingzhang/ledger"

// land is land and water, by the operational list of a provincial platform.
func land() []Kind {
	return []Kind{
		{"cropland", ledger.Text{ZH: "耕地", EN: "cropland"}, []string{"水田", "旱地", "水浇地", "田", "农田", "农用地"}},
		{"orchard", ledger.Text{ZH: "园地", EN: "orchard"}, []string{"果园", "茶园", "果林"}},
		{"forest_land", ledger.Text{ZH: "林地", EN: "forest land"}, []string{"山林", "山岭", "山地"}},
		{"grassland", ledger.Text{ZH: "草地", EN: "grassland"}, nil},
		{"ditch", ledger.Text{ZH: "农田水利设施用地", EN: "irrigation land"}, []string{"沟渠"}},
		{"pond", ledger.Text{ZH: "养殖水面", EN: "pond"}, []string{"鱼塘", "坑塘水面", "水面", "水塘", "山塘", "水库"}},
		{"other_farmland", ledger.Text{ZH: "其他农用地", EN: "other farmland"}, []string{"设施农用地", "晒场"}},
		{"unused_land", ledger.Text{ZH: "未利用地", EN: "unused land"}, []string{"荒地"}},
		{"four_wastes", ledger.Text{ZH: "“四荒”地", EN: "four-wastes land"}, []string{"四荒地", "四荒", "“四荒”", "\"四荒\"地"}},
		{"construction_land", ledger.Text{ZH: "建设用地", EN: "construction land"}, []string{"集体建设用地", "经营性建设用地", "留用地", "经济发展用地"}},
		{"other_land", ledger.Text{ZH: "其他土地资产", EN: "other land"}, []string{"土地", "场地", "空地"}},
	}
}
