package account_test

import (
	"testing"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// browse is an attempt from a browser that shows a secret.
func (p *person) browse(device, password string) (account.Opened, error) {
	return p.svc.SignIn(p.tb.Context(), account.Credentials{Login: p.login, Password: password}, account.From{Address: "192.0.2.7", Device: device})
}

// A stranger's guesses keep strangers waiting, not the browser from which somebody has signed in before; guesses with that
// browser's secret count on it alone.
func TestDevice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, other := b.add("clerk"), b.add("other")
	opened := p.in()
	if opened.Device == "" {
		t.Fatal("the first sign-in gave no secret")
	}
	foreign := other.in().Device
	for range 5 {
		_, err := p.browse("", "wrong password")
		wants(t, "a stranger", err, ledger.Unauthenticated, "sign_in.refused")
	}
	for _, device := range []string{"", "forged", foreign} {
		if _, err := p.browse(device, password); waitOf(err) != 1 {
			t.Errorf("the right password with the secret %q of no browser of the account: %v, want to wait", device, err)
		}
	}
	again, err := p.browse(opened.Device, password)
	if err != nil {
		t.Fatalf("the known browser while strangers guess: %v", err)
	}
	if again.Device != "" {
		t.Error("a known browser got another secret")
	}
	for range 5 {
		_, err := p.browse(opened.Device, "wrong password")
		wants(t, "a guess from the known browser", err, ledger.Unauthenticated, "sign_in.refused")
	}
	if _, err := p.browse(opened.Device, password); waitOf(err) != 1 {
		t.Errorf("the known browser after five guesses: %v, want to wait", err)
	}
	b.later(time.Second)
	if _, err := p.browse("", password); err != nil {
		t.Errorf("a new browser after the strangers' wait: %v", err)
	}
	b.check()
}

// A browser is forgotten half a year after its last sign-in, when the account is reset, and when twenty newer ones came.
func TestDevice_Forgotten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.add("clerk")
	first := p.in().Device
	b.later(time.Second)
	for range 20 {
		p.in()
		b.later(time.Second)
	}
	if n := b.count("work_devices", "TRUE"); n != 20 {
		t.Errorf("%d browsers are known, want 20", n)
	}
	if again, err := p.browse(first, password); err != nil || again.Device == "" {
		t.Errorf("the browser that was used longest ago: %v, secret %q; want a new one", err, again.Device)
	}
	b.later(180 * 24 * time.Hour)
	if err := b.svc.Sweep(t.Context()); err != nil || b.count("work_devices", "TRUE") != 1 {
		t.Errorf("after half a year: %v, %d browsers, want the one that was used last", err, b.count("work_devices", "TRUE"))
	}
	if _, err := b.svc.Reset(t.Context(), b.local, p.id); err != nil {
		t.Fatal(err)
	}
	if n := b.count("work_devices", "TRUE"); n != 0 {
		t.Errorf("%d browsers are known after a reset", n)
	}
}
