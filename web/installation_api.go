package web

import (
	"context"
	"net/http"
	"time"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

func installationAPI() []route {
	return []route{
		{method: "GET", pattern: "/api/v1/installation/events", needs: account.Administer, api: endpoint(ledger.Text{ZH: "安装日志，新的在前", EN: "the installation's log, the newest first"}, http.StatusOK, listEvents)},
		{method: "GET", pattern: "/api/v1/installation/events.ndjson", needs: account.Administer, api: stream(ledger.Text{ZH: "安装日志全部下载（计为导出）", EN: "all of the installation's log; it counts as an export"}, streamEvents)},
	}
}

// eventItem is an entry of the installation's log.
type eventItem struct {
	Seq     int64      `json:"seq"`
	At      time.Time  `json:"at"`
	Event   string     `json:"event"`
	Actor   string     `json:"actor"`             // who did it: account:7, or a user of the machine: local:root
	Account int64      `json:"account,omitempty"` // whom it is about
	Login   string     `json:"login,omitempty"`
	Address string     `json:"address,omitempty"`
	Book    string     `json:"book,omitempty"`
	What    string     `json:"what,omitempty"`
	Count   int64      `json:"count"`
	Right   *rightItem `json:"right,omitempty"`
	Reason  string     `json:"reason,omitempty"`
}

func newEventItem(e account.Logged) eventItem {
	item := eventItem{
		Seq: e.Seq, At: e.At.UTC(), Event: e.Name, Actor: e.Actor.String(), Account: e.Account, Login: e.Login, Address: e.Address, Book: e.Book,
		What: e.What, Count: e.Count, Reason: e.Reason,
	}
	if x := e.Right; x != nil {
		item.Right = &rightItem{ID: x.ID, Role: string(x.Role), Book: x.Book, Villages: x.Villages, From: x.From, To: x.To, Until: x.Until}
	}
	return item
}

type eventFilter struct {
	Event   string      `query:"event" validate:"max=40"`
	Account int64       `query:"account" validate:"min=0"`
	From    *ledger.Day `query:"from"`
	To      *ledger.Day `query:"to"`
}

func (f eventFilter) filter() account.LogFilter {
	return account.LogFilter{Name: f.Event, Account: f.Account, From: f.From, To: f.To}
}

type eventsIn struct {
	pageQuery
	eventFilter
}

func listEvents(ctx context.Context, r *request, in *eventsIn) (*listPage[eventItem], error) {
	entries, next, err := r.server.accounts.Log(ctx, in.filter(), ledger.Page{After: in.After, Limit: in.size()})
	if err != nil {
		return nil, err
	}
	var items []eventItem
	for _, e := range entries {
		items = append(items, newEventItem(e))
	}
	return newPage(items, next), nil
}

type eventStreamIn struct{ eventFilter }

func streamEvents(ctx context.Context, r *request, in *eventStreamIn, yield func(*eventItem) error) error {
	page := ledger.Page{Limit: ledger.PageMax}
	entries, next, err := r.server.accounts.Log(ctx, in.filter(), page)
	if err != nil {
		return err
	}
	if err := r.note(ctx, "exported", "installation/events.ndjson"); err != nil {
		return err
	}
	for {
		for _, e := range entries {
			item := newEventItem(e)
			if err := yield(&item); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		page.After = next
		if entries, next, err = r.server.accounts.Log(ctx, in.filter(), page); err != nil {
			return err
		}
	}
}
