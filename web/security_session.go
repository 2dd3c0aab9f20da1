package web

import (
	"fmt"
	"net/http"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// deviceList is where a person is signed in.
type deviceList struct {
	Title, Sub, Here, End string
	Devices               []deviceView
	EndOthers             *ui.Link
}

type deviceView struct {
	ID, Name, Text string
	Current        bool
}

// viewDevices lists the living sessions of a person.
func (s *Server) viewDevices(r *http.Request, l i18n.Locale) (deviceList, error) {
	v := deviceList{Title: l.T("security.sessions"), Sub: l.T("security.sessions.text"), Here: l.T("security.sessions.here"), End: l.T("security.sessions.end")}
	who := actor(r)
	list, err := s.Store.Sessions(r.Context(), who.User.ID)
	if err != nil {
		return v, err
	}
	for _, n := range list {
		if s.Now().Sub(n.Seen) > account.Idle {
			continue // ended by itself, not swept yet
		}
		name := browserOf(n.Agent)
		if name == "" {
			name = l.T("security.sessions.unknown")
		}
		text := l.T("security.sessions.seen", "when", l.Relative(n.Seen, s.Now()), "place", orDash(n.Address))
		v.Devices = append(v.Devices, deviceView{ID: idText(n.ID), Name: name, Text: text, Current: n.ID == who.Session.ID})
	}
	if len(v.Devices) > 1 {
		v.EndOthers = &ui.Link{Label: l.T("security.sessions.end_others"), URL: securityPath + "/sessions/end", Post: true}
	}
	return v, nil
}

// endSession signs one device of the person out.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "session")
	if err != nil {
		return err
	}
	who := actor(r)
	list, err := s.Store.Sessions(r.Context(), who.User.ID)
	if err != nil {
		return fmt.Errorf("web: end session: %w", err)
	}
	for _, n := range list {
		if n.ID != id {
			continue
		}
		if err := s.Store.EndSession(r.Context(), who.User.ID, id); err != nil {
			return fmt.Errorf("web: end session: %w", err)
		}
		s.audit(r, "person.session_ended", browserOf(n.Agent))
		if id == who.Session.ID {
			s.forget(w, r)
			http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
			return nil
		}
		return s.toSecurityWith(w, r, "ended")
	}
	return fmt.Errorf("session: %w", community.ErrNotFound)
}

// endOtherSessions signs every other device of the person out.
func (s *Server) endOtherSessions(w http.ResponseWriter, r *http.Request) error {
	who := actor(r)
	n, err := s.Store.EndSessions(r.Context(), who.User.ID, who.Session.ID)
	if err != nil {
		return fmt.Errorf("web: end sessions: %w", err)
	}
	s.audit(r, "person.sessions_ended", "", "number", idText(n))
	return s.toSecurityWith(w, r, "ended_all")
}
