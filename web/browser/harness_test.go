package browser_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// site serves one page at every address, to see that the harness sees what is wrong with it.
func site(tb testing.TB, policy, body string) string {
	tb.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		switch {
		case strings.HasPrefix(r.URL.Path, "/static/"):
			http.NotFound(w, r)
			return
		case r.URL.Path == "/refused":
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
		_, _ = w.Write([]byte("<!doctype html><html lang=en><head><title>Invented</title></head><body><main><h1>Invented</h1>" + body + "</main></body></html>"))
	}))
	tb.Cleanup(s.Close)
	return s.URL
}

// What a browser complains about is heard: nothing of it passes unseen.
func TestPage_Hears(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, policy, body, want string }{
		{"a script that fails", "", "<script>throw new Error('broken')</script>", "broken"},
		{"console.error", "", "<script>console.error('bad')</script>", "bad"},
		{"a forbidden script", "script-src 'self'", "<script>1</script>", "Content Security Policy"},
		{"a forbidden style", "style-src 'self'", "<p style='color:red'>x</p>", "Content Security Policy"},
		{"a missing file", "", "<script src=/static/gone.js></script>", "404"},
		{"nothing", "default-src 'none'", "<p>x</p>", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := openTab(t, site(t, tt.policy, tt.body), wide).visit("/")
			p.text("main")
			heard := p.hushed()
			if tt.want == "" && len(heard) > 0 || tt.want != "" && !slices.ContainsFunc(heard, func(s string) bool { return strings.Contains(s, tt.want) }) {
				t.Errorf("heard %q, want %q", heard, tt.want)
			}
		})
	}
}

// look finds what it is there for.
func TestLook_Bites(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, body, want string }{
		{"a field without a label", "<form><input name=x></form>", "label (critical)"},
		{"pale words", "<style>p{color:#bbb;background:#fff}</style><p>hard to read</p>", "color-contrast (serious)"},
		{"too wide", "<style>div{width:2000px}</style><div>x</div>", "the page is 20"},
		{"wide in its box", "<style>section{overflow:auto}div{width:2000px}</style><section tabindex=0><div>x</div></section>", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, width := range []int{narrow, wide} {
				faults := openTab(t, site(t, "", "<meta name=viewport content='width=device-width'>"+tt.body), width).visit("/").faults()
				if tt.want == "" && len(faults) > 0 || tt.want != "" && (len(faults) != 1 || !strings.Contains(faults[0], tt.want)) {
					t.Errorf("at %d: %q, want %q", width, faults, tt.want)
				}
			}
		})
	}
}

// The steps of a story do what a person does, with scripts and without.
func TestPage_Steps(t *testing.T) {
	t.Parallel()
	const body = `<form action=/sent>
		<label for=n>交易编号 <small>如 试-1</small></label><input id=n name=n value=old>
		<label>备注<textarea name=r></textarea></label>
		<label>结果<select name=o><option value=a>成交</option><option value=b>流拍</option></select></label>
		<label><input type=checkbox name=c> 确认</label>
		<button hidden>保存</button><button name=do value=it>保存</button> <a href=/refused>拒绝</a>
	</form><p id=s>1</p><script>document.querySelector('[name=n]').addEventListener('input', e => { s.textContent = '长度' + e.target.value.length })</script>`
	for _, script := range []bool{true, false} {
		p := openTab(t, site(t, "", body), wide)
		if !script {
			p.withoutScript()
		}
		p.visit("/").fill("交易编号", "试-1").fill("备注", "两行\n中文").choose("结果", "流拍").tick("确认")
		if script {
			p.waits("#s", "长度3")
		} else if got := p.text("#s"); got != "1" {
			t.Errorf("a script ran: %q", got)
		}
		if got := p.value("备注"); got != "两行\n中文" {
			t.Errorf("the text holds %q", got)
		}
		p.press("保存")
		if got, want := p.path(), "/sent?n=%E8%AF%95-1&r=%E4%B8%A4%E8%A1%8C%0D%0A%E4%B8%AD%E6%96%87&o=b&c=on&do=it"; got != want {
			t.Errorf("with script %t: sent to %s, want %s", script, got, want)
		}
		p.fill("交易编号", "").tabTo("保存", 5)
		p.expect(http.StatusUnprocessableEntity).press("拒绝").has("Invented").hasNot("old2")
	}
}
