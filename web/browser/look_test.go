package browser_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// axeFile is axe-core, the judge of accessibility: a library for these tests only.
const axeFile = "../assets/node_modules/axe-core/axe.min.js"

var axeSource = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile(axeFile)
	if err != nil {
		return "", fmt.Errorf("no axe-core here: run make setup (or npm ci in web/assets): %w", err)
	}
	return string(source), nil
})

// violation is one rule that a page breaks.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	}
}

func (v violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.ID, v.Impact, v.Help)
	for i, n := range v.Nodes {
		if i == 5 {
			fmt.Fprintf(&b, "\n  and %d more", len(v.Nodes)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %s\n    %s", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n    "))
	}
	return b.String()
}

// look looks at the page: a picture for people, axe-core and the edges for the machine. name says which
// page of the story it is.
func (p *tab) look(name string) *tab {
	p.tb.Helper()
	lang := ask[string](p, "document.documentElement.lang")
	picture := do(p, chromedp.FullScreenshot(100), "taking a picture")
	file := fmt.Sprintf("%s-%d-%s.png", name, p.width, lang)
	p.keep(filepath.Join(testout(p.tb), file), picture)
	for _, fault := range p.faults() {
		p.tb.Errorf("%s at %d, %s: %s", p.path(), p.width, lang, fault)
	}
	return p
}

// drawn wants so many drawings of a selector, each with something painted on it.
func (p *tab) drawn(selector string, want int) *tab {
	p.tb.Helper()
	got := ask[int](p, fmt.Sprintf(`[...document.querySelectorAll(%s)].filter(c =>
		c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(byte => byte !== 0)).length`, quote(selector)))
	if got != want {
		p.tb.Errorf("%s: %d drawings %s, want %d", p.path(), got, selector, want)
	}
	return p
}

// a4 is the width of what is printed on A4 paper with usual margins, in CSS pixels.
const a4 = 680

// paper takes a picture of the page as it would be printed, and sees that nothing is cut off.
func (p *tab) paper(name string) *tab {
	p.tb.Helper()
	media := func(kind string, width int) {
		do(p, command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind}), "switching to %s", kind)
		p.resize(width)
	}
	media("print", a4)
	lang := ask[string](p, "document.documentElement.lang")
	p.keep(filepath.Join(testout(p.tb), fmt.Sprintf("%s-paper-%s.png", name, lang)), do(p, chromedp.FullScreenshot(100), "taking a picture"))
	if over := p.sideways(); over != "" {
		p.tb.Errorf("%s on paper, %s: %s", p.path(), lang, over)
	}
	media("", p.width)
	return p
}

// printedSheet is a page of a printed document, as Chromium writes it.
var printedSheet = regexp.MustCompile(`/Type\s*/Page\b`)

// printed keeps the page as it comes out of a printer and wants so many sheets of A4.
func (p *tab) printed(name string, want int) *tab {
	p.tb.Helper()
	answer := do(p, command(page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true), PrintBackground: new(true)}), "printing")
	lang := ask[string](p, "document.documentElement.lang")
	p.keep(filepath.Join(testout(p.tb), fmt.Sprintf("%s-%s.pdf", name, lang)), answer.Data)
	if got := len(printedSheet.FindAll(answer.Data, -1)); got != want {
		p.tb.Errorf("%s, %s: %d sheets, want %d", p.path(), lang, got, want)
	}
	return p
}

// faults is what is wrong with the page for eyes and for those without.
func (p *tab) faults() []string {
	p.tb.Helper()
	var faults []string
	if over := p.sideways(); over != "" {
		faults = append(faults, over)
	} else if p.width <= narrow { // and at 400 % on a screen of 1280
		p.resize(magnified)
		if over := p.sideways(); over != "" {
			faults = append(faults, over)
		}
		p.resize(p.width)
	}
	for _, v := range p.axe() {
		if v.Impact == "serious" || v.Impact == "critical" {
			faults = append(faults, v.String())
		} else {
			p.tb.Logf("%s at %d: %s", p.path(), p.width, v)
		}
	}
	return faults
}

// sideways says what makes the page wider than the screen, if anything does.
func (p *tab) sideways() string {
	p.tb.Helper()
	return ask[string](p, `(() => {
		const root = document.scrollingElement, most = root.clientWidth;
		if (root.scrollWidth <= most) return '';
		const boxed = e => { for (let b = e.parentElement; b && b !== document.body; b = b.parentElement) if (getComputedStyle(b).overflowX !== 'visible') return true; return false; };
		const wide = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > most + 1 && !boxed(e)).slice(-3);
		return 'the page is ' + root.scrollWidth + ' wide on ' + most + ': ' + wide.map(e => e.outerHTML.slice(0, 120)).join(' | ');
	})()`)
}

// axe asks axe-core. It is put in by the protocol, which the page's policy does not bind. Where scripts are
// switched off it cannot run; the same page is looked at with scripts.
func (p *tab) axe() []violation {
	p.tb.Helper()
	if !p.script {
		return nil
	}
	source, err := axeSource()
	if err != nil {
		p.tb.Fatal(err)
	}
	if !ask[bool](p, "typeof axe !== 'undefined'") {
		do(p, chromedp.Evaluate[chromedp.Void](source+"\n;undefined"), "putting axe-core in")
	}
	answer := do(p, chromedp.Evaluate[string](`axe.run(document, {
		resultTypes: ['violations'],
		runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']},
	}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise), "asking axe-core")
	var found []violation
	if err := json.Unmarshal([]byte(answer), &found); err != nil {
		p.tb.Fatal(err)
	}
	return found
}
