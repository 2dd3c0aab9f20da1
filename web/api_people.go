package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/store"
)

// populations are the names of a member's population.
func populations() []string { return []string{"member", "team", "bot"} }

// populationName is the name of a population; of an unknown one the first.
func populationName(n int) string {
	if all := populations(); n > 0 && n < len(all) {
		return all[n]
	}
	return populations()[0]
}

// memberAPI is a person. Addresses are not given.
type memberAPI struct {
	ID         int64    `json:"id"`
	Name       string   `json:"name"`
	Handles    []string `json:"handles"`
	Platforms  []string `json:"platforms"`
	Population string   `json:"population"`
	By         *string  `json:"population_by"` // hand, role, domain or platform
	Messages   int64    `json:"messages"`
	LastActive *string  `json:"last_active_on"`
	// Invitation is null where no source looks by which one the member came.
	Invitation *invitationAPI `json:"invitation"`
}

// invitationAPI says by which invitation a member came, the last time.
type invitationAPI struct {
	Joined  time.Time `json:"joined_at"`
	Known   bool      `json:"known"`
	Code    *string   `json:"code"`
	Inviter *int64    `json:"inviter_id"` // null for nobody: an address of the community itself
}

// apiMembers is one page of the members, in the order in which they were first
// seen: who comes later stands behind the page that was read.
func (s *Server) apiMembers(r *http.Request) (any, error) {
	p := paramsOf(r)
	f := store.MemberFilter{Search: p.text("search", searchMost), After: p.cursor().n, Limit: p.limit() + 1}
	if n := slices.Index(populations(), p.one("population", append([]string{""}, populations()...)...)); n >= 0 {
		f.Population = &n
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	c, err := s.community(r)
	if err != nil {
		return nil, err
	}
	list, err := s.Store.MembersPage(r.Context(), c.Scope, f)
	if err != nil {
		return nil, err
	}
	more := len(list) == f.Limit
	if more {
		list = list[:f.Limit-1]
	}
	ids := make([]int64, len(list))
	for i, m := range list {
		ids[i] = m.ID
	}
	came, err := s.Store.Arrivals(r.Context(), c.Scope, ids)
	if err != nil {
		return nil, err
	}
	out := paged[memberAPI]{Data: []memberAPI{}}
	for _, m := range list {
		v := viewMember(m)
		if a, ok := came[m.ID]; ok {
			v.Invitation = &invitationAPI{Joined: a.At.UTC(), Known: a.Known, Code: named(a.Code)}
			if a.Inviter != 0 {
				v.Invitation.Inviter = &a.Inviter
			}
		}
		out.Data = append(out.Data, v)
		out.Next = next(more, place{n: m.ID})
	}
	return out, nil
}

func viewMember(m store.Person) memberAPI {
	v := memberAPI{
		ID: m.ID, Name: m.Name, Handles: append([]string{}, m.Handles...), Platforms: append([]string{}, m.Platforms...),
		Population: populationName(m.Population), By: named(m.By), Messages: m.Messages,
	}
	if !m.LastActive.IsZero() {
		day := m.LastActive.UTC().Format(time.DateOnly)
		v.LastActive = &day
	}
	return v
}

// activityAPI is one thing that somebody did. Texts are never stored; who did it
// is named only to those who may see members by name.
type activityAPI struct {
	At         time.Time `json:"occurred_at"`
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	Platform   string    `json:"platform"`
	Channel    *string   `json:"channel"`
	MemberID   *int64    `json:"member_id"`
	Member     *string   `json:"member"`
	Identity   *string   `json:"identity"` // the platform's id
	Population *string   `json:"population"`
	Answers    *string   `json:"answers"` // id of what it answers or reacts to
	Amount     int       `json:"amount"`
	Length     int       `json:"length"`
	Question   bool      `json:"question"`
	Link       bool      `json:"link"`
	Inferred   bool      `json:"inferred_time"`
	Detail     *string   `json:"detail"`
}

// apiActivities is one page of the activities, oldest first.
func (s *Server) apiActivities(r *http.Request) (any, error) {
	p := paramsOf(r)
	from := p.cursor()
	f := store.ActivityFilter{Since: p.moment("since"), Until: p.moment("until"), Limit: p.limit() + 1}
	if from != (place{}) {
		f.AfterAt, f.AfterKey = time.UnixMicro(from.n).UTC(), from.key
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	c, err := s.community(r)
	if err != nil {
		return nil, err
	}
	list, err := s.Store.ActivitiesPage(r.Context(), c.Scope, f)
	if err != nil {
		return nil, err
	}
	more := len(list) == f.Limit
	if more {
		list = list[:f.Limit-1]
	}
	out, byName := paged[activityAPI]{Data: []activityAPI{}}, actor(r).May(account.ViewPeople)
	for _, a := range list {
		out.Data = append(out.Data, viewActivity(a, byName))
		out.Next = next(more, place{a.OccurredAt.UnixMicro(), a.ID})
	}
	return out, nil
}

func viewActivity(a store.ActivityRow, byName bool) activityAPI {
	v := activityAPI{
		At: a.OccurredAt.UTC(), ID: a.ID, Kind: a.Kind, Platform: a.Platform, Channel: named(a.Channel),
		Answers: named(a.Answers), Amount: a.Amount, Length: a.Length, Question: a.Question, Link: a.Link, Inferred: a.InferredTime,
		Detail: named(a.Detail),
	}
	if a.Member != 0 {
		population := populationName(a.Population)
		v.MemberID, v.Population = &a.Member, &population
	}
	if byName {
		v.Member, v.Identity = named(a.Name), named(a.Identity)
	}
	return v
}
