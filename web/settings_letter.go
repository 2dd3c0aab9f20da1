package web

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/web/i18n"
)

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
			To: u.Email, ToName: u.Name, Person: who.User.Label(), Organisation: org.Name, Place: who.Address, At: s.Now().In(zoneOf(org)),
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
