package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// handler parses, asks and renders; the error it returns becomes a page.
type handler func(http.ResponseWriter, *http.Request) error

// problem is an error with a status and a sentence for the visitor, a key of
// the catalogue.
type problem struct {
	status    int
	key       string
	parameter string // of the address, that cannot be taken
	err       error
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
		if err == nil || errors.Is(r.Context().Err(), context.Canceled) {
			return // done, or nobody is there to read it
		}
		p := asProblem(err)
		if p.status >= http.StatusInternalServerError {
			s.Log.ErrorContext(r.Context(), "request failed", slog.String("method", r.Method),
				slog.String("route", chi.RouteContext(r.Context()).RoutePattern()), slog.Any("error", err))
		}
		s.problemPage(w, r, p)
	}
}

func asProblem(err error) *problem {
	var (
		p    *problem
		size *http.MaxBytesError
	)
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, community.ErrNotFound):
		return &problem{status: http.StatusNotFound, key: "error.not_found", err: err}
	case errors.As(err, &size):
		return &problem{status: http.StatusRequestEntityTooLarge, key: "error.too_large", err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &problem{status: http.StatusServiceUnavailable, key: "error.busy", err: err}
	}
	return &problem{status: http.StatusInternalServerError, key: "error.internal", err: err}
}

// render writes a page after rendering it to memory, so that an error in the
// middle cannot leave half a page.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var buf bytes.Buffer
	if err := c.Render(r.Context(), &buf); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = buf.WriteTo(w) // the visitor may have gone
	return nil
}

// form reads the fields of an ordinary form.
func form(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		var size *http.MaxBytesError
		if errors.As(err, &size) {
			return err
		}
		return &problem{status: http.StatusBadRequest, key: "error.form", err: err}
	}
	return nil
}
