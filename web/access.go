package web

import (
	"context"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/logging"
)

// access is who may call a route. Every route has one; a route without is not
// registered, and a test walks them all.
type access struct {
	// who: anybody, person, caller, operator, or empty for whoever has the permission.
	who        string
	permission account.Permission
	confirmed  bool // the person must have proved to be there a short while ago
}

// The kinds of access besides permissions.
const (
	everybody  = "anybody"
	aPerson    = "person"
	aCaller    = "caller"
	anOperator = "operator"
)

func anybody() access { return access{who: everybody} }

// signedIn lets in every person, with or without an organisation.
func signedIn() access { return access{who: aPerson} }

// callers lets in every person and every key of the API.
func callers() access { return access{who: aCaller} }

// operators lets in who runs this instance.
func operators() access { return access{who: anOperator} }

// may lets in whoever has the permission for the organisation.
func may(p account.Permission) access { return access{permission: p} }

// sure asks in addition that the person proved to be there a short while ago.
func (a access) sure() access {
	a.confirmed = true
	return a
}

// route is one address.
type route struct {
	method, pattern string
	access          access
	handler         http.HandlerFunc
}

// register adds routes behind their guards.
func (s *Server) register(r chi.Router, list []route) {
	for _, n := range list {
		r.Method(n.method, n.pattern, s.guard(n.access, n.handler))
	}
}

// known finds out who asks, by the cookie.
func (s *Server) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actor, err := s.Accounts.Resolve(r.Context(), s.token(r), address(r))
		if err != nil {
			s.page(func(http.ResponseWriter, *http.Request) error { return err })(w, r)
			return
		}
		next.ServeHTTP(w, r.WithContext(account.WithActor(r.Context(), actor)))
	})
}

// actor is who asks.
func actor(r *http.Request) account.Actor { return account.ActorOf(r.Context()) }

// guard lets a request through to a handler, or says why not: a visitor who is
// not signed in is led to the door, what belongs to somebody else does not exist.
func (s *Server) guard(a access, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if a.who == everybody {
			next(w, r)
			return
		}
		who := actor(r)
		if !who.SignedIn() {
			s.toSignIn(w, r)
			return
		}
		who, err := s.inCommunity(r, who)
		if err == nil {
			err = allowed(a, who)
		}
		if err != nil {
			s.page(func(http.ResponseWriter, *http.Request) error { return err })(w, r)
			return
		}
		if a.confirmed && !who.Confirmed(s.Now()) {
			http.Redirect(w, r, "/confirm?"+url.Values{"back": {localPath(here(r))}}.Encode(), http.StatusSeeOther)
			return
		}
		next(w, r.WithContext(ofActor(r.Context(), who)))
	}
}

// ofActor is a context that works, and writes into the log, for the actor.
func ofActor(ctx context.Context, who account.Actor) context.Context {
	ctx = account.WithActor(ctx, who)
	if o := who.Organisation(); o != 0 {
		ctx = logging.With(ctx, slog.Int64(logging.Organisation, o))
	}
	return ctx
}

// inCommunity makes the actor work for the organisation whose community the
// address names, if it is one of theirs and they are shown it.
func (s *Server) inCommunity(r *http.Request, who account.Actor) (account.Actor, error) {
	if chi.URLParam(r, "community") == "" {
		return who, nil
	}
	id, err := pathID(r, "community")
	if err != nil {
		return who, err
	}
	ids := make([]int64, len(who.Seats))
	for i, seat := range who.Seats {
		ids[i] = seat.Organisation.ID
	}
	if who.Key.ID != 0 {
		ids = []int64{who.Organisation()}
	}
	organisation, err := s.Store.OrganisationOfCommunity(r.Context(), ids, id)
	if err != nil {
		return who, err
	}
	if organisation != who.Organisation() {
		who, _ = who.For(organisation)
		if isAPI(r) { // a program that reads does not switch the person's pages
			return who, shown(who, id)
		}
		if err := s.Store.ActFor(r.Context(), who.Session.ID, organisation); err != nil {
			return who, err
		}
	}
	return who, shown(who, id)
}

func shown(who account.Actor, community int64) error {
	if !who.Sees(community) {
		return errNotShown
	}
	return nil
}

var errNotShown = errors.Join(errors.New("not shown to this guest"), community.ErrNotFound)

func allowed(a access, who account.Actor) error {
	switch {
	case a.who == aPerson && who.User.ID != 0, a.who == aCaller && who.SignedIn():
		return nil
	case a.who == anOperator && who.User.Operator:
		return nil
	case a.who != "":
		return &problem{status: http.StatusForbidden, key: "error.denied"}
	case who.Organisation() == 0:
		return &problem{status: http.StatusForbidden, key: "error.no_organisation"}
	case !who.May(a.permission):
		return &problem{status: http.StatusForbidden, key: "error.denied"}
	}
	return nil
}

// toSignIn leads a visitor to the door and remembers where they wanted to go.
func (s *Server) toSignIn(w http.ResponseWriter, r *http.Request) {
	if isAPI(r) {
		s.unauthenticated(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	to := "/sign-in"
	if back := localPath(here(r)); back != "/" && r.Method == http.MethodGet {
		to += "?" + url.Values{"back": {back}}.Encode()
	}
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// audit appends to the log what the actor did; a failure is logged and holds
// nothing up.
func (s *Server) audit(r *http.Request, action, target string, detail ...string) {
	e := actor(r).Entry(action, target)
	if len(detail) > 1 {
		e.Detail = map[string]string{}
		for i := 0; i+1 < len(detail); i += 2 {
			e.Detail[detail[i]] = detail[i+1]
		}
	}
	if err := s.Store.Audit(context.WithoutCancel(r.Context()), e); err != nil {
		s.Log.ErrorContext(r.Context(), "not written to the audit log", "action", action, "error", err)
	}
}

// sameSecret compares without telling by its time how much was right.
func sameSecret(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// idText is a number as the log shows it.
func idText(id int64) string { return strconv.FormatInt(id, 10) }
