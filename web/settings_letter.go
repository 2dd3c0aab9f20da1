package web

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
)

// absolute is an address as a letter needs it.
func (s *Server) absolute(r *http.Request, path string) string {
	if s.URL != nil {
		return s.URL.Scheme + "://" + s.URL.Host + path
	}
	return "http://" + r.Host + path // this machine's, as the guard of names saw to
}

// localTime is a moment in an organisation's time zone.
func localTime(o store.Organisation, t time.Time) time.Time {
	if zone := parseZone(o.TimeZone); zone != nil {
		return t.In(zone)
	}
	return t.UTC()
}

// notify writes to a person about what the actor did for the organisation. The
// change is made already: a letter that cannot be written is logged and holds
// nothing up.
func (s *Server) notify(r *http.Request, user int64, kind mail.Kind, fill func(i18n.Locale, *mail.Data)) {
	ctx, who := context.WithoutCancel(r.Context()), actor(r)
	u, err := s.Store.User(ctx, user)
	if err == nil {
		org := who.Seat.Organisation
		l, ok := i18n.Parse(u.Language)
		if !ok {
			l, _ = i18n.Parse(org.Language)
		}
		d := mail.Data{
			To: u.Email, ToName: u.Name, Person: who.User.Label(), Organisation: org.Name, Place: who.Address, At: localTime(org, s.Now()),
		}
		fill(l, &d)
		err = s.Post.Post(ctx, courier.Letter{Organisation: org.ID, User: u.ID, Kind: kind, Locale: l.WithClock(u.TimeFormat), Data: d})
	}
	if err != nil {
		s.Log.ErrorContext(ctx, "letter not written", slog.String("id", requestID(r)), slog.String("kind", string(kind)), slog.Any("error", err))
	}
}

// asFor is the request, made for another of the actor's organisations.
func asFor(r *http.Request, who account.Actor) *http.Request {
	return r.WithContext(account.WithActor(r.Context(), who))
}
