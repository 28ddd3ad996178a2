package landcheck

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mingzhang/ledger"
)

// isOrganisation tells whether a holder is recognisably an organisation, whose name may stand in clear in an
// entry that is kept for ever. All others are taken for persons and sealed: an organisation that is sealed
// costs a number in its place, a person in clear cannot be taken back. So every part of the text, also one
// in brackets, has to end as the names of organisations do:
//
//   - in a word that given names do not end in (经济联合社, 街道, 公司), or
//   - in a single character of them (村, 社, 局) where the two to four characters at the end are not a surname
//     with a given name (青禾村 is a village, 王建村 and 村民王建村 are taken for a person).
//
// A text of two to four characters that may be a surname with a given name is a person whatever it ends in.
//
// It goes by the ending, because what only contains such a word may name a person: 青禾村村民张三.
func isOrganisation(text string) bool {
	parts := strings.FieldsFunc(strings.NewReplacer("（", "(", "）", ")").Replace(ledger.Normal(text)), func(r rune) bool {
		return strings.ContainsRune("()[]【】〔〕、,，;；:：/／|和与及 ", r)
	})
	named := false
	for _, part := range parts {
		switch {
		case slices.Contains(additions(), part), utf8.RuneCountInString(part) == 1: // 永和村委会
		case endsAsOrganisation(part):
			named = true
		default:
			return false
		}
	}
	return named
}

// additions stand in brackets behind the name of an organisation and name nobody.
func additions() []string {
	return []string{"虚构", "示例", "筹", "筹建", "原", "盖章", "公章"}
}

func endsAsOrganisation(part string) bool {
	if strings.ContainsFunc(part, func(r rune) bool { return !unicode.Is(unicode.Han, r) && (r < '0' || r > '9') }) || longNumber(part) {
		return false
	}
	runes := []rune(part)
	if len(runes) <= 4 && personAt(runes, len(runes)) {
		return false // 方大学
	}
	for _, word := range organisationWords() {
		if strings.HasSuffix(part, word) {
			return true
		}
	}
	if len(runes) < 2 || !strings.ContainsRune(organisationCharacters, runes[len(runes)-1]) {
		return false
	}
	for n := 2; n <= min(4, len(runes)); n++ {
		if personAt(runes, n) {
			return false
		}
	}
	return true
}

// personAt tells whether the last n characters may be a surname with a given name of one or two characters.
func personAt(runes []rune, n int) bool {
	tail := runes[len(runes)-n:]
	return n >= 2 && n <= 3 && strings.ContainsRune(surnames, tail[0]) ||
		n >= 3 && n <= 4 && slices.Contains(doubleSurnames(), string(tail[:2]))
}

// longNumber finds what may be a telephone or identity number.
func longNumber(s string) bool {
	digits := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			digits = 0
			continue
		}
		if digits++; digits > 5 {
			return true
		}
	}
	return false
}

// organisationWords are endings of two characters and more.
func organisationWords() []string {
	return []string{
		"村委", "村委会", "居委", "居委会", "委员会", "村民组", "村小组", "村民小组", "居民小组", "经济社", "合作社", "联合社", "联社", "股份社",
		"集体", "村集体", "街道", "街道办", "办事处", "办公室", "人民政府", "政府", "公司", "工厂", "集团", "银行", "信用社", "供销社", "中心",
		"单位", "学校", "小学", "中学", "大学", "学院", "幼儿园", "医院", "卫生院", "卫生站", "卫生所", "敬老院", "福利院", "水利所", "水利站",
		"财政所", "国土所", "派出所", "管理所", "管理处", "管理局", "管理站", "服务站", "分局", "总局", "支局", "支队", "大队", "生产队", "工作队",
		"协会", "联合会", "合作会", "基金会", "总会", "商会", "村社区", "社区", "林场", "农场", "养殖场", "市场", "电站", "水厂", "支行", "分行", "分社",
		"事务部", "事务所", "项目部", "指挥部", "支部", "总部", "部队", "法院", "检察院", "宗祠", "祠堂",
	}
}

// organisationCharacters are the single characters that names of organisations end in.
const organisationCharacters = "村社组镇乡办局委厂院所站会队部处厅"

// surnames are the frequent ones, and those that the region of the first users adds. A rare one costs nothing
// unless its bearer's given name ends in one of organisationCharacters.
const surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方" +
	"石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时" +
	"舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边净阴闫骆古麦冼区岑招利岳鄢卓蓝闻党宫苟简冷穆尚滕佟邬奚相晏应" +
	"喻褚娄窦云葛郎花鲍酆廉滑郜巫池储井富乌焦巴弓隗全班仰秋仲伊仇栾暴厉戎祖符束印宿怀蒲从鄂索咸籍卓蔺屠蒙乐胥苍莘翟贡劳逄姬扶堵冉宰雍桑濮扈燕冀浦农别晏柴瞿慕茹习宦艾鱼容慎戈庾终暨居衡步都耿满弘匡寇广禄东沃越夔隆师巩厍晁勾敖融訾辛阚那饶空曾毋沙乜养鞠须丰巢蒯后荆红游竺权盖益桓公肖付代覃仝揭幸邝丘凃粟明练"

// doubleSurnames are surnames of two characters.
func doubleSurnames() []string {
	return []string{"欧阳", "司徒", "司马", "上官", "诸葛", "皇甫", "东方", "尉迟", "公孙", "慕容", "令狐", "夏侯", "端木", "长孙", "宇文", "鲜于", "独孤", "南宫"}
}
