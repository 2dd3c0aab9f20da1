package web

import (
	"encoding/json"
	"net/http"

	"github.com/foyer-app/foyer/web/i18n"
)

// problemView of the API, after RFC 9457. Type is the same in every language.
type apiProblem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Instance  string `json:"instance"` // what the log calls the request
	Parameter string `json:"parameter,omitempty"`
}

// problemTypes are the kinds of problems that the API knows, by the key of the
// error. What is not listed is told by its status alone.
var problemTypes = map[string]string{
	"error.unauthenticated": "unauthenticated", "error.denied": "denied", "error.no_organisation": "no_organisation",
	"error.not_found": "not_found", "error.too_large": "too_large", "error.busy": "busy", "error.internal": "internal",
	"error.host": "host", "error.parameter": "parameter", "error.cursor": "cursor", "error.window": "window",
	"error.key_in_query": "key_in_query", "error.rate_limited": "rate_limited", "error.no_series": "no_series",
}

// problemType names a problem for programs.
func problemType(p *problem) string {
	switch name, ok := problemTypes[p.key]; {
	case p.status == http.StatusMethodNotAllowed:
		return "method"
	case ok:
		return name
	case p.status == http.StatusForbidden:
		return "denied"
	}
	return "internal"
}

// problemJSON answers a program with what went wrong.
func (s *Server) problemJSON(w http.ResponseWriter, r *http.Request, p *problem) {
	l, kind := i18n.Match(r.Header.Get("Accept-Language"), ""), problemType(p)
	body, err := json.Marshal(apiProblem{
		Type: "urn:foyer:problem:" + kind, Title: l.T("api.problem." + kind), Status: p.status,
		Detail: l.T("api.problem."+kind+".text", "name", p.parameter), Instance: "urn:foyer:request:" + requestID(r), Parameter: p.parameter,
	})
	if err != nil { // of plain texts: never
		http.Error(w, http.StatusText(p.status), p.status)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", l.String())
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Language")
	h.Del("ETag")
	if p.status == http.StatusMethodNotAllowed {
		h.Set("Allow", "GET, HEAD")
	}
	w.WriteHeader(p.status)
	_, _ = w.Write(append(body, '\n'))
}

// unauthenticated asks a program for its key.
func (s *Server) unauthenticated(w http.ResponseWriter, r *http.Request) {
	ask := `Bearer realm="Foyer"`
	if r.Header.Get("Authorization") != "" {
		ask += `, error="invalid_token"`
	}
	w.Header().Set("WWW-Authenticate", ask)
	s.problemJSON(w, r, &problem{status: http.StatusUnauthorized, key: "error.unauthenticated"})
}
