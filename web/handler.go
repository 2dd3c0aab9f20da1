package web

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/community"
)

// handler parses, asks and renders; the error it returns becomes a page.
type handler func(http.ResponseWriter, *http.Request) error

// problem is an error with a status and a sentence for the visitor, a key of
// the catalogue.
type problem struct {
	status int
	key    string
	err    error
}

func (p *problem) Error() string {
	if p.err != nil {
		return p.key + ": " + p.err.Error()
	}
	return p.key
}

func (p *problem) Unwrap() error { return p.err }

// page adapts a handler: it maps an error to a status, logs it once, and never
// shows its text to a visitor.
func (s *Server) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		var p *problem
		switch {
		case r.Context().Err() != nil:
			return // nobody is there to read it
		case errors.As(err, &p):
		case errors.Is(err, community.ErrNotFound):
			p = &problem{status: http.StatusNotFound, key: "error.not_found"}
		default:
			p = &problem{status: http.StatusInternalServerError, key: "error.internal"}
		}
		if p.status >= http.StatusInternalServerError {
			s.Log.ErrorContext(r.Context(), "request failed", slog.String("method", r.Method), slog.String("route", r.Pattern), slog.Any("error", err))
		}
		s.problemPage(w, r, p)
	}
}

// render writes a page after rendering it to memory, so that an error in the
// middle cannot leave half a page.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var buf bytes.Buffer
	if err := c.Render(r.Context(), &buf); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = buf.WriteTo(w) // the visitor may have gone
	return nil
}
