package statement_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"mingzhang/ledger"
	"mingzhang/ledger/statement"
)

// figuresIn prints the figures of a text as value, unit and role.
func figuresIn(t *testing.T, text string) []string {
	t.Helper()
	all := []string{}
	for _, c := range check(t, text).Clauses {
		for _, f := range c.Figures {
			s := f.Value + " " + f.Unit
			if f.Role != "" {
				s += " " + string(f.Role)
			}
			if f.Approximate != "" {
				s += " " + f.Approximate
			}
			all = append(all, s)
		}
	}
	return all
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"共37宗":                        {"37 宗 count"},
		"溢价3324.74万元":                 {"33247400 yuan premium"},
		"溢价率４３．２８％":                   {"0.4328 fraction premium_rate"},
		"面积422.02亩":                   {"422.02 mu area"},
		"收入１，２３４．５元":                  {"1234.5 yuan"},
		"流转3.3万亩":                     {"33000 mu area"},
		"成交额24.55亿元":                  {"2455000000 yuan hammer"},
		"投资5千元":                       {"5000 yuan"},
		"底价4.5万元/年":                   {"45000 yuan/12 months base"},
		"底价15元/㎡·月":                   {"15 yuan/0.0015 mu/1 months base"},
		"底价每亩每年1900元":                 {"1900 yuan/1 mu/12 months base"},
		"租期2年7个月":                     {"31 months term"},
		"租期3年半":                       {"42 months term"},
		"面积3亩2分":                      {"3.2 mu area"},
		"面积38253平方米":                  {"57.3795 mu area"},
		"面积742.4295公顷":                {"11136.4425 mu area"},
		"面积400余亩":                     {"400 mu area 余"},
		"面积约5万余平方米":                   {"75 mu area 余"},
		"面积约合422.02亩":                 {"422.02 mu area"}, // converted, not approximate
		"面积约422亩":                     {"422 mu area 约"},
		"近30宗":                        {"30 宗 count 近"},
		"标段6856个":                     {"6856 个 count"},
		"底价¥100万":                     {"1000000 yuan base"},
		"premium RMB 47.6363 million": {"47636300 yuan premium"},
		"溢价(万元):1438.89":              {"14388900 yuan premium"},
		"两块地":                         {"2 块 count"},
		"增长五倍":                        {"5 times growth"},
		"增长百分之四十三点二八":                 {"0.4328 fraction growth"},
		"增长到5倍":                       {"5 times multiple"},
		"利润增长-5.2%":                   {"-0.052 fraction growth"},
		"提高5个百分点":                     {"0.05 fraction change_of_rate"},
		"去年同期成交额100万元":                {"1000000 yuan earlier"},
		"最高溢价率220%":                   {"2.2 fraction extreme"},
		"平均溢价率12%":                    {"0.12 fraction average_rate"},
		// no figures: dates, ordinals, numbers of papers, telephones, bare numbers
		"2021年6月30日上午9:30":                {},
		"2021年上半年":                        {},
		"2021-06-30、2021/6/30、2021.6.30":  {},
		"第24条第3款":                         {},
		"电话0758-2812345":                  {},
		"粤府办〔2009〕41号":                    {},
		"440981199001011234567890123456元": {},
		"一、基本情况":                          {},
		"A4纸、G20、m2":                      {},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if got := figuresIn(t, text); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// Spans are bytes of the text as it was given, full-width digits and all.
func TestFigures_Spans(t *testing.T) {
	t.Parallel()
	const text = "  第一句没有数字。底价３３２４．７４万元，溢价率４３．２８％。"
	j := check(t, text)
	if len(j.Clauses) != 1 {
		t.Fatalf("got %d clauses, want 1", len(j.Clauses))
	}
	for i, want := range []string{"３３２４．７４万元", "４３．２８％"} {
		f := j.Clauses[0].Figures[i]
		if f.Text != want || text[f.Start:f.End] != want {
			t.Errorf("got %q at %d..%d, want %q", f.Text, f.Start, f.End, want)
		}
	}
}

// A report's verdict is the worst of its clauses'; clauses without figures are left out.
func TestCheck_WholeReport(t *testing.T) {
	t.Parallel()
	const good = "上半年工作总结\n一、资产交易\n平台成交284宗,年底价合计2087.56万元,成交年金额2333.62万元,总溢价率11.79%。\n"
	const bare = "二、土地核查\n核查留用地、自用地41宗,面积约合422.02亩;核查国有资产42宗,面积约合174.68亩。\n"
	const other = "累计成交标段6856个,成交总额24.55亿元,溢价额3.94亿元,溢价率16%。\n"
	const unclear = "18口鱼塘以11.42万元成交,高于底价5.29万元。\n"
	const wrong = "合同总标的3324.74万元,溢价4763.63万元,溢价率43.28%。\n"
	const bad = "底价100万元,成交价120万元,溢价率30%。\n"
	text := ""
	for i, step := range []struct {
		add  string
		want statement.Verdict
		exit int
	}{
		{good, statement.Consistent, 0}, {bare, statement.Insufficient, 0}, {other, statement.OtherDefinition, 3},
		{unclear, statement.Ambiguous, 3}, {wrong, statement.Mislabelled, 3}, {bad, statement.Contradictory, 3}, {good, statement.Contradictory, 3},
	} {
		text += step.add
		got := check(t, text)
		if got.Verdict != step.want || got.Verdict.ExitStatus() != step.exit {
			t.Errorf("step %d: got %s, exit %d, want %s, exit %d", i, got.Verdict, got.Verdict.ExitStatus(), step.want, step.exit)
		}
	}
}

// A real report's paragraphs: dates, papers, persons, plans, ranges and growth without partners accuse nobody. Invented,
// but for the two sentences of figures.
func TestCheck_ReportWithoutMistakes(t *testing.T) {
	t.Parallel()
	const report = `2021年上半年农村集体资产管理工作总结
今年以来,我街认真贯彻《广东省农村集体资产管理条例》(2016年7月1日起施行)及粤府办〔2009〕41号文件精神,共召开专题会议12次,培训58人次,下发通知3份。全街现有经济联社12个、经济社86个,股民2.3万人。
(一)资产交易。1-6月,平台成交284宗,年底价合计2087.56万元,成交年金额2333.62万元,总溢价率11.79%。其中,物业类210宗、土地类74宗。第二季度较第一季度增加32宗。
(二)土地核查。核查留用地、自用地41宗,面积约合422.02亩;核查国有资产42宗,面积约合174.68亩。闲置率由15.2%下降到9.8%,降低5.4个百分点。完成全年任务的56%。
(三)合同清理。清理合同1230份,其中到期合同310份、超长期合同85份,追缴租金683.47万元,收缴率98.5%。
(四)经济指标。规模工业产值15.1亿元,同比增长21.93%;固定资产投资8.2亿元,下降3.5%;农民人均可支配收入3.2万元,增长8%左右。
二、存在问题
一是个别村3宗资产未公开交易,涉及金额约20万元;二是12-15%的合同租金偏低,每亩仅300-500元;三是2018年以前签订的合同中,租期20年以上的有15份,占1.2%。
三、下一步计划
力争年底完成交易600宗、成交额5000万元以上,溢价率保持在10%以上。联系人:张三,电话0758-2812345。`
	j := check(t, report)
	if j.Verdict != statement.Insufficient || !slices.Equal(codesOf(j.Findings), []string{"remainder_unnamed"}) {
		t.Errorf("got %s %v, want insufficient and the unnamed contracts", j.Verdict, j.Findings)
	}
}

func TestCheck_Refusals(t *testing.T) {
	t.Parallel()
	for reason, text := range map[string]string{
		"statement.too_long":         strings.Repeat("的", statement.TextBytesMax/3+1),
		"statement.not_text":         "溢价\xff\xfe",
		"statement.too_many_figures": strings.Repeat("1亩", statement.FiguresMax+1),
	} {
		_, err := statement.Check(text, nil)
		if !errors.Is(err, ledger.E(ledger.Invalid, reason)) {
			t.Errorf("got %v, want %s", err, reason)
		}
	}
	if _, err := statement.Check("溢价\x00", nil); err == nil {
		t.Error("a NUL byte was taken for text")
	}
}

// Figures beyond the limit of a clause are listed and not cross-checked.
func TestCheck_LongClause(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 3 * statement.ClauseFiguresMax {
		fmt.Fprintf(&b, "第%d组%d.5亩,", i, i)
	}
	j := check(t, b.String())
	if len(j.Clauses) != 1 || len(j.Clauses[0].Figures) != 3*statement.ClauseFiguresMax || j.Verdict != statement.Insufficient {
		t.Errorf("got %d clauses, %s; want one with all its figures, insufficient", len(j.Clauses), j.Verdict)
	}
}
