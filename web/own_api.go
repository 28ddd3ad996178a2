package web

import (
	"context"
	"net/http"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// ownAPI is what everybody may ask about themselves. Sessions and tokens are the business of a person at a session,
// not of a program with a token.
func ownAPI() []route {
	t := func(zh, en string) ledger.Text { return ledger.Text{ZH: zh, EN: en} }
	return []route{
		{method: "GET", pattern: "/api/v1/me/sessions", needs: signedIn, api: endpoint(t("我的会话", "my sessions"), http.StatusOK, ownSessions)},
		{method: "DELETE", pattern: "/api/v1/me/sessions/{session}", needs: signedIn, api: endpoint(t("结束我的一个会话", "end a session of mine"), http.StatusNoContent, endOwnSession)},
		{method: "GET", pattern: "/api/v1/me/tokens", needs: signedIn, api: endpoint(t("我的接口令牌", "my API tokens"), http.StatusOK, ownTokens)},
		{method: "POST", pattern: "/api/v1/me/tokens", needs: signedIn, api: endpoint(t("新建接口令牌（只在此答复中给出）", "make an API token; it is in this answer only"), http.StatusCreated, issueOwnToken)},
		{method: "DELETE", pattern: "/api/v1/me/tokens/{token}", needs: signedIn, api: endpoint(t("终止我的一个接口令牌", "end an API token of mine"), http.StatusNoContent, endOwnToken)},
	}
}

// sessionItem is where somebody is signed in.
type sessionItem struct {
	ID       string    `json:"id"`
	OpenedAt time.Time `json:"opened_at"`
	SeenAt   time.Time `json:"seen_at"`
	EndsAt   time.Time `json:"ends_at"` // by itself, if nobody asks again
	Address  string    `json:"address"`
	Agent    string    `json:"agent"`
	Current  bool      `json:"current"` // the one that asks
}

func sessionsOf(ctx context.Context, r *request, id int64) (*listPage[sessionItem], error) {
	sessions, err := r.server.accounts.Sessions(ctx, id)
	if err != nil {
		return nil, err
	}
	var items []sessionItem
	for _, x := range sessions {
		items = append(items, sessionItem{
			ID: x.ID, OpenedAt: x.OpenedAt, SeenAt: x.SeenAt, EndsAt: x.EndsAt, Address: x.Address, Agent: x.Agent, Current: x.ID == r.who.SessionID(),
		})
	}
	return newPage(items, ""), nil
}

// tokenItem is an API token as its owner sees it.
type tokenItem struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Book      string     `json:"book"`
	Abilities []string   `json:"abilities"`
	Until     ledger.Day `json:"until"` // its last day
	MadeAt    time.Time  `json:"made_at"`
	UsedAt    *time.Time `json:"used_at,omitempty"`
}

func tokensOf(ctx context.Context, r *request, id int64) (*listPage[tokenItem], error) {
	tokens, err := r.server.accounts.Tokens(ctx, id)
	if err != nil {
		return nil, err
	}
	var items []tokenItem
	for _, t := range tokens {
		items = append(items, newTokenItem(t))
	}
	return newPage(items, ""), nil
}

func newTokenItem(t account.Token) tokenItem {
	item := tokenItem{ID: t.ID, Name: t.Name, Book: t.Book, Abilities: []string{}, Until: t.Until, MadeAt: t.MadeAt.UTC(), UsedAt: inUTC(t.UsedAt)}
	for _, c := range t.Cans {
		item.Abilities = append(item.Abilities, string(c))
	}
	return item
}

// person refuses a program: denied session.of_token.
func (r *request) person() error {
	if r.who.IsToken() {
		return ledger.E(ledger.Denied, "session.of_token")
	}
	return nil
}

func ownSessions(ctx context.Context, r *request, _ *struct{}) (*listPage[sessionItem], error) {
	if err := r.person(); err != nil {
		return nil, err
	}
	return sessionsOf(ctx, r, r.who.ID())
}

type ownSessionIn struct {
	Session string `path:"session"`
}

func endOwnSession(_ context.Context, r *request, in *ownSessionIn) (*struct{}, error) {
	if err := r.person(); err != nil {
		return nil, err
	}
	return nil, r.server.endSessionOf(r, r.who.ID(), in.Session)
}

func ownTokens(ctx context.Context, r *request, _ *struct{}) (*listPage[tokenItem], error) {
	if err := r.person(); err != nil {
		return nil, err
	}
	return tokensOf(ctx, r, r.who.ID())
}

type newTokenIn struct {
	Body struct {
		Name      string     `json:"name" validate:"required,max=100"`
		Book      string     `json:"book" validate:"required,code"`
		Abilities []string   `json:"abilities" validate:"required,max=8,dive,oneof=read enter_lots enter_land review issue audit export"`
		Until     ledger.Day `json:"until"`
	}
}

// issuedToken is a token, which no other answer holds.
type issuedToken struct {
	tokenItem

	Token string `json:"token"`
}

func issueOwnToken(ctx context.Context, r *request, in *newTokenIn) (*issuedToken, error) {
	n := account.NewToken{Name: in.Body.Name, Book: in.Body.Book, Until: in.Body.Until}
	for _, c := range in.Body.Abilities {
		n.Cans = append(n.Cans, account.Can(c))
	}
	plain, err := r.server.accounts.IssueToken(ctx, r.who, n)
	if err != nil {
		return nil, err
	}
	tokens, err := r.server.accounts.Tokens(ctx, r.who.ID())
	if err != nil {
		return nil, err
	}
	out := &issuedToken{Token: plain}
	for _, t := range tokens { // names of tokens are their owner's own
		if t.Name == ledger.Normal(n.Name) {
			out.tokenItem = newTokenItem(t)
		}
	}
	return out, nil
}

type ownTokenIn struct {
	Token string `path:"token"`
}

func endOwnToken(_ context.Context, r *request, in *ownTokenIn) (*struct{}, error) {
	if err := r.person(); err != nil {
		return nil, err
	}
	return nil, r.server.endTokenOf(r, r.who.ID(), in.Token)
}
