package auction

import "mingzhang/ledger/sheet"

// columns are the columns of a register of lots, with the names that offices give them.
func columns() []sheet.Column {
	return []sheet.Column{
		{Key: "lot_no", Label: true, Names: []string{"交易编号", "标的编号", "标段编号", "区交易编号", "编号", "lot_no", "lot no", "lot number"}},
		{Key: "project_no", Label: true, Names: []string{"项目编号", "村项目编号", "project_no", "project no", "project number"}},
		{Key: "asset_name", Label: true, Names: []string{"资产名称", "标的名称", "项目名称", "标的", "标段名称", "名称", "asset_name", "asset name", "asset"}},
		{Key: "collective", Label: true, Names: []string{"村集体", "经济联社", "经济社", "集体经济组织", "农村集体经济组织", "村居", "村(居)", "村(社区)", "项目业主单位", "业主单位", "发包方", "出租方", "collective"}},
		{Key: "village", Label: true, Names: []string{"所属村", "村名", "行政村", "所在村", "所属村居", "所属行政村", "village"}},
		{Key: "kind", Names: []string{"资产类别", "资产类型", "资产种类", "品种", "产权类型", "kind", "asset kind"}},
		{Key: "trade_kind", Names: []string{"交易类别", "交易行为", "交易类型", "trade_kind", "trade kind"}},
		{Key: "method", Names: []string{"交易方式", "交易模式", "竞价方式", "method"}},
		{Key: "price_unit", Names: []string{"计价单位", "价格单位", "单位", "price_unit", "price unit"}},
		{Key: "hammer_unit", Names: []string{"成交计价单位", "成交价格单位", "hammer_unit", "hammer unit"}},
		{Key: "base_price", Type: sheet.Amount, Names: []string{"底价单价", "起始单价", "起拍单价", "单价底价", "底价 单价", "base_price", "base price"}},
		{Key: "hammer_price", Type: sheet.Amount, Names: []string{"成交单价", "单价成交", "成交价 单价", "hammer_price", "hammer price"}},
		{Key: "quantity", Type: sheet.Amount, Names: []string{"面积", "数量", "资产面积", "交易面积", "出租面积", "流转面积", "quantity", "area"}},
		{Key: "term", Names: []string{"租期", "期限", "交易期限", "租赁年限", "承包期限", "承包期", "租赁期限", "合同期限", "年限", "term"}},
		{Key: "lease_from", Type: sheet.Date, Names: []string{"合同起", "合同起始日期", "合同开始日期", "起租日期", "起始日期", "合同期限起", "lease_from", "lease from"}},
		{Key: "lease_to", Type: sheet.Date, Names: []string{"合同止", "合同终止日期", "合同结束日期", "到期日期", "终止日期", "合同期限止", "lease_to", "lease to"}},
		{Key: "rent_free", Names: []string{"免租期", "rent_free", "rent free"}},
		{Key: "escalation", Names: []string{"递增", "递增方式", "租金递增方式", "租金递增", "escalation"}},
		{Key: "base_total", Type: sheet.Amount, Names: []string{"底价", "起拍价", "起始价", "挂牌价", "交易底价", "底价合同总额", "底价总额", "底价总价", "合同底价", "底价 总额", "年底价", "月底价", "base_total", "base total", "base"}},
		{Key: "hammer_total", Type: sheet.Amount, Names: []string{"成交价", "竞得价", "成交金额", "成交总价", "成交合同总额", "成交总额", "中标价", "成交价 总额", "年成交价", "月成交价", "年成交金额", "成交年金额", "hammer_total", "hammer total", "hammer"}},
		{Key: "contract_total", Type: sheet.Amount, Names: []string{"合同总标的", "合同总额", "合同总金额", "合同金额", "合同标的额", "contract_total", "contract total"}},
		{Key: "premium", Type: sheet.Amount, Names: []string{"溢价", "溢价额", "溢价金额", "premium"}},
		{Key: "premium_rate", Type: sheet.Amount, Names: []string{"溢价率", "溢价比例", "premium_rate", "premium rate"}},
		{Key: "outcome", Names: []string{"结果", "交易结果", "成交结果", "状态", "交易状态", "outcome", "result"}},
		{Key: "hammered_on", Type: sheet.Date, Names: []string{"成交日期", "交易日期", "成交时间", "竞价日期", "竞投日期", "hammered_on", "hammered on"}},
		{Key: "winner", Names: []string{"竞得人", "成交人", "中标人", "承租人", "承包人", "承租方", "受让方", "买受人", "winner"}},
		{Key: "registrants", Type: sheet.Count, Names: []string{"报名人数", "报名数", "registrants"}},
		{Key: "bidders", Type: sheet.Count, Names: []string{"出价人数", "竞投人数", "参与竞投人数", "bidders"}},
		{Key: "deposit", Type: sheet.Amount, Names: []string{"保证金", "交易保证金", "竞投保证金", "deposit"}},
		{Key: "remark", Names: []string{"备注", "说明", "remark", "note"}},
		{Key: "late", Names: []string{"补录", "late"}}, // of our own download: the book says it anew
	}
}

// Schema is the schema of a register of lots.
func Schema() sheet.Schema {
	return sheet.Schema{
		Columns: columns(), Min: 3,
		Keys: []string{"lot_no", "asset_name", "project_no"},
		Needed: [][]string{
			{"base_total", "base_price"},
			{"hammer_total", "hammer_price"},
		},
	}
}
