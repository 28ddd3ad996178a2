package landcheck

import (
	"testing"

	"pgregory.net/rapid"
)

func TestIsOrganisation(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"示例青禾村经济联合社", "示例新围第三经济合作社", "示例沙尾社区股份合作经济社", "示例街道办事处（虚构）", "示例区资产中心(虚构)", "示例水利所（虚构）",
		"示例街道中心小学（虚构）", "示例街道卫生院（虚构）", "示例街道敬老院（虚构）", "青禾村", "示例甲村", "石桥村委会", "青禾村第3村民小组", "示例区财政局", "示例镇",
		"青禾村经济联合社、望塘村经济联合社", "青禾村 经济联社", "示例物业管理有限公司", "青禾村（青禾经济联合社）", "和平村委会", "永和村委会", "欧阳村民小组",
	} {
		if !isOrganisation(text) {
			t.Errorf("%s is taken for a person, want an organisation", text)
		}
	}
	for _, text := range []string{
		"", " ", "（虚构）", "张三", "张　三", "张村生", "欧阳修", "王建村", "王学会", "陈望乡", "李社", "王镇", "方大学", "欧阳建村", "上官云村", "买买提", "村", "村民",
		"青禾村村民张三", "村民王建村", "青禾村张三", "张三（青禾村）", "青禾村委会（张三）", "张三、青禾村委会", "张三和青禾村委会", "王和村", "张三 青禾村委会", "青禾村委会:李四",
		"青禾村委会主任李四", "青禾村委会13800138000", "441202199001011234青禾村委会", "John Smith", "p17", "?", "张三等五户", "张三村A", "国家",
	} {
		if isOrganisation(text) {
			t.Errorf("%s is taken for an organisation, want a person", text)
		}
	}
}

// A surname with a given name of one or two characters never stands in clear, whatever the given name is.
func TestIsOrganisation_Names(t *testing.T) {
	t.Parallel()
	endings := []rune(organisationCharacters + "学体道司团行府位校心区场")
	rapid.Check(t, func(rt *rapid.T) {
		name := string(rapid.SampledFrom([]rune(surnames)).Draw(rt, "surname"))
		if rapid.Bool().Draw(rt, "double") {
			name = rapid.SampledFrom(doubleSurnames()).Draw(rt, "double surname")
		}
		if rapid.Bool().Draw(rt, "two") {
			name += rapid.StringMatching(`[一-龥]`).Draw(rt, "first")
		}
		name += string(rapid.SampledFrom(endings).Draw(rt, "last"))
		if isOrganisation(name) {
			rt.Errorf("%s is taken for an organisation", name)
		}
	})
}
