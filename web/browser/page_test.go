package browser_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"mingzhang/ledger"
)

// The widths that every page is looked at: a telephone and an office's screen.
const (
	narrow    = 390
	wide      = 1280
	magnified = 320 // what is left of 1280 when everything is shown four times as large
)

// tab is one page of the browser as one person sees it: with cookies of its own.
type tab struct {
	tb     testing.TB
	ctx    context.Context //nolint:containedctx // it is the tab: chromedp keeps the tab in it
	base   string          // the server's address, without the last slash
	width  int
	lang   string // in which the story is told: "zh" or "en"
	script bool
	want   int // the status that the next document has to have

	mu    sync.Mutex
	heard []string // what the browser complained about
}

// openTab opens an empty page of some width in a browser profile of its own.
func openTab(tb testing.TB, base string, width int) *tab {
	tb.Helper()
	browser, err := chromium()
	if err != nil {
		tb.Fatal(err)
	}
	p := &tab{tb: tb, base: base, width: width, lang: "zh", script: true, want: http.StatusOK}
	ctx, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.listen))
	p.ctx = ctx
	tb.Cleanup(func() {
		p.settle()
		end()
	})
	// The first call makes the tab, which lives as long as its context: so it gets the tab's own, without a limit.
	if err := chromedp.Do(ctx, size(width)); err != nil {
		tb.Fatalf("opening a page: %v", err)
	}
	return p
}

// size is a screen of some width: a telephone's when it is narrow.
func size(width int) chromedp.Action[chromedp.Void] {
	if width <= narrow {
		return chromedp.EmulateViewport(int64(width), 844, chromedp.EmulateMobile)
	}
	return chromedp.EmulateViewport(int64(width), 900)
}

// resize changes the width of the page at hand.
func (p *tab) resize(width int) {
	p.tb.Helper()
	do(p, size(width), "changing the width to %d", width)
}

// settle says what the browser complained about and, if the story failed, keeps the page as it is.
func (p *tab) settle() {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Title()); err != nil { // what was under way has been heard now
		p.tb.Logf("the page does not answer any more: %v", err)
	}
	p.mu.Lock()
	heard := p.heard
	p.mu.Unlock()
	for _, what := range heard {
		p.tb.Errorf("the browser says: %s", what)
	}
	if !p.tb.Failed() {
		return
	}
	left := filepath.Join(testout(p.tb), fmt.Sprintf("failed-%s-%d", strings.ReplaceAll(p.tb.Name(), "/", "-"), p.width))
	if picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100)); err == nil {
		p.keep(left+".png", picture)
	}
	if html, err := chromedp.Run(ctx, chromedp.OuterHTML(chromedp.CSS("html"))); err == nil {
		p.keep(left+".html", []byte(html))
	}
	p.tb.Logf("the page as it was when the story failed: %s.png", left)
}

func (p *tab) keep(name string, data []byte) {
	if err := os.WriteFile(name, data, 0o644); err != nil {
		p.tb.Error(err)
	}
}

// listen hears the browser. It runs in the loop that reads the browser's messages, so it only writes down.
func (p *tab) listen(event any) {
	said := ""
	switch e := event.(type) {
	case *cdpruntime.EventExceptionThrown:
		said = "a script failed: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			said += " " + e.ExceptionDetails.Exception.Description
		}
	case *cdpruntime.EventConsoleAPICalled:
		if e.Type == cdpruntime.ConsoleAPICalledTypeError || e.Type == cdpruntime.ConsoleAPICalledTypeAssert {
			said = "console." + string(e.Type)
			for _, arg := range e.Args {
				said += " " + string(arg.Value) + arg.Description
			}
		}
	case *log.EventEntryAdded:
		// A document that is refused is no error of the page: the story says which status it wants.
		document := e.Entry.Source == log.EntrySourceNetwork && strings.Contains(e.Entry.Text, "the server responded with a status of 4") &&
			!strings.Contains(e.Entry.URL, "/static/")
		if e.Entry.Level == log.EntryLevelError && !document {
			said = fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *page.EventJavascriptDialogOpening:
		said = "a dialog: " + e.Message
	}
	if said == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = append(p.heard, said)
}

// hushed forgets what was heard and gives it back: for stories about complaints.
func (p *tab) hushed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	heard := p.heard
	p.heard = nil
	return heard
}

// try runs a step and gives back its error, with what it was about.
func try[T any](p *tab, step chromedp.Action[T], format string, args ...any) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, step)
	if err != nil {
		at, _ := chromedp.Run(p.ctx, chromedp.Location())
		return got, fmt.Errorf("%s, on %s: %w", fmt.Sprintf(format, args...), strings.TrimPrefix(at, p.base), err)
	}
	return got, nil
}

// do runs a step; the story ends when it fails.
func do[T any](p *tab, step chromedp.Action[T], format string, args ...any) T {
	p.tb.Helper()
	got, err := try(p, step, format, args...)
	if err != nil {
		p.tb.Fatal(err)
	}
	return got
}

// withoutScript is for a browser in which scripts are switched off. The tests themselves still may look into the page.
func (p *tab) withoutScript() *tab {
	p.tb.Helper()
	do(p, command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}), "switching scripts off")
	p.script = false
	return p
}

// say is the word of two that stands on the page in the story's language.
func (p *tab) say(zh, en string) string {
	if p.lang == "en" {
		return en
	}
	return zh
}

// language is the story's language as the ledger has it.
func (p *tab) language() ledger.Lang {
	if p.lang == "en" {
		return ledger.EN
	}
	return ledger.ZH
}

// cookie puts a cookie into the browser, as an answer of the server would.
func (p *tab) cookie(name, value string) {
	p.tb.Helper()
	do(p, command(network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: p.base + "/"}), "setting the cookie %s", name)
}

// command makes a step of a command of the protocol.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[R] {
	return func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, c, params) }
}

// expect says which status the next document has, where it is not 200.
func (p *tab) expect(status int) *tab {
	p.want = status
	return p
}

// visit goes to a path of the server and waits until the page is there.
func (p *tab) visit(path string) *tab {
	p.tb.Helper()
	p.arrived(do(p, chromedp.NavigateResponse(p.base+path), "going to %s", path), path)
	return p
}

// arrived checks the status of a document.
func (p *tab) arrived(document *network.Response, by string) {
	p.tb.Helper()
	want := p.want
	p.want = http.StatusOK
	if document == nil {
		p.tb.Fatalf("%s: no answer", by)
	}
	if int(document.Status) != want {
		text, _ := try(p, chromedp.Text(chromedp.CSS("main")), "reading the page")
		p.tb.Fatalf("%s: status %d, want %d, on %s:\n%s", by, document.Status, want, strings.TrimPrefix(document.URL, p.base), brief(text))
	}
}

// brief is the beginning of a page's text, without its empty lines.
func brief(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
	return strings.Join(lines[:min(len(lines), 12)], "\n")
}

// path is where the page is: path and query.
func (p *tab) path() string {
	p.tb.Helper()
	return strings.TrimPrefix(do(p, chromedp.Location(), "reading the address"), p.base)
}

// ask evaluates an expression in the page.
func ask[T any](p *tab, expression string) T {
	p.tb.Helper()
	return do(p, chromedp.Evaluate[T](expression), "asking the page %s", expression)
}
