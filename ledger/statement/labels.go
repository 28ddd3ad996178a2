package statement

// roleWord is a role and the words that name it.
type roleWord struct {
	role  Role
	words []string
}

// roleWords says what a figure of money is called when its label ends in one of the words (of several the longest
// counts). It is data: a new name for an old thing is one more word here.
var roleWords = []roleWord{
	{RoleBase, []string{
		"底价", "起始价", "起拍价", "起租价", "起投价", "起叫价", "起价", "挂牌价", "保留价", "标底", "底价合同总额", "底价合同总标的", "底价总标的",
		"底价总额", "底价合计", "底价总价", "底价总金额", "底价金额", "底价合同金额", "起始价总额", "起始总价", "总底价",
		"base total", "base price", "base totals", "base",
	}},
	{RoleHammer, []string{
		"成交价", "成交额", "成交总额", "成交金额", "成交年金额", "成交总价", "成交价格", "成交总金额", "成交单价", "成交合同总额", "成交合同金额",
		"成交标的额", "成交总标的", "成交", "竞得价", "竞拍价", "落槌价", "交易额", "交易金额", "交易总额", "交易总金额", "交易总价", "成交总租金", "成交租金",
		"成交年租金", "成交价款", "成交总价款", "成交合同总价", "竞至", "竞价至", "竞拍至", "竞到", "拍到", "拍至", "竞价到", "落槌于", "hammer price", "hammer total", "hammer",
	}},
	{RoleContract, []string{
		"合同总标的", "合同标的", "合同总标的额", "合同标的额", "合同总额", "合同总金额", "合同金额", "合同总价", "合同价款", "标的额", "标的总额", "总标的",
		"合同标的总额", "合同总标的金额", "交易标的", "交易总标的", "总标的额", "合同标的总金额", "合同总价款", "contract total", "contract value",
	}},
	{RolePremium, []string{
		"溢价", "溢价额", "溢价金额", "溢价总额", "溢价总金额", "总溢价", "总溢价额", "溢价增收", "溢价收益", "增值额", "增值", "增值金额", "premium", "premium total",
		"高出底价", "超出底价", "多于底价", "高出起拍价", "高出起始价", "比底价高", "比底价高出", "较底价高出", "较底价高", "较底价增加", "比底价增加",
		"比底价多", "较底价溢价", "比起拍价高", "比起始价高", "较起拍价高", "较起始价高", "比起拍价高出", "比起始价高出",
	}},
	{RoleAboveBase, []string{
		"高于底价", "高于原来底价", "高于原底价", "高于起拍价", "高于起始价", "高于挂牌价", "高于起租价", "超过底价", "超过起拍价", "超过起始价",
		"低于底价", "低于起拍价", "低于起始价", "above the base price of", "higher than the base price",
	}},
	{RolePrior, []string{
		"原合同租金", "原合同", "原租金", "原合同年租金", "原合同价", "原合同金额", "原年租金", "上一轮租金", "上轮租金", "上轮成交价", "上期合同", "原承包款",
		"原合同成交价", "原成交价", "prior contract",
	}},
	{RoleBudget, []string{"预算", "预算价", "预算金额", "预算总额", "控制价", "招标控制价", "最高限价", "拦标价", "采购预算", "budget"}},
	{RoleAward, []string{"中标", "中标价", "中标金额", "中标总价", "中标额", "中标总额", "中标价格", "定标价", "award"}},
	{RoleSaving, []string{"节资", "节资额", "节资金额", "节约资金", "节约", "节约金额", "节省", "节省资金", "节支", "saving"}},
}

// percentWords does the same for percentages.
var percentWords = []roleWord{
	{RoleRate, []string{
		"溢价率", "溢价比例", "溢价幅度", "溢价比", "溢价", "增值率", "高于底价", "高出底价", "超出底价", "比底价高", "较底价高", "较底价溢价", "较底价高出",
		"比底价高出", "较底价增长", "较底价上涨", "比底价上涨", "比底价增长", "高于起拍价", "高出起拍价", "高于起始价", "高出起始价", "premium rate", "premium",
	}},
	{RoleSavingRate, []string{"节资率", "节约率", "节支率", "资金节约率", "节约资金率", "下浮率", "saving rate"}},
	{RoleCompletion, []string{"完成率", "完成比例", "任务完成率", "完成进度", "达成率", "进度", "completion rate", "完成任务的", "完成目标的", "完成计划的"}},
}

// neutralWords may stand between a name and its number without changing what is named.
var neutralWords = []string{
	"合计", "总计", "共计", "累计", "总额", "总价", "总金额", "金额", "合同", "总", "共", "计", "为", "是", "达到", "高达", "达", "到", "约", "近", "超过", "超", "逾",
	"约为", "大约", "等于", "均为", "均", "分别为", "分别", "各为", "各", "有", "了", "的", "实现", "已", "人民币", "rmb", "cny", "¥", ":", " ", "=", "|", "只有", "仅", "仅为",
	"在", "约合", "折合", "合", "of", "was", "is", "were", "are", "the", "a", "about", "at", "元", "-", "\"", "“", "”", "每亩", "每年", "每月", "每平方米", "每亩每年", "额", "则", "即", "也", "由", "从",
	"最终", "确定",
}

// earlierWords mark figures of another time; extremeWords figures of one lot among many; changeWords differences.
var (
	earlierWords = []string{"去年", "上年", "往年", "同期", "前年", "此前", "改革前", "以前", "上一年", "上半年同期", "last year"}
	extremeWords = []string{"最高", "最低", "最大", "最小", "最多", "最少", "单宗", "单个", "单笔", "个别", "首宗", "highest", "lowest"}
	averageWords = []string{"平均", "均价", "亩均", "人均", "户均", "average", "mean"}
	changeWords  = []string{
		"增长", "增加", "增收", "增幅", "上涨", "涨幅", "涨", "提高", "上升", "提升", "下降", "减少", "降低", "降幅", "回落", "下滑", "同比", "环比", "增资", "翻",
		"growth", "grew", "increase", "rose", "up by", "增",
	}
	completionWords = []string{"任务", "目标", "计划", "完成"}
	termWords       = []string{"租期", "期限", "流转", "为期", "承包期", "出租", "年限", "租赁期", "经营期", "使用期", "合同期", "发包期", "承包", "租赁", "流转期", "for", "term"}
	floorWords      = []string{"建筑面积", "拆除面积", "建筑", "厂房面积", "房屋面积", "套内面积"}
	escalationWords = []string{"递增", "免租", "押金", "保证金", "每5年", "每3年", "每五年", "每三年", "上浮", "装修期", "分成", "税", "补贴"}
)

// afterHammer and afterBase name a figure from behind: 以6.1万元/年成交, 从4.5万元/年起拍.
var (
	afterHammer = []string{"成交", "竞得", "中标", "落槌", "拍出", "摘牌", "拿下", "租出", "发包成功", "签约", "摘得", "被竞得", "售出"}
	afterBase   = []string{"起拍", "起租", "起价", "起叫", "为底价", "的底价", "的起拍价", "的起始价", "挂牌", "作为底价", "底价"}
	afterFiller = []string{"的", "总价", "价格", "高价", "单价", "价", "最终", "成功", "顺利", "公开", "一次性", "被", "年租金", "租金", ")", " "}
)

// codeOrder is the order in which findings are listed.
var codeOrder = []string{
	"premium_is_hammer_total", "premium_is_base_total", "base_is_hammer_total", "base_is_premium", "hammer_total_is_premium", "hammer_is_base_total",
	"contract_total_is_base_total", "contract_total_is_premium", "rate_is_hammer_over_base", "saving_called_premium", "multiple_called_growth", "growth_called_multiple",
	"rate_on_hammer_total", "rate_is_simple_mean", "rate_on_first_year", "rate_against_prior_contract", "saving_rate_on_award", "higher_than_or_by", "contract_total_means_either",
	"rate_mismatch", "premium_mismatch", "saving_mismatch", "price_times_quantity_off", "parts_do_not_sum", "unit_conversion_off", "completion_rate_off", "share_off", "growth_off",
	"units_mixed", "differs_from_record",
	"rate_truncated", "figure_truncated", "rounding_gap", "remainder_unnamed", "saving_not_premium", "matches_record",
}
