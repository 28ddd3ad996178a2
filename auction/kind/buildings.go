package kind

import "mingzhang/ledger"

// buildings are what stands on the land.
func buildings() []Kind {
	return []Kind{
		{"shop", ledger.Text{ZH: "商铺", EN: "shop"}, []string{"店铺", "铺位", "门店", "铺面"}},
		{"factory", ledger.Text{ZH: "厂房", EN: "factory"}, []string{"工业厂房", "标准厂房"}},
		{"warehouse", ledger.Text{ZH: "仓库", EN: "warehouse"}, []string{"仓储"}},
		{"office_building", ledger.Text{ZH: "办公楼", EN: "office building"}, []string{"办公用房", "写字楼"}},
		{"market", ledger.Text{ZH: "市场", EN: "market"}, []string{"农贸市场", "集贸市场", "市场档口"}},
		{"temporary_building", ledger.Text{ZH: "临时建筑", EN: "temporary building"}, []string{"临建"}},
		{"mixed_building", ledger.Text{ZH: "商住楼", EN: "shop-house"}, nil},
		{"other_property", ledger.Text{ZH: "其他物业", EN: "other property"}, []string{"物业", "宿舍", "停车场", "公寓"}},
	}
}
