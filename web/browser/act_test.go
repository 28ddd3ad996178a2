package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// often is how often a step looks again for what it waits for.
var often = chromedp.RetryInterval(20 * time.Millisecond)

// finders are what stories look things up with. They see what a person sees: hidden things are not there.
const finders = `(() => {
	const text = s => s.replace(/\s+/g, ' ').trim();
	const seen = e => e && e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
	const best = (all, words) => all.find(([t]) => t === words) || all.find(([t]) => t.startsWith(words)) || all.find(([t]) => t.includes(words));
	const labelled = (root, words) => {
		const all = [];
		for (const label of root.querySelectorAll('label'))
			if (label.control && seen(label)) all.push([text(label.textContent), label.control]);
		for (const e of root.querySelectorAll('[aria-label]'))
			if (e.matches('input,select,textarea') && seen(e)) all.push([text(e.getAttribute('aria-label')), e]);
		const hit = best(all, words);
		return hit ? hit[1] : null;
	};
	const pressable = (root, words) => {
		const all = [];
		for (const e of root.querySelectorAll('a[href], button, input[type=submit], summary, [role=button]'))
			if (seen(e) && !e.disabled) all.push([text(e.getAttribute('aria-label') || (e.matches('input') ? e.value : e.textContent)), e]);
		const hit = best(all, words);
		return hit ? hit[1] : null;
	};
	const having = (selector, words) => {
		for (const e of document.querySelectorAll(selector))
			if (seen(e) && text(e.textContent).includes(words)) return e;
		return null;
	};
	return {labelled, pressable, having};
})()`

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// labelled is the field whose label says these words: exactly, else beginning with them.
func labelled(words string) chromedp.JSPath {
	return chromedp.JSPath(fmt.Sprintf("%s.labelled(document, %s)", finders, quote(words)))
}

// pressable is the link or button that says these words.
func pressable(words string) chromedp.JSPath {
	return chromedp.JSPath(fmt.Sprintf("%s.pressable(document, %s)", finders, quote(words)))
}

// having is the first visible element of a selector with some words in it.
func having(selector, words string) chromedp.JSPath {
	return chromedp.JSPath(fmt.Sprintf("%s.having(%s, %s)", finders, quote(selector), quote(words)))
}

// fill types into the field with that label, instead of what stands there.
func (p *tab) fill(label, typed string) *tab {
	p.tb.Helper()
	field := labelled(label)
	do(p, chromedp.WaitVisible(field, often), "waiting for the field %q", label)
	ask[chromedp.Void](p, fmt.Sprintf("(e => { e.focus(); e.select(); })(%s)", field))
	if typed == "" {
		do(p, chromedp.KeyEvent(kb.Delete), "emptying %q", label)
		return p
	}
	do(p, command(input.InsertText, input.InsertTextParams{Text: typed}), "typing into %q", label)
	if got := ask[string](p, string(field)+".value"); got != strings.ReplaceAll(typed, "\r\n", "\n") {
		p.tb.Fatalf("the field %q holds %q after typing %q", label, got, typed)
	}
	return p
}

// key presses a key: kb.Tab, kb.Enter.
func (p *tab) key(keys string) *tab {
	p.tb.Helper()
	do(p, chromedp.KeyEvent(keys), "pressing the key %q", keys)
	return p
}

// choose takes the option with these words (exactly, else the first that has them) in the list with that label.
func (p *tab) choose(label, option string) *tab {
	p.tb.Helper()
	field := labelled(label)
	do(p, chromedp.WaitVisible(field, often), "waiting for the list %q", label)
	found := ask[bool](p, fmt.Sprintf(`((e, words) => {
		const all = [...e.options], hit = all.find(o => o.text.trim() === words) || all.find(o => o.text.includes(words));
		if (!hit) return false;
		e.value = hit.value;
		e.dispatchEvent(new Event('input', {bubbles: true}));
		e.dispatchEvent(new Event('change', {bubbles: true}));
		return true;
	})(%s, %s)`, field, quote(option)))
	if !found {
		p.tb.Fatalf("the list %q has no %q", label, option)
	}
	return p
}

// tick switches a box or takes a radio button.
func (p *tab) tick(label string) *tab {
	p.tb.Helper()
	do(p, chromedp.Click(labelled(label), often), "ticking %q", label)
	return p
}

// upload puts a file of this machine into the field with that label.
func (p *tab) upload(label, file string) *tab {
	p.tb.Helper()
	do(p, chromedp.SetUploadFiles(labelled(label), []string{file}, often), "putting %s into %q", file, label)
	return p
}

// value is what stands in the field with that label.
func (p *tab) value(label string) string {
	p.tb.Helper()
	do(p, chromedp.WaitVisible(labelled(label), often), "waiting for the field %q", label)
	return ask[string](p, string(labelled(label))+".value")
}

// click clicks what says these words, and stays on the page.
func (p *tab) click(words string) *tab {
	p.tb.Helper()
	do(p, chromedp.Click(pressable(words), often), "clicking %q", words)
	return p
}

// press clicks what says these words, and waits for the page that it leads to.
func (p *tab) press(words string) *tab {
	p.tb.Helper()
	p.follow(pressable(words), words)
	return p
}

// pressIn is press within the first element of a selector that has some other words in it: the row of a lot.
func (p *tab) pressIn(selector, containing, words string) *tab {
	p.tb.Helper()
	place := having(selector, containing)
	do(p, chromedp.WaitVisible(place, often), "waiting for %s with %q", selector, containing)
	p.follow(chromedp.JSPath(fmt.Sprintf("%s.pressable(%s, %s)", finders, place, quote(words))), words)
	return p
}

// enter presses Enter where the focus is, and waits for the page that it leads to.
func (p *tab) enter() *tab {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	document, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(kb.Enter))
	if err != nil {
		p.tb.Fatalf("pressing Enter, on %s: %v", p.path(), err)
	}
	p.arrived(document, "after Enter")
	return p
}

// follow clicks and waits for the next document. What leads nowhere (a faulty field that the browser keeps
// back, a link to a place on the page) fails by name.
func (p *tab) follow(what chromedp.JSPath, words string) {
	p.tb.Helper()
	click := func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		return chromedp.Click(what, often)(ctx, t)
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	document, err := chromedp.RunResponse(ctx, click)
	if err != nil {
		p.tb.Fatalf("pressing %q, on %s: %v", words, p.path(), err)
	}
	p.arrived(document, "after "+words)
}

// waits waits until something with these words is visible: for what scripts bring.
func (p *tab) waits(selector, words string) *tab {
	p.tb.Helper()
	do(p, chromedp.WaitVisible(having(selector, words), often), "waiting for %s with %q", selector, words)
	return p
}

// text is what a person reads in the first element of a selector.
func (p *tab) text(selector string) string {
	p.tb.Helper()
	return do(p, chromedp.Text(chromedp.CSS(selector), often), "reading %s", selector)
}

// has wants words on the page, as a person reads them.
func (p *tab) has(words ...string) *tab {
	p.tb.Helper()
	text := p.text("body")
	for _, w := range words {
		if !strings.Contains(text, w) {
			p.tb.Errorf("no %q on %s:\n%s", w, p.path(), brief(text))
		}
	}
	return p
}

// hasNot wants that words do not stand on the page.
func (p *tab) hasNot(words ...string) *tab {
	p.tb.Helper()
	text := p.text("body")
	for _, w := range words {
		if strings.Contains(text, w) {
			p.tb.Errorf("%q stands on %s:\n%s", w, p.path(), brief(text))
		}
	}
	return p
}

// tabTo is for keyboards: it moves on until the focus is on what says these words, at most so many times.
func (p *tab) tabTo(words string, most int) *tab {
	p.tb.Helper()
	for range most {
		p.key(kb.Tab)
		if ask[bool](p, fmt.Sprintf("document.activeElement === %s", pressable(words))) {
			return p
		}
	}
	p.tb.Fatalf("the Tab key does not come to %q within %d steps", words, most)
	return p
}
