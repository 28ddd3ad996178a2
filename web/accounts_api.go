package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func accountsAPI() []route {
	const accounts = "/api/v1/accounts"
	row := func(method, pattern string, op *operation) route {
		return route{method: method, pattern: accounts + pattern, needs: account.Administer, api: op}
	}
	t := func(zh, en string) ledger.Text { return ledger.Text{ZH: zh, EN: en} }
	return []route{
		row("GET", "", endpoint(t("账户列表", "accounts"), http.StatusOK, listAccounts)),
		row("POST", "", endpoint(t("新建账户，给出一次性代码（只此一次）", "make an account; its one-time code is in this answer only"), http.StatusCreated, addAccountAPI)),
		row("GET", "/{id}", endpoint(t("一个账户", "one account"), http.StatusOK, findAccount)),
		row("POST", "/{id}/rights", endpoint(t("授予权限", "grant a right"), http.StatusCreated, grantAPI)),
		row("POST", "/{id}/rights/{right}/revoke", endpoint(t("撤销权限", "revoke a right"), http.StatusOK, revokeAPI)),
		row("POST", "/{id}/reset", endpoint(t("重置：原密码和二次验证作废，给出一次性代码", "reset: password and second factor are void; gives a one-time code"), http.StatusOK, resetAPI)),
		row("POST", "/{id}/disable", endpoint(t("停用账户", "disable an account"), http.StatusOK, disableAPI)),
		row("POST", "/{id}/enable", endpoint(t("启用账户", "enable an account"), http.StatusOK, enableAPI)),
		row("GET", "/{id}/sessions", endpoint(t("一个账户的会话", "an account's sessions"), http.StatusOK, accountSessions)),
		row("DELETE", "/{id}/sessions", endpoint(t("结束一个账户的全部会话与令牌", "end all sessions and tokens of an account"), http.StatusNoContent, endAccountSessions)),
		row("DELETE", "/{id}/sessions/{session}", endpoint(t("结束一个会话", "end one session"), http.StatusNoContent, endAccountSession)),
		row("GET", "/{id}/tokens", endpoint(t("一个账户的接口令牌", "an account's API tokens"), http.StatusOK, accountTokens)),
		row("DELETE", "/{id}/tokens/{token}", endpoint(t("终止一个接口令牌", "end an API token"), http.StatusNoContent, endAccountToken)),
	}
}

// accountItem is an account as administrators see it.
type accountItem struct {
	ID          int64       `json:"id"`
	Login       string      `json:"login"`
	Name        string      `json:"name"`
	Disabled    bool        `json:"disabled"`
	Demo        bool        `json:"demo"`
	HasPassword bool        `json:"has_password"`
	HasTOTP     bool        `json:"has_totp"`
	CodeUntil   *time.Time  `json:"code_until,omitempty"` // until when its one-time code works
	SeenAt      *time.Time  `json:"seen_at,omitempty"`
	Rights      []rightItem `json:"rights"`
}

type rightItem struct {
	ID       int64       `json:"id"`
	Role     string      `json:"role"`
	Book     string      `json:"book,omitempty"`
	Villages []string    `json:"villages,omitempty"`
	From     *ledger.Day `json:"from,omitempty"`
	To       *ledger.Day `json:"to,omitempty"`
	Until    *ledger.Day `json:"until,omitempty"`
}

func newAccountItem(a account.Account) accountItem {
	item := accountItem{
		ID: a.ID, Login: a.Login, Name: a.Name, Disabled: a.Disabled, Demo: a.Demo, HasPassword: a.HasPassword, HasTOTP: a.HasTOTP,
		CodeUntil: inUTC(a.CodeUntil), SeenAt: inUTC(a.SeenAt), Rights: []rightItem{},
	}
	for _, x := range a.Rights {
		item.Rights = append(item.Rights, rightItem{ID: x.ID, Role: string(x.Role), Book: x.Book, Villages: x.Villages, From: x.From, To: x.To, Until: x.Until})
	}
	return item
}

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	utc := t.UTC()
	return &utc
}

type accountsIn struct {
	pageQuery
	Search string `query:"q" validate:"max=100"`
	Role   string `query:"role" validate:"omitempty,oneof=clerk land_officer reviewer leader auditor administrator"`
	State  string `query:"state" validate:"omitempty,oneof=open waits disabled"`
}

// sortOfAccounts is the one sort of accounts.
const sortOfAccounts = "login"

func listAccounts(ctx context.Context, r *request, in *accountsIn) (*listPage[accountItem], error) {
	page := ledger.Page{After: in.After, Limit: in.size()}
	after, _, _, err := page.Place(sortOfAccounts)
	if err != nil {
		return nil, err
	}
	all, err := r.server.accounts.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(a account.Account) bool {
		return after != "" && a.Login <= after || !isAsked(a, in.Search, in.Role, in.State)
	})
	shown, next := ledger.NextPage(page, all, func(a account.Account) string { return ledger.Cursor(sortOfAccounts, a.Login, a.ID) })
	var items []accountItem
	for _, a := range shown {
		items = append(items, newAccountItem(a))
	}
	return newPage(items, next), nil
}

type accountIn struct {
	ID int64 `path:"id"`
}

func findAccount(ctx context.Context, r *request, in *accountIn) (*accountItem, error) {
	return accountOf(ctx, r, in.ID)
}

func accountOf(ctx context.Context, r *request, id int64) (*accountItem, error) {
	a, err := r.server.accounts.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	item := newAccountItem(a)
	return &item, nil
}

// rightBody is a right to be granted.
type rightBody struct {
	Role     string      `json:"role" validate:"required,oneof=clerk land_officer reviewer leader auditor administrator"`
	Book     string      `json:"book" validate:"omitempty,code"`
	Villages []string    `json:"villages" validate:"max=200,dive,required,max=100"`
	From     *ledger.Day `json:"from"`
	To       *ledger.Day `json:"to"`
	Until    *ledger.Day `json:"until"`
}

func (b rightBody) right(id int64) account.NewRight {
	return account.NewRight{Account: id, Role: account.Role(b.Role), Book: b.Book, Villages: b.Villages, From: b.From, To: b.To, Until: b.Until}
}

type newAccountIn struct {
	Body struct {
		Login string `json:"login" validate:"required,max=40"`
		Name  string `json:"name" validate:"required,max=100"`
	}
}

// codeItem is a one-time code, which no other answer holds.
type codeItem struct {
	ID        int64      `json:"id"`
	Login     string     `json:"login"`
	Code      string     `json:"code"`
	CodeUntil *time.Time `json:"code_until"`
}

func newCodeItem(ctx context.Context, r *request, id int64, code string) (*codeItem, error) {
	a, err := r.server.accounts.Account(ctx, id)
	return &codeItem{ID: id, Login: a.Login, Code: code, CodeUntil: inUTC(a.CodeUntil)}, err
}

func addAccountAPI(ctx context.Context, r *request, in *newAccountIn) (*codeItem, error) {
	id, code, err := r.server.accounts.Add(ctx, r.actor(), account.NewAccount{Login: in.Body.Login, Name: in.Body.Name})
	if err != nil {
		return nil, err
	}
	r.header.Set("Location", "/api/v1/accounts/"+strconv.FormatInt(id, 10))
	return newCodeItem(ctx, r, id, code)
}

type grantIn struct {
	ID   int64 `path:"id"`
	Body rightBody
}

func grantAPI(ctx context.Context, r *request, in *grantIn) (*accountItem, error) {
	if err := r.server.accounts.Grant(ctx, r.actor(), in.Body.right(in.ID)); err != nil {
		return nil, err
	}
	return accountOf(ctx, r, in.ID)
}

type reasonBody struct {
	Reason string `json:"reason" validate:"required,max=1000"`
}

type revokeIn struct {
	ID    int64 `path:"id"`
	Right int64 `path:"right"`
	Body  reasonBody
}

func revokeAPI(ctx context.Context, r *request, in *revokeIn) (*accountItem, error) {
	a, err := r.server.accounts.Account(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(a.Rights, func(x account.Right) bool { return x.ID == in.Right }) {
		return nil, ledger.E(ledger.NotFound, "right.unknown", strconv.FormatInt(in.Right, 10))
	}
	if err := r.server.accounts.Revoke(ctx, r.actor(), in.Right, in.Body.Reason); err != nil {
		return nil, err
	}
	return accountOf(ctx, r, in.ID)
}

func resetAPI(ctx context.Context, r *request, in *accountIn) (*codeItem, error) {
	code, err := r.server.accounts.Reset(ctx, r.actor(), in.ID)
	if err != nil {
		return nil, err
	}
	return newCodeItem(ctx, r, in.ID, code)
}

type closeIn struct {
	ID   int64 `path:"id"`
	Body reasonBody
}

func disableAPI(ctx context.Context, r *request, in *closeIn) (*accountItem, error) {
	if err := r.server.accounts.Disable(ctx, r.actor(), in.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return accountOf(ctx, r, in.ID)
}

func enableAPI(ctx context.Context, r *request, in *closeIn) (*accountItem, error) {
	if err := r.server.accounts.Enable(ctx, r.actor(), in.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return accountOf(ctx, r, in.ID)
}

func accountSessions(ctx context.Context, r *request, in *accountIn) (*listPage[sessionItem], error) {
	if _, err := r.server.accounts.Account(ctx, in.ID); err != nil {
		return nil, err
	}
	return sessionsOf(ctx, r, in.ID)
}

func endAccountSessions(ctx context.Context, r *request, in *accountIn) (*struct{}, error) {
	return nil, r.server.accounts.EndSessions(ctx, r.actor(), in.ID)
}

type accountSessionIn struct {
	ID      int64  `path:"id"`
	Session string `path:"session"`
}

func endAccountSession(_ context.Context, r *request, in *accountSessionIn) (*struct{}, error) {
	return nil, r.server.endSessionOf(r, in.ID, in.Session)
}

func accountTokens(ctx context.Context, r *request, in *accountIn) (*listPage[tokenItem], error) {
	if _, err := r.server.accounts.Account(ctx, in.ID); err != nil {
		return nil, err
	}
	return tokensOf(ctx, r, in.ID)
}

type accountTokenIn struct {
	ID    int64  `path:"id"`
	Token string `path:"token"`
}

func endAccountToken(_ context.Context, r *request, in *accountTokenIn) (*struct{}, error) {
	return nil, r.server.endTokenOf(r, in.ID, in.Token)
}
