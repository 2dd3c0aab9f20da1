package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/foyer-app/foyer/internal/logging"
	"github.com/foyer-app/foyer/web/static"
)

// Bounds of an ordinary request. Uploads and event streams have their own.
const (
	requestTime = 30 * time.Second
	writeTime   = 60 * time.Second
	formBytes   = 1 << 20
)

// policy allows this server's own files and nothing else.
const policy = "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; " +
	"frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"

// requestID is what the log and an error page call the request.
func requestID(r *http.Request) string { return logging.Text(r.Context(), logging.RequestID) }

// identified gives the request an id of ours: one sent along would be foreign
// input in the log.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b [6]byte
		_, _ = rand.Read(b[:]) // never fails
		id := hex.EncodeToString(b[:])
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(logging.With(r.Context(), slog.String(logging.RequestID, id))))
	})
}

// logged writes one line a request: the route, never the address with its query.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		ww := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			level := slog.LevelInfo
			if strings.HasPrefix(r.URL.Path, static.Prefix) || r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
				level = slog.LevelDebug
			}
			s.Log.Log(r.Context(), level, "request", slog.String("method", r.Method),
				slog.String("route", chi.RouteContext(r.Context()).RoutePattern()), slog.Int("status", ww.Status()),
				slog.Int("bytes", ww.BytesWritten()), slog.Duration("time", time.Since(start).Round(time.Microsecond)))
		}()
		next.ServeHTTP(ww, r)
	})
}

// recovered turns a panic of a handler into the error page.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			s.Log.ErrorContext(r.Context(), "request panicked", slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
			s.problemPage(w, r, &problem{status: http.StatusInternalServerError, key: "error.internal"})
		}()
		next.ServeHTTP(w, r)
	})
}

// secured sets what the browser needs to know before it reads anything.
func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if s.safe(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// hosted refuses names that are not this server's: a page elsewhere could give
// its own name our address and read what we answer.
func (s *Server) hosted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.knows(r.Host) {
			s.problemPage(w, r, &problem{status: http.StatusForbidden, key: "error.host"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) knows(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.IsLoopback() {
		return true
	}
	return s.URL != nil && strings.EqualFold(s.URL.Hostname(), host)
}

// sameOrigin refuses forms that another site sends.
func (s *Server) sameOrigin() func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.problemPage(w, r, &problem{status: http.StatusForbidden, key: "error.cross_site"})
	}))
	return protection.Handler
}

// bounded limits an ordinary request in time and size.
func bounded(next http.Handler) http.Handler { return boundedTo(formBytes)(next) }

// boundedTo is bounded for forms of another size.
func boundedTo(size int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return timed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Body != nil {
				r.Body = http.MaxBytesReader(w, r.Body, size)
			}
			next.ServeHTTP(w, r)
		}))
	}
}

// timed limits a request in time.
func timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		rc := http.NewResponseController(w)
		// Not every writer has deadlines; the context holds without them.
		_ = rc.SetReadDeadline(time.Now().Add(requestTime))
		_ = rc.SetWriteDeadline(time.Now().Add(writeTime))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
