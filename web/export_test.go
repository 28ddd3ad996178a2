package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"mingzhang/ledger"
	"mingzhang/ledger/account"
)

// RouteInfo is a row of the routing table as tests see it.
type RouteInfo struct {
	Method, Pattern, ID string
	Needs               account.Can
	API, Plain          bool
	Statuses            []int
}

// Public and Halfway are what routes may need besides abilities.
const (
	Public   = public
	Halfway  = halfway
	SignedIn = signedIn
)

// Routes is the routing table.
func (s *Server) Routes() []RouteInfo {
	var all []RouteInfo
	for _, rt := range s.table {
		i := RouteInfo{Method: rt.method, Pattern: rt.pattern, Needs: rt.needs, API: rt.api != nil, Plain: rt.plain != nil}
		if rt.api != nil {
			i.ID, i.Statuses = rt.operationID(), rt.statuses()
		}
		all = append(all, i)
	}
	return all
}

// Client is who asks.
func (n Network) Client(r *http.Request) (address string, secure, proxied bool) { return n.client(r) }

// Stop makes the server as it is while it stops.
func (s *Server) Stop() { s.stopping.Store(true) }

// Document is the API's.
func (s *Server) Document() ([]byte, error) { return s.document() }

type probeLine struct {
	Price string   `json:"price" validate:"required,money"`
	Tags  []string `json:"tags" validate:"max=2,dive,max=3"`
}

type probeBody struct {
	Name  string      `json:"name" validate:"required,max=5"`
	Kind  string      `json:"kind" validate:"omitempty,oneof=a b"`
	Count int         `json:"count" validate:"min=0,max=9"`
	Flag  bool        `json:"flag"`
	On    *ledger.Day `json:"on"`
	Lines []probeLine `json:"lines" validate:"max=2,dive"`
}

type probeIn struct {
	Body probeBody
}

type probeList struct {
	pageQuery
	Kind string      `query:"kind" validate:"omitempty,oneof=a b"`
	From *ledger.Day `query:"from"`
}

type probeOne struct {
	ID int64 `path:"id"`
}

type probeOut struct {
	ID    int64  `json:"id"`
	Entry int64  `json:"entry"`
	Seen  int64  `json:"seen"`
	Key   string `json:"key"`
}

// Probe adds routes on which tests try what all routes have.
func (s *Server) Probe() *Server {
	text := ledger.Text{ZH: "测试", EN: "a test"}
	s.table = append(s.table,
		route{method: "POST", pattern: "/api/v1/probe", needs: signedIn, api: endpoint(text, http.StatusCreated, func(_ context.Context, r *request, in *probeIn) (*probeBody, error) {
			return &in.Body, nil
		})},
		route{method: "GET", pattern: "/api/v1/probe", needs: signedIn, api: endpoint(text, http.StatusOK, func(_ context.Context, _ *request, in *probeList) (*listPage[probeOut], error) {
			if in.After == "end" {
				return newPage[probeOut](nil, ""), nil
			}
			return newPage([]probeOut{{ID: int64(in.size())}}, "end"), nil
		})},
		route{method: "GET", pattern: "/api/v1/probe/{id}", needs: signedIn, api: endpoint(text, http.StatusOK, func(_ context.Context, _ *request, in *probeOne) (*probeOut, error) {
			return &probeOut{ID: in.ID, Entry: 10 + in.ID}, nil
		})},
		route{method: "DELETE", pattern: "/api/v1/probe/{id}", needs: signedIn, api: endpoint(text, http.StatusOK, func(_ context.Context, r *request, in *probeOne) (*probeOut, error) {
			if r.seen != 10+in.ID {
				return nil, ledger.E(ledger.Conflict, "record.changed", 10+in.ID, r.seen)
			}
			return &probeOut{ID: in.ID, Entry: 11 + in.ID, Seen: r.seen, Key: r.key.Name + "|" + string(r.key.Body)}, nil
		}).amends()},
		route{method: "GET", pattern: "/api/v1/probe-stream/{id}", needs: signedIn, api: stream(text, func(_ context.Context, _ *request, in *probeOne, yield func(*probeOut) error) error {
			for i := range in.ID {
				if err := yield(&probeOut{ID: i}); err != nil {
					return err
				}
			}
			if in.ID%2 == 1 {
				return errors.New("probe: broken")
			}
			return nil
		})},
		route{method: "GET", pattern: "/api/v1/probe-panic", needs: public, api: endpoint(text, http.StatusOK, func(context.Context, *request, *struct{}) (*me, error) {
			panic("probe")
		})},
		route{method: "GET", pattern: "/api/v1/probe-secret", needs: public, api: endpoint(text, http.StatusOK, func(context.Context, *request, *struct{}) (*me, error) {
			return nil, errors.New("SELECT secret FROM work_credentials")
		})},
		route{method: "POST", pattern: "/probe-upload", needs: signedIn, upload: true, page: func(s *Server, w http.ResponseWriter, r *request) {
			_, file, err := r.FormFile("file")
			if err != nil {
				s.fail(w, r, err)
				return
			}
			s.message(w, r, http.StatusOK, "probe", file.Filename+"|"+strconv.FormatInt(file.Size, 10))
		}},
		route{method: "POST", pattern: "/probe-form", needs: signedIn, page: func(s *Server, w http.ResponseWriter, r *request) {
			s.message(w, r, http.StatusOK, "probe", r.text("note")+"|"+r.key.Name+"|"+string(r.key.Body))
		}},
	)
	return s
}

// SafeCell is a cell of a download.
func SafeCell(cell string) string { return safeCell(cell) }
