package web

import (
	"log/slog"
	"net/http"

	"github.com/foyer-app/foyer/web/ui"
)

// problemView says what happened and where to go on.
type problemView struct {
	Page  ui.Page
	Title string
	Text  string
	Back  string
	Trace string // what the log calls this request; only where the log has more
}

// problemPage answers with the page of an error; a program gets it as JSON.
func (s *Server) problemPage(w http.ResponseWriter, r *http.Request, p *problem) {
	if isAPI(r) {
		s.problemJSON(w, r, p)
		return
	}
	l := s.locale(r)
	v := problemView{Title: l.T(p.key), Text: l.T(p.key + ".text"), Back: l.T("error.back")}
	if p.status >= http.StatusInternalServerError {
		v.Trace = l.T("error.trace", "id", requestID(r))
	}
	v.Page = s.bare(r, v.Title)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		v.Page.Back, v.Page.Languages = "/", nil // a form's address may show nothing
	}
	if err := s.render(w, r, p.status, problemPage(v)); err != nil {
		s.Log.ErrorContext(r.Context(), "error page failed", slog.Any("error", err))
		http.Error(w, http.StatusText(p.status), p.status)
	}
}
