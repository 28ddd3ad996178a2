package landcheck

import "mingzhang/ledger/sheet"

// columns are the columns of a register of parcels, with the names that offices give them. A bare 面积 is not
// among them: nobody knows which of a parcel's areas it is.
func columns() []sheet.Column {
	return []sheet.Column{
		{Key: "parcel_no", Label: true, Names: []string{"宗地编号", "宗地号", "地块编号", "地号", "编号", "资产编号", "图斑编号", "parcel_no", "parcel no", "parcel number"}},
		{Key: "parcel_code", Names: []string{"宗地代码", "不动产单元号", "不动产单元代码", "宗地统一代码", "parcel_code", "parcel code"}},
		{Key: "name", Label: true, Names: []string{"宗地名称", "地块名称", "资产名称", "土地名称", "名称", "name", "parcel name"}},
		{Key: "owner", Names: []string{"主体", "权属", "权利主体", "权利主体类别", "主体类别", "主体类型", "所有权", "所有权性质", "土地权属", "权属类别", "owner"}},
		{Key: "category", Names: []string{"类别", "土地类别", "用地类别", "资产类别", "宗地类别", "地块类别", "用地类型", "category"}},
		{Key: "holder", Names: []string{"权属单位", "权利人", "使用权人", "土地使用权人", "所属单位", "村集体", "经济联社", "权属人", "产权单位", "holder"}},
		{Key: "village", Names: []string{"所属村", "村名", "行政村", "所在村", "所属行政村", "所在行政村", "所属村居", "所在村居", "村居", "village"}},
		{Key: "location", Names: []string{"坐落", "土地坐落", "位置", "地址", "宗地坐落", "坐落位置", "location"}},
		{Key: "registered_area", Type: sheet.Amount, Names: []string{"证载面积", "登记面积", "发证面积", "证书面积", "证面积", "使用权面积", "registered_area", "registered area"}},
		{Key: "verified_area", Type: sheet.Amount, Names: []string{"核查面积", "核实面积", "实测核查面积", "核查土地面积", "verified_area", "verified area"}},
		{Key: "floor_area", Type: sheet.Amount, Names: []string{"建筑面积", "房屋面积", "房屋建筑面积", "建筑物面积", "floor_area", "floor area"}},
		{Key: "verified_on", Type: sheet.Date, Names: []string{"核查日期", "核查时间", "核实日期", "核实时间", "实地核查日期", "verified_on", "verified on"}},
		{Key: "officers", Names: []string{"核查人", "核查人员", "核查员", "经办人", "核实人", "土地核查员", "officers", "officer"}},
		{Key: "conclusion", Names: []string{"结论", "核查结论", "核查结果", "核实结果", "核实结论", "conclusion", "conclusions"}},
		{Key: "use_state", Names: []string{"使用状况", "使用情况", "利用状况", "利用现状", "使用现状", "现状", "use_state", "use state"}},
		{Key: "remark", Names: []string{"备注", "说明", "remark", "note"}},
	}
}

// Schema is the schema of a register of parcels.
func Schema() sheet.Schema {
	return sheet.Schema{
		Columns: columns(), Min: 3,
		Keys:   []string{"parcel_no", "parcel_code", "name"},
		Needed: [][]string{{"verified_area", "registered_area", "verified_on", "parcel_code"}},
	}
}
