package web

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
)

// How often the row of an import is read, and how long a stream may be silent:
// a proxy or a phone would take a longer silence for a broken connection.
const (
	eventPause = 500 * time.Millisecond
	heartbeat  = 15 * time.Second
)

// importEvents sends the part of the page that follows an import, each time it
// has changed, until nothing will change by itself.
func (s *Server) importEvents(w http.ResponseWriter, r *http.Request) error {
	c, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	out := &events{w: w, control: http.NewResponseController(w)}
	tick := time.NewTicker(eventPause)
	defer tick.Stop()
	for {
		more, err := s.sendStatus(r, out, s.locale(r), c, i)
		if err != nil && r.Context().Err() == nil {
			// The status line is out: the browser connects again by itself.
			s.Log.ErrorContext(r.Context(), "event stream broke off", slog.Any("error", err))
		}
		if err != nil || !more {
			return nil
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-s.leaving.told: // the browser connects again, to whoever is there then
			return nil
		case <-tick.C:
		}
		i, err = s.Store.Import(r.Context(), c.Scope, i.ID)
		switch {
		case errors.Is(err, community.ErrNotFound):
			_ = out.send("event: done\ndata:\n\n")
			return nil
		case err != nil:
			return nil
		}
	}
}

// sendStatus sends how the import stands, if that is news; more says that the
// stream goes on.
func (s *Server) sendStatus(r *http.Request, out *events, l i18n.Locale, c community.Community, i store.Import) (more bool, err error) {
	settled := true
	if i.Ended() {
		if settled, err = s.settled(r.Context(), c); err != nil {
			return false, err
		}
	}
	var buf bytes.Buffer
	if err := importStatus(s.viewStatus(l, c, i, settled)).Render(r.Context(), &buf); err != nil {
		return false, err
	}
	if err := out.fragment(buf.String()); err != nil {
		return false, err
	}
	if moving(i, settled) {
		return true, nil
	}
	// The page puts a fragment in its place after a moment, and closing the
	// stream at once would take the last one away.
	select {
	case <-r.Context().Done():
		return false, nil
	case <-time.After(eventPause):
	}
	return false, out.send("event: done\ndata:\n\n")
}

// events writes a stream of server-sent events.
type events struct {
	w       http.ResponseWriter
	control *http.ResponseController
	last    string    // the fragment sent last
	at      time.Time // when anything was sent last
}

// newlines are all that end a line of the stream.
var newlines = strings.NewReplacer("\r\n", "\ndata: ", "\r", "\ndata: ", "\n", "\ndata: ")

// fragment sends a part of the page, or from time to time a sign of life when it
// is the one sent last.
func (e *events) fragment(html string) error {
	switch {
	case html != e.last:
		e.last = html
		return e.send("data: " + newlines.Replace(html) + "\n\n")
	case time.Since(e.at) >= heartbeat:
		return e.send(": \n\n")
	}
	return nil
}

func (e *events) send(text string) error {
	// The server's own limit would cut the stream; a dead visitor must not hold it.
	_ = e.control.SetWriteDeadline(time.Now().Add(2 * heartbeat))
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	e.at = time.Now()
	return e.control.Flush()
}
