package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
)

// hookRoutes are where platforms deliver. They prove themselves by a signature,
// under whatever name they know this server.
func (s *Server) hookRoutes() []route {
	return []route{
		{"GET", "/hooks/{platform}", anybody(), s.hook},
		{"POST", "/hooks/{platform}", anybody(), s.hook},
		{"POST", "/hooks/{platform}/{token}", anybody(), s.hook},
	}
}

// hook takes a delivery: it is stored before it is answered, and understood later.
func (s *Server) hook(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if s.Live == nil {
		http.Error(w, "not here", http.StatusNotFound)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, connectors.MaxDelivery)
	platform := community.Platform(chi.URLParam(r, "platform"))
	receive := s.Live.Receive
	if token := chi.URLParam(r, "token"); token != "" { // of one account
		receive = func(ctx context.Context, p community.Platform, r *http.Request) (connectors.Delivery, error) {
			return s.Live.ReceiveFor(ctx, p, token, r)
		}
	}
	d, err := receive(r.Context(), platform, r)
	if status, text := hookStatus(err); status != http.StatusOK {
		if status == http.StatusServiceUnavailable {
			s.Log.ErrorContext(r.Context(), "delivery not stored", slog.String("id", requestID(r)), slog.Any("error", err))
			h.Set("Retry-After", "5")
		}
		http.Error(w, text, status)
		return
	}
	if len(d.Answer) > 0 {
		h.Set("Content-Type", d.AnswerType)
		_, _ = w.Write(d.Answer)
	}
}

// hookStatus is what a platform is told: never more than it needs to try again or not.
func hookStatus(err error) (int, string) {
	var (
		refused *connectors.RefusedError
		size    *http.MaxBytesError
	)
	switch {
	case err == nil:
		return http.StatusOK, ""
	case errors.Is(err, ingest.ErrNotOffered):
		return http.StatusNotFound, "not here"
	case errors.Is(err, connectors.ErrSignature):
		return http.StatusUnauthorized, "signature"
	case errors.As(err, &size):
		return http.StatusRequestEntityTooLarge, "too large"
	case errors.As(err, &refused):
		return http.StatusBadRequest, refused.Reason
	}
	return http.StatusServiceUnavailable, "again"
}
