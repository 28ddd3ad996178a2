package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

func typedParcel(no string) url.Values {
	return url.Values{
		"parcel_no": {no}, "name": {"村口空地（虚构）"}, "owner": {"collective"}, "category": {"reserved_land"}, "holder": {"示例村经济联合社"},
		"registered_area": {"7,655㎡"}, "do": {"record"},
	}
}

// 7,655 ㎡ × 0.0015 = 11.4825 mu; 0.8 hectare = 12 mu.
func TestParcels_EnterVerifyReviewVoid(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-land")
	b.post("/books/demo/parcels/preview", typedParcel("虚构宗-1"), http.StatusOK, "11.4825")
	b.post("/books/demo/parcels/preview", url.Values{"verified_area": {"0.8公顷"}}, http.StatusOK, "12.00")
	bad := typedParcel("虚构宗-1")
	bad.Set("registered_area", "七亩半多")
	bad.Set("name", "<b>地</b>")
	b.post("/books/demo/parcels", bad, http.StatusUnprocessableEntity, `id="registered_area-fault"`, "七亩半多", "&lt;b&gt;地")
	w := b.posted("/books/demo/parcels", typedParcel("虚构宗-1"))
	path, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(path, "/books/demo/parcels/") {
		t.Fatalf("entering a parcel: %d %s\n%s", w.Code, path, w.Body)
	}
	b.get(path, http.StatusOK, "村口空地（虚构）", "11.4825", "还没有核查过", "待复核")
	visit := url.Values{"verified_on": {"2021-4-1"}, "verified_area": {"0.8公顷"}, "officers": {"甲（虚构）、乙（虚构）"}, "conclusion": {"面积不符"}}
	b.post(path+"/verifications", url.Values{"verified_area": {"1"}}, http.StatusUnprocessableEntity, `id="verified_on-fault"`)
	b.post(path+"/verifications", visit, http.StatusSeeOther)
	page := b.get(path+"?done=verified", http.StatusOK, "核查已记录", "12.00", "面积不符", "甲（虚构）、乙（虚构）")
	b.post(path+"/verifications", visit, http.StatusConflict, "2021-04-01")
	verification := regexp.MustCompile(`/books/demo/verifications/\d+`).FindString(page)
	b.get(verification+"?lang=en", http.StatusOK, "Verified area", "12.00")
	seen := regexp.MustCompile(`name="seen" value="(\d+)"`)
	first := seen.FindStringSubmatch(b.get(verification+"/amend", http.StatusOK, `value="12.00"`))[1]
	visit.Set("verified_area", "11.9")
	visit.Set("seen", first)
	b.post(verification+"/amend", visit, http.StatusUnprocessableEntity, `id="reason-fault"`)
	visit.Set("reason", "按测绘成果")
	b.post(verification+"/amend", visit, http.StatusSeeOther)
	visit.Set("verified_area", "11.8")
	b.post(verification+"/amend", visit, http.StatusPreconditionFailed, "他人已先改动", `value="11.8"`)

	b.as("demo-reviewer")
	now := seen.FindStringSubmatch(b.get(verification, http.StatusOK, "复核通过"))[1]
	b.post(verification+"/review", url.Values{"verdict": {"approved"}, "seen": {now}}, http.StatusSeeOther)
	b.post(verification+"/review", url.Values{"verdict": {"approved"}, "seen": {now}}, http.StatusConflict)
	b.get("/books/demo/parcels?verified=yes&search="+url.QueryEscape("虚构宗"), http.StatusOK, "11.90")

	b.as("demo-land")
	parcelSeen := seen.FindStringSubmatch(b.get(path+"/amend", http.StatusOK, `value="11.4825"`))[1]
	b.post(path+"/void", url.Values{"seen": {parcelSeen}}, http.StatusUnprocessableEntity, `id="reason-fault"`)
	b.post(path+"/void", url.Values{"seen": {parcelSeen}, "reason": {"重复"}}, http.StatusSeeOther)
	b.get(path, http.StatusOK, "已作废", "重复")
	b.get(verification, http.StatusOK, "已作废")
	b.get("/books/demo/parcels?search="+url.QueryEscape("虚构宗"), http.StatusOK, "没有符合条件的宗地")
	b.get("/books/demo/parcels/999999", http.StatusNotFound)
	b.get("/books/demo/verifications/999999", http.StatusNotFound)
}

func TestParcels_API(t *testing.T) {
	t.Parallel()
	b := demo(t)
	b.as("demo-land")
	const parcels = "/api/v1/books/demo/parcels"
	w := b.api("POST", parcels, `{"parcel_no":"虚构宗-2","owner":"state","category":"state_asset","registered_area":"1公顷"}`)
	b.wantJSON(w, http.StatusCreated, "size", b.size())
	path := w.Header().Get("Location")
	one := b.api("GET", path, "")
	b.wantJSON(one, http.StatusOK, "registered_area_mu", "15.00")
	b.wantJSON(one, http.StatusOK, "verdict", "waiting")
	tag := one.Header().Get("ETag")
	w = b.api("POST", path+"/verifications", `{"verified_on":"2021-04-02","verified_area":"14.5"}`)
	b.wantJSON(w, http.StatusCreated, "size", b.size())
	b.wantJSON(b.api("GET", w.Header().Get("Location"), ""), http.StatusOK, "verified_area_mu", "14.50")
	b.wantJSON(b.api("PUT", path, `{"parcel_no":"虚构宗-2","owner":"state","category":"state_asset","registered_area":"16","reason":"更正"}`, "If-Match", tag), http.StatusOK, "size", b.size())
	b.wantJSON(b.api("PUT", path, `{"parcel_no":"虚构宗-2","owner":"state","category":"state_asset","registered_area":"17","reason":"更正"}`, "If-Match", tag), http.StatusPreconditionFailed, "reason", "record.changed")
	b.wantJSON(b.api("GET", path, ""), http.StatusOK, "registered_area_mu", "16.00")
	b.wantJSON(b.api("POST", parcels, `{"registered_area_mu":"1"}`), http.StatusUnprocessableEntity, "reason", "json.unknown_field")
	b.wantJSON(b.api("POST", parcels, `{"parcel_no":5}`), http.StatusUnprocessableEntity, "pointer", "/parcel_no")
	var list struct{ Items []any }
	if err := json.Unmarshal(b.api("GET", parcels+"?owner=state", "").Body.Bytes(), &list); err != nil || len(list.Items) < 43 {
		t.Fatalf("%d parcels of the state, %v; want the 42 verified ones of the demo and this one", len(list.Items), err)
	}
	if lines := strings.Count(b.api("GET", parcels+".ndjson?owner=state", "").Body.String(), "\n"); lines != len(list.Items)+1 {
		t.Errorf("%d lines, want %d and the end", lines, len(list.Items))
	}
}
