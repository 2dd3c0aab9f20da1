package web

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// readyTime bounds the questions behind /readyz.
const readyTime = 3 * time.Second

// leaving says that the server is about to stop.
type leaving struct {
	once sync.Once
	told chan struct{}
}

// Leave makes /readyz say that no further requests should come, and ends the
// streams that would never end by themselves. Requests are answered as before.
func (s *Server) Leave() { s.leaving.once.Do(func() { close(s.leaving.told) }) }

// ready says whether requests should come here: the database answers, its schema
// is at least the one that this program was built with, and the server stays.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	w.Header().Set("Cache-Control", "no-store")
	if missing := s.missing(ctx); missing != "" {
		http.Error(w, missing, http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ready\n"))
}

// missing is what keeps the server from being ready, or nothing.
func (s *Server) missing(ctx context.Context) string {
	select {
	case <-s.leaving.told:
		return "stopping"
	default:
	}
	current, err := s.Store.Current(ctx)
	if err != nil {
		s.Log.WarnContext(ctx, "not ready", slog.Any("error", err))
		return "no database"
	}
	if !current {
		return "migrations are missing"
	}
	return ""
}
