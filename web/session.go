package web

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/store"
)

// The session's cookie. A browser takes one named __Host- only over a safe
// connection, for the whole of this host and nobody else; without one, on this
// machine alone, it has a name of its own.
const (
	sessionCookie      = "__Host-foyer"
	sessionCookiePlain = "foyer"
)

// safe says whether visitors come over TLS, here or at the proxy.
func (s *Server) safe(r *http.Request) bool {
	return r.TLS != nil || s.URL != nil && s.URL.Scheme == "https"
}

func (s *Server) sessionName(r *http.Request) string {
	if s.safe(r) {
		return sessionCookie
	}
	return sessionCookiePlain
}

// token is what the browser keeps of its session.
func (s *Server) token(r *http.Request) string { return cookie(r, s.sessionName(r)) }

// signIn begins a session in this browser; one that was there ends. A token from
// before signing in is never used again.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, u store.User, second bool) error {
	if old := actor(r); old.Session.ID != 0 {
		if err := s.Store.EndSession(r.Context(), old.User.ID, old.Session.ID); err != nil {
			return err
		}
	}
	token, err := s.Accounts.Start(r.Context(), u, account.Place{Address: address(r), Agent: r.UserAgent()}, second)
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.sessionName(r), Value: token, Path: "/", MaxAge: int(account.Absolute / time.Second), HttpOnly: true,
		Secure: s.safe(r), SameSite: http.SameSiteLaxMode,
	})
	return nil
}

// forget takes the session's cookie away.
func (s *Server) forget(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name: s.sessionName(r), Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.safe(r), SameSite: http.SameSiteLaxMode,
	})
}

// signOut ends the session, and leads on to where the form says.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	who, to := actor(r), localPath(r.PostForm.Get("back"))
	if to == "/" {
		to = "/sign-in"
	}
	if err := s.Store.EndSession(r.Context(), who.User.ID, who.Session.ID); err != nil {
		return err
	}
	s.forget(w, r)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// addressed finds out where requests come from: the connection's other end, or
// what proxies that we trust say. What a visitor writes into a header is not believed.
func (s *Server) addressed() func(http.Handler) http.Handler {
	if len(s.Proxies) == 0 {
		return middleware.ClientIPFromRemoteAddr
	}
	trusted := make([]string, len(s.Proxies))
	for i, p := range s.Proxies {
		trusted[i] = p.String()
	}
	return middleware.ClientIPFromXFF(trusted...)
}

// address is where a request comes from.
func address(r *http.Request) string { return middleware.GetClientIP(r.Context()) }
