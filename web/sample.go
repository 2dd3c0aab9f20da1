package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/ui"
)

// sampleRoutes are the visit with sample data.
func (s *Server) sampleRoutes() []route {
	return []route{
		{"POST", "/sample", signedIn(), s.page(s.visitSample)},
		{"POST", "/sample/leave", signedIn(), s.page(s.leaveSample)},
		{"GET", "/sample/remove", signedIn(), s.page(s.askRemoveSample)},
		{"POST", "/sample/remove", signedIn(), s.page(s.removeSample)},
		{"GET", "/demo", anybody(), s.page(s.enterDemo)},
	}
}

// visitSample gives the visitor the sample data, or what is missing of them, and
// leads to what is still being read, else to the figures.
func (s *Server) visitSample(w http.ResponseWriter, r *http.Request) error {
	who, l := actor(r), s.locale(r)
	made, err := s.Imports.Sample(r.Context(), who.User, l.String())
	switch {
	case errors.Is(err, ingest.ErrNoSample):
		return community.ErrNotFound
	case errors.Is(err, ingest.ErrDiskFull):
		return &problem{status: http.StatusInsufficientStorage, key: "sample.disk_full", err: err}
	case err != nil:
		return fmt.Errorf("web: visit sample: %w", err)
	}
	if err := s.Store.ActFor(r.Context(), who.Session.ID, made.Organisation.ID); err != nil {
		return fmt.Errorf("web: visit sample: %w", err)
	}
	if made.Made {
		who.Seat = store.Seat{Organisation: made.Organisation, Role: store.RoleOwner}
		s.audit(r.WithContext(account.WithActor(r.Context(), who)), "organisation.sample", made.Organisation.Name)
	}
	http.Redirect(w, r, samplePath(made), http.StatusSeeOther)
	return nil
}

// samplePath is where a visit begins: at what is still being read, else at the figures.
func samplePath(made ingest.Sample) string {
	if made.Import != 0 {
		return importPath(store.Import{Scope: made.Main.Scope, ID: made.Import}, "")
	}
	return communityPath(made.Main.Scope, "")
}

// ownSeat is the first organisation of a person that holds their own data; false
// when they have none.
func ownSeat(who account.Actor) (store.Seat, bool) {
	for _, seat := range who.Seats {
		if !seat.Organisation.Sample {
			return seat, true
		}
	}
	return store.Seat{}, false
}

// leaveSample leads back to the person's own organisation.
func (s *Server) leaveSample(w http.ResponseWriter, r *http.Request) error {
	who := actor(r)
	seat, _ := ownSeat(who) // without one, no organisation is chosen
	if err := s.Store.ActFor(r.Context(), who.Session.ID, seat.Organisation.ID); err != nil {
		return fmt.Errorf("web: leave sample: %w", err)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// ownSample is the organisation with sample data that a person may remove: the
// one they are in, else the first; community.ErrNotFound when there is none.
func ownSample(who account.Actor) (store.Organisation, error) {
	var first store.Organisation
	for _, seat := range who.Seats {
		if !seat.Organisation.Sample || !account.May(seat.Role, account.DeleteForGood) {
			continue
		}
		if seat.Organisation.ID == who.Organisation() {
			return seat.Organisation, nil
		}
		if first.ID == 0 {
			first = seat.Organisation
		}
	}
	if first.ID == 0 {
		return first, fmt.Errorf("sample: %w", community.ErrNotFound)
	}
	return first, nil
}

// askRemoveSample asks before the sample data go.
func (s *Server) askRemoveSample(w http.ResponseWriter, r *http.Request) error {
	o, err := ownSample(actor(r))
	if err != nil {
		return err
	}
	l := s.locale(r)
	v := cancelView{
		Page: s.bare(r, l.T("sample.remove")), Action: "/sample/remove", Yes: l.T("sample.remove.yes"),
		Head: ui.Head{Eyebrow: o.Name, Title: l.T("sample.remove.title"), Lede: words(l.T("sample.remove.text"))},
		No:   ui.Link{Label: l.T("sample.remove.no"), URL: "/"},
	}
	v.Page.Notice = nil // it would offer what is being asked
	return s.render(w, r, http.StatusOK, cancelPage(v))
}

// removeSample removes the sample data for good.
func (s *Server) removeSample(w http.ResponseWriter, r *http.Request) error {
	who := actor(r)
	o, err := ownSample(who)
	if err != nil {
		return err
	}
	within := r.WithContext(store.WithTenant(r.Context(), o.ID)) // they may look at another one
	communities, err := s.Store.Communities(within.Context(), o.ID)
	if err != nil {
		return fmt.Errorf("web: remove sample: %w", err)
	}
	s.giveBack(within, communities)
	err = s.Imports.RemoveSample(r.Context(), who.User.ID, o.ID)
	if err != nil && !errors.Is(err, community.ErrNotFound) { // else somebody was faster
		return fmt.Errorf("web: remove sample: %w", err)
	}
	s.auditUser(r, who.User, "organisation.sample_remove")
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

// sampleOffer is the way to the sample data; nil where there are none, and for
// whoever looks at them.
func (s *Server) sampleOffer(r *http.Request) *ui.Link {
	if actor(r).Seat.Organisation.Sample || !connectors.CanSample(s.Connectors) {
		return nil
	}
	return &ui.Link{Label: s.locale(r).T("sample.visit"), URL: "/sample", Post: true}
}

// sampleNotice says on every page of the sample data what they are.
func (s *Server) sampleNotice(r *http.Request) *ui.Banner {
	who, l := actor(r), s.locale(r)
	if !who.Seat.Organisation.Sample {
		return nil
	}
	b := &ui.Banner{Lead: l.T("sample.notice"), Text: l.T("sample.notice.text")}
	if _, ok := ownSeat(who); ok {
		b.Action = &ui.Link{Label: l.T("sample.leave"), URL: "/sample/leave", Post: true}
	}
	if who.May(account.DeleteForGood) {
		b.Second = &ui.Link{Label: l.T("sample.remove"), URL: "/sample/remove"}
	}
	return b
}

// enterDemo lets in, once, whoever brings the ticket that `foyer demo` printed:
// on this machine only. Without a ticket that holds it is a way to the door.
func (s *Server) enterDemo(w http.ResponseWriter, r *http.Request) error {
	code := r.URL.Query().Get("code")
	if s.URL != nil || code == "" || len(code) > 200 {
		return community.ErrNotFound
	}
	t, err := s.Store.UseTicket(r.Context(), secret.HashToken(code), account.DemoTicket)
	if errors.Is(err, community.ErrNotFound) {
		http.Redirect(w, r, "/", http.StatusSeeOther) // who is in goes on, others read how to get in
		return nil
	}
	if err != nil {
		return fmt.Errorf("web: enter demo: %w", err)
	}
	u, err := s.Store.User(r.Context(), t.User)
	if err != nil {
		return fmt.Errorf("web: enter demo: %w", err)
	}
	made, err := s.Imports.Sample(r.Context(), u, s.locale(r).String())
	if err != nil {
		return fmt.Errorf("web: enter demo: %w", err)
	}
	to := samplePath(made)
	if next := localPath(r.URL.Query().Get("to")); next != "/" {
		to = next
	}
	return s.enter(w, r, u, proof{method: "demo"}, to)
}
