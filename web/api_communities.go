package web

import (
	"net/http"
	"time"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// listed is a list that is given whole.
type listed[T any] struct {
	Data []T `json:"data"`
}

// paged is one page of a list.
type paged[T any] struct {
	Data []T     `json:"data"`
	Next *string `json:"next_cursor"`
}

// moment is a time as the API writes it: in UTC, null for none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// named is a text, null for none.
func named(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// meAPI is who asks.
type meAPI struct {
	Kind         string           `json:"kind"` // key or person
	Name         string           `json:"name"`
	Organisation *organisationAPI `json:"organisation"`
	Role         *string          `json:"role"` // of a person
	Permissions  []string         `json:"permissions"`
	Communities  []int64          `json:"communities"` // null: all of the organisation
	Expires      *time.Time       `json:"expires_at"`  // of a key
}

type organisationAPI struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// apiMe says who asks and what they may do.
func (s *Server) apiMe(r *http.Request) (any, error) {
	if err := paramsOf(r).err(); err != nil {
		return nil, err
	}
	who := actor(r)
	me := meAPI{Kind: "person", Name: who.User.Label(), Role: named(string(who.Seat.Role)), Permissions: []string{}}
	if o := who.Seat.Organisation; o.ID != 0 {
		me.Organisation = &organisationAPI{o.ID, o.Name, o.Kind}
	}
	for _, g := range account.Grants() {
		if who.May(g.Permission) {
			me.Permissions = append(me.Permissions, string(g.Permission))
		}
	}
	if who.Seat.Role == store.RoleGuest {
		me.Communities = append([]int64{}, who.Seat.Communities...)
	}
	if k := who.Key; k.ID != 0 {
		me.Kind, me.Name, me.Role, me.Expires = "key", k.Name, nil, moment(k.Expires)
		if len(k.Communities) > 0 {
			me.Communities = k.Communities
		}
	}
	return me, nil
}

// communityAPI is a community as lists name it.
type communityAPI struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Zone    string    `json:"time_zone"`
	Created time.Time `json:"created_at"`
}

func viewCommunityAPI(c community.Community) communityAPI {
	return communityAPI{c.Scope.Community, c.Name, location(c).String(), c.Created.UTC()}
}

// apiCommunities lists the communities that are shown to the caller.
func (s *Server) apiCommunities(r *http.Request) (any, error) {
	if err := paramsOf(r).err(); err != nil {
		return nil, err
	}
	who := actor(r)
	all, err := s.Store.Communities(r.Context(), who.Organisation())
	if err != nil {
		return nil, err
	}
	out := listed[communityAPI]{Data: []communityAPI{}}
	for _, c := range all {
		if who.Sees(c.Scope.Community) {
			out.Data = append(out.Data, viewCommunityAPI(c))
		}
	}
	return out, nil
}

// extentAPI is a community with what is known of it.
type extentAPI struct {
	communityAPI
	First    *string     `json:"first_day"`      // of the first activity
	Horizon  *time.Time  `json:"measured_until"` // the last moment that all sources speak of
	Measures measuresAPI `json:"measures"`
	Pending  int         `json:"pending_days"` // whose figures are being computed anew
}

// measuresAPI is what sources can tell; what they cannot is never 0.
type measuresAPI struct {
	Joins     bool `json:"joins"`
	Leaves    bool `json:"leaves"`
	Reactions bool `json:"reactions"`
	Replies   bool `json:"replies"`
	Members   bool `json:"member_list"`
}

func viewMeasuresAPI(m community.Measures) measuresAPI {
	return measuresAPI{Joins: m.Joins, Leaves: m.Leaves, Reactions: m.Reactions, Replies: m.ReplyLinks, Members: m.MemberList}
}

// apiCommunity tells what is known of one community.
func (s *Server) apiCommunity(r *http.Request) (any, error) {
	if err := paramsOf(r).err(); err != nil {
		return nil, err
	}
	c, err := s.community(r)
	if err != nil {
		return nil, err
	}
	series, err := s.Store.Series(r.Context(), c, community.Window{})
	if err != nil {
		return nil, err
	}
	v := extentAPI{communityAPI: viewCommunityAPI(c), Measures: viewMeasuresAPI(series.Measures)}
	if !series.Empty {
		first := series.First.String()
		v.First, v.Horizon = &first, moment(series.Horizon)
	}
	v.Pending, err = s.Store.DirtyDays(r.Context(), c.Scope)
	return v, err
}

// connectionAPI is one account of a platform that a community is measured by.
type connectionAPI struct {
	ID       int64       `json:"id"`
	Platform string      `json:"platform"`
	Name     string      `json:"name"`
	Measures measuresAPI `json:"measures"`
	Horizon  *time.Time  `json:"measured_until"`
	Created  time.Time   `json:"created_at"`
}

// apiConnections lists what a community is measured by.
func (s *Server) apiConnections(r *http.Request) (any, error) {
	if err := paramsOf(r).err(); err != nil {
		return nil, err
	}
	c, err := s.community(r)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Connections(r.Context(), c.Scope)
	if err != nil {
		return nil, err
	}
	out := listed[connectionAPI]{Data: []connectionAPI{}}
	for _, n := range all {
		out.Data = append(out.Data, connectionAPI{
			n.ID, string(n.Platform), n.Name, viewMeasuresAPI(n.Measures), moment(n.Horizon), n.Created.UTC(),
		})
	}
	return out, nil
}

// importAPI is the reading of export files.
type importAPI struct {
	ID         int64      `json:"id"`
	State      string     `json:"state"`
	Source     *string    `json:"source"` // null until it is recognised
	Names      []string   `json:"names"`
	BytesRead  int64      `json:"bytes_read"`
	BytesTotal int64      `json:"bytes_total"`
	Activities int64      `json:"activities"`
	Duplicates int64      `json:"duplicates"`
	Refusals   int64      `json:"refusals"`
	Reason     *string    `json:"reason"` // why it failed
	Created    time.Time  `json:"created_at"`
	Started    *time.Time `json:"started_at"`
	Finished   *time.Time `json:"finished_at"`
}

// apiImports lists a community's last imports, the newest first.
func (s *Server) apiImports(r *http.Request) (any, error) {
	if err := paramsOf(r).err(); err != nil {
		return nil, err
	}
	c, err := s.community(r)
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Imports(r.Context(), c.Scope)
	if err != nil {
		return nil, err
	}
	out := listed[importAPI]{Data: []importAPI{}}
	for _, i := range all {
		out.Data = append(out.Data, importAPI{
			ID: i.ID, State: i.State, Source: named(string(i.Source)), Names: append([]string{}, i.Names...),
			BytesRead: i.BytesRead, BytesTotal: i.BytesTotal, Activities: i.Activities, Duplicates: i.Duplicates, Refusals: i.Refusals,
			Reason: named(i.Reason), Created: i.Created.UTC(), Started: moment(i.Started), Finished: moment(i.Finished),
		})
	}
	return out, nil
}
