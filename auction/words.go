package auction

import (
	"slices"
	"strings"

	"mingzhang/ledger"
)

// Outcome is how a listing ended.
type Outcome string

// The outcomes. Only Hammered, Confirmed and Disputed lots enter premium sums.
const (
	Hammered   Outcome = "hammered"   // 成交
	Confirmed  Outcome = "confirmed"  // 成交并已签约
	Disputed   Outcome = "disputed"   // 异议, not yet settled
	Defaulted  Outcome = "defaulted"  // 弃拍: the winner walked away
	Terminated Outcome = "terminated" // 终止
	Unsold     Outcome = "unsold"     // 流拍
	Withdrawn  Outcome = "withdrawn"  // 撤牌 by the owner
)

// Sold tells whether a lot of this outcome enters premium sums.
func (o Outcome) Sold() bool { return o == Hammered || o == Confirmed || o == Disputed }

// Listable tells whether the lot may be listed again after it.
func (o Outcome) Listable() bool { return !o.Sold() }

// hasHammer tells whether a hammer price can belong to it: something was sold, if only for a while.
func (o Outcome) hasHammer() bool { return o != Unsold && o != Withdrawn }

// word is a code with its names and what tables call it.
type word struct {
	code    string
	name    ledger.Text
	aliases []string
}

// find gives the code of a word; ok is false for an unknown one.
func find(list []word, text string) (code string, ok bool) {
	folded := strings.ToLower(ledger.Fold(text))
	for _, w := range list {
		if folded == w.code || folded == w.name.ZH || folded == ledger.Fold(w.name.EN) || slices.Contains(w.aliases, folded) {
			return w.code, true
		}
	}
	return "", false
}

func nameOf(list []word, code string) ledger.Text {
	for _, w := range list {
		if w.code == code {
			return w.name
		}
	}
	return ledger.Text{ZH: code, EN: code}
}

func outcomes() []word {
	return []word{
		{"hammered", ledger.Text{ZH: "成交", EN: "hammered"}, []string{"已成交", "交易成功", "成交公示", "结果公示", "中标", "竞得", "sold"}},
		{"confirmed", ledger.Text{ZH: "已签约", EN: "contract signed"}, []string{"签约", "已签合同", "已签订合同", "合同签订", "完成交易", "交易完成", "交易结束", "已备案", "signed"}},
		{"disputed", ledger.Text{ZH: "异议", EN: "disputed"}, []string{"有异议", "争议"}},
		{"defaulted", ledger.Text{ZH: "弃拍", EN: "defaulted"}, []string{"悔拍", "弃标", "违约", "放弃", "弃租"}},
		{"terminated", ledger.Text{ZH: "终止", EN: "terminated"}, []string{"项目终止", "终止交易", "合同终止", "中止"}},
		{"unsold", ledger.Text{ZH: "流拍", EN: "unsold"}, []string{"流标", "未成交", "交易失败", "失败", "无人报名", "无人竞投"}},
		{"withdrawn", ledger.Text{ZH: "撤牌", EN: "withdrawn"}, []string{"撤回", "撤销", "撤标", "撤拍", "取消"}},
	}
}

// Name is the outcome in words.
func (o Outcome) Name() ledger.Text { return nameOf(outcomes(), string(o)) }

// tradeKinds are the sorts of trade (交易类别).
func tradeKinds() []word {
	return []word{
		{"lease", ledger.Text{ZH: "出租", EN: "lease"}, []string{"租赁", "招租", "续租"}},
		{"contract_out", ledger.Text{ZH: "发包", EN: "contract out"}, []string{"承包", "承包发包"}},
		{"grant", ledger.Text{ZH: "出让", EN: "grant"}, nil},
		{"transfer", ledger.Text{ZH: "转让", EN: "transfer"}, []string{"出售", "变卖", "处置", "拍卖"}},
		{"share", ledger.Text{ZH: "入股", EN: "contribution as share"}, []string{"折价入股", "入股(合作)"}},
		{"cooperation", ledger.Text{ZH: "合作", EN: "cooperation"}, []string{"合作建设", "合作开发"}},
		{"lease_with_share", ledger.Text{ZH: "出租+分成", EN: "lease with share"}, []string{"分成"}},
		{"procurement", ledger.Text{ZH: "采购", EN: "procurement"}, []string{"工程招标", "反向竞价", "采购招标", "服务采购", "工程建设"}},
	}
}

// methods are the ways to trade (交易方式).
func methods() []word {
	return []word{
		{"online_bidding", ledger.Text{ZH: "网上竞投", EN: "online bidding"}, []string{"网络竞价", "网上竞价", "网上交易", "网上竞投(批量)", "公开竞投", "公开竞价", "公开竞价交易"}},
		{"live_bidding", ledger.Text{ZH: "现场竞价", EN: "live bidding"}, []string{"现场竞投", "现场举牌竞价", "举牌竞价", "拍卖", "现场拍卖"}},
		{"simple_bidding", ledger.Text{ZH: "简易竞投", EN: "simple bidding"}, nil},
		{"written_bidding", ledger.Text{ZH: "书面竞投", EN: "written bidding"}, []string{"明标暗投", "明底暗投", "暗标"}},
		{"tender", ledger.Text{ZH: "招标", EN: "tender"}, []string{"公开招标", "招投标"}},
		{"listing", ledger.Text{ZH: "挂牌", EN: "listing"}, nil},
		{"negotiation", ledger.Text{ZH: "公开协商", EN: "open negotiation"}, []string{"竞争性谈判", "磋商", "磋商交易", "遴选"}},
		{"direct_agreement", ledger.Text{ZH: "协议", EN: "agreement"}, []string{"协议租赁", "协议出租"}},
		{"fixed_price", ledger.Text{ZH: "定价招租", EN: "fixed-price letting"}, []string{"定价出租"}},
		{"renewal", ledger.Text{ZH: "续约", EN: "renewal"}, []string{"续约交易", "续租", "续包"}},
		{"small_asset", ledger.Text{ZH: "小额资产交易", EN: "small asset"}, []string{"小额", "小额交易", "小额零星"}},
	}
}

// uncompetitive are the methods that have no competition: counted, and shown apart.
func uncompetitive() []string {
	return []string{"direct_agreement", "fixed_price", "renewal", "small_asset"}
}

// The directions of a trade. Procurement never enters a premium: its price goes down.
const (
	Sale        = "sale"
	procurement = "procurement"
)
