package browser_test

import (
	"net/http"
	"testing"

	"mingzhang/ledger/account"
)

// The pages that no other story comes by, as whoever may see them sees them.
func TestStory_LooksIntoTheCorners(t *testing.T) {
	t.Parallel()
	o := demo(t)
	admin := o.joined("admin", "张三(虚构)", account.Administrator, "")
	leader := o.joined("leader", "郑一(虚构)", account.Leader, "demo")
	for _, at := range screens {
		t.Run(at.String(), func(t *testing.T) {
			t.Parallel()
			p := o.as(t, admin, at.width, at.lang)
			p.visit("/").look("administrators-desk").visit("/installation").look("log")
			p.visit("/users/new").look("new-account").visit("/account/password").look("password").visit("/account/totp").look("totp")
			p.expect(http.StatusNotFound).visit("/nowhere").look("nowhere")
			q := o.as(t, leader, at.width, at.lang)
			q.visit("/").look("leaders-desk").visit("/books/demo/review").look("review").visit("/books/demo/imports").look("imports")
			q.visit("/account/tokens/new").look("new-token").visit("/api/").click("GET /api/v1/books/{book}/lots ").look("api")
			q.visit("/statement").look("statement")
		})
	}
}
