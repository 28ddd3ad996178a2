package web

import (
	"encoding/json"
	"strconv"
	"strings"

	"mingzhang/ledger"
)

// kindNames are the kinds of records of a book in words, in the order of a filter.
func kindNames() []recordKind {
	return []recordKind{
		{"lot", "lots", ledger.Text{ZH: "标的", EN: "lot"}},
		{"parcel", "parcels", ledger.Text{ZH: "宗地", EN: "parcel"}},
		{"verification", "verifications", ledger.Text{ZH: "核查", EN: "verification"}},
		{"import", "imports", ledger.Text{ZH: "导入", EN: "import"}},
		{"review", "", ledger.Text{ZH: "复核", EN: "review"}},
		{"report", "reports", ledger.Text{ZH: "报告", EN: "report"}},
		{"person", "", ledger.Text{ZH: "人员", EN: "person"}},
		{"erasure", "", ledger.Text{ZH: "依法删除", EN: "erasure by law"}},
		{"book", "", ledger.Text{ZH: "账簿", EN: "book"}},
	}
}

// recordKind is a kind of record, and the address of its records below the book, if they have pages.
type recordKind struct {
	code, path string
	name       ledger.Text
}

// nameOfKind finds a kind by the first word of an entry's kind; one that nobody knows is called by its code.
func nameOfKind(entryKind string) recordKind {
	code, _, _ := strings.Cut(entryKind, ".")
	for _, k := range kindNames() {
		if k.code == code {
			return k
		}
	}
	return recordKind{code: code, name: ledger.Text{ZH: code, EN: code}}
}

// entryTitle says in words what an entry did: 更正标的.
func entryTitle(entryKind string) ledger.Text {
	name := nameOfKind(entryKind).name
	_, did, _ := strings.Cut(entryKind, ".")
	switch did {
	case "recorded":
		switch entryKind {
		case "import.recorded":
			return ledger.Text{ZH: "导入文件", EN: "file imported"}
		case "person.recorded":
			return ledger.Text{ZH: "登记人员", EN: "person recorded"}
		case "erasure.recorded":
			return ledger.Text{ZH: "依法删除", EN: "texts erased by law"}
		}
		return ledger.Text{ZH: "录入" + name.ZH, EN: name.EN + " recorded"}
	case "amended":
		return ledger.Text{ZH: "更正" + name.ZH, EN: name.EN + " amended"}
	case "voided":
		return ledger.Text{ZH: "作废" + name.ZH, EN: name.EN + " voided"}
	case "approved":
		return ledger.Text{ZH: "复核通过", EN: "approved"}
	case "returned":
		return ledger.Text{ZH: "复核退回", EN: "returned"}
	case "issued":
		return ledger.Text{ZH: "签发报告", EN: "report issued"}
	case "opened":
		return ledger.Text{ZH: "开立账簿", EN: "book opened"}
	case "disclosed":
		return ledger.Text{ZH: "公开账簿", EN: "book disclosed"}
	case "closed":
		return ledger.Text{ZH: "关闭公开", EN: "disclosure switched off"}
	case "rekeyed":
		return ledger.Text{ZH: "更换签名密钥", EN: "signing keys changed"}
	case "reopened":
		return ledger.Text{ZH: "以新来源名重新起用", EN: "reopened under a new origin"}
	}
	return ledger.Text{ZH: entryKind, EN: entryKind}
}

// entryChip shows what an entry did by tone.
func entryChip(lang ledger.Lang, entryKind string) *Chip {
	_, did, _ := strings.Cut(entryKind, ".")
	tone := map[string]string{"voided": "off", "approved": "good", "returned": "bad", "amended": "wait"}[did]
	return &Chip{tone, entryTitle(entryKind).In(lang)}
}

// sealedName is a sealed text's field in words.
func sealedName(field string) ledger.Text {
	if name, ok := map[string]ledger.Text{
		"name": {ZH: "姓名", EN: "name"}, "reason": {ZH: "原因", EN: "reason"}, "remark": {ZH: "备注", EN: "remark"},
		"file_name": {ZH: "文件名", EN: "file name"}, "other_columns": {ZH: "其他列的原文", EN: "text of other columns"},
		"conclusion_text": {ZH: "结论的原文", EN: "text of the conclusion"}, "use_state_text": {ZH: "使用状况的原文", EN: "text of the use"},
	}[field]; ok {
		return name
	}
	return ledger.Text{ZH: field, EN: field}
}

// entrySubject names what an entry is about, as far as its own bytes say it.
func entrySubject(lang ledger.Lang, e ledger.LogEntry) string {
	var raw struct {
		State struct {
			LotNo      string     `json:"lot_no"`
			Listing    int64      `json:"listing"`
			ParcelNo   string     `json:"parcel_no"`
			Parcel     int64      `json:"parcel"`
			VerifiedOn ledger.Day `json:"verified_on"`
			Records    int64      `json:"records"`
			Entry      int64      `json:"entry"`
			What       string     `json:"what"`
			Code       string     `json:"code"`
			From       ledger.Day `json:"from"`
			To         ledger.Day `json:"to"`
		} `json:"state"`
	}
	if err := json.Unmarshal(e.Body, &raw); err != nil {
		return none // an entry of a shape that this program does not know
	}
	s := raw.State
	switch nameOfKind(e.Kind).code {
	case "lot":
		if s.Listing > 1 {
			return s.LotNo + ledger.Text{ZH: "（第 " + strconv.FormatInt(s.Listing, 10) + " 次上市）", EN: " (listing " + strconv.FormatInt(s.Listing, 10) + ")"}.In(lang)
		}
		return s.LotNo
	case "parcel":
		return s.ParcelNo
	case "verification":
		parcel := strconv.FormatInt(s.Parcel, 10)
		return s.VerifiedOn.String() + ledger.Text{ZH: "（第 " + parcel + " 条的宗地）", EN: " (parcel of entry " + parcel + ")"}.In(lang)
	case "import":
		what := map[string]ledger.Text{"lots": {ZH: "标的", EN: "lots"}, "parcels": {ZH: "宗地", EN: "parcels"}}[s.What]
		return strings.TrimSpace(what.In(lang) + " " + strconv.FormatInt(s.Records, 10) + ledger.Text{ZH: " 条", EN: ""}.In(lang))
	case "report":
		return s.From.String() + ledger.Text{ZH: " 至 ", EN: " to "}.In(lang) + s.To.String()
	case "review":
		return seqno(lang, s.Entry)
	case "book":
		return s.Code
	}
	return none
}

// recordURL is the page of a record; "" for kinds whose records have none.
func recordURL(book, entryKind string, record int64) string {
	k := nameOfKind(entryKind)
	if k.path == "" {
		return ""
	}
	return bookPath(book, k.path, strconv.FormatInt(record, 10))
}
