package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/foyer-app/foyer/internal/account"
)

// openAPI describes the routes below; a test compares the two.
//
//go:embed api/openapi.json
var openAPI []byte

// apiBytes bounds what is sent along with a request of the API, which only reads.
const apiBytes = 64 << 10

// apiAt is the address of one community in the API.
const apiAt = "/api/v1" + at

// apiRoutes are the addresses for programs. Keys and sessions open them.
func (s *Server) apiRoutes() []route {
	return []route{
		{"GET", "/api/openapi.json", anybody(), s.page(s.apiDocument)},
		{"GET", "/api/v1/me", callers(), s.api(s.apiMe)},
		{"GET", "/api/v1/communities", may(account.ViewCommunities), s.api(s.apiCommunities)},
		{"GET", apiAt, may(account.ViewCommunities), s.api(s.apiCommunity)},
		{"GET", apiAt + "/kpis", may(account.ViewCommunities), s.api(s.apiKPIs)},
		{"GET", apiAt + "/kpis/{kpi}", may(account.ViewCommunities), s.api(s.apiKPI)},
		{"GET", apiAt + "/kpis/{kpi}/series", may(account.ViewCommunities), s.api(s.apiSeries)},
		{"GET", apiAt + "/platform-fit", may(account.ViewCommunities), s.api(s.apiFit)},
		{"GET", apiAt + "/members", may(account.ViewPeople), s.api(s.apiMembers)},
		{"GET", apiAt + "/activities", may(account.ExportData), s.api(s.apiActivities)},
		{"GET", apiAt + "/connections", may(account.ViewCommunities), s.api(s.apiConnections)},
		{"GET", apiAt + "/imports", may(account.ImportData), s.api(s.apiImports)},
	}
}

// isAPI says whether a request is a program's: it is answered in JSON, errors too.
func isAPI(r *http.Request) bool {
	return r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/")
}

// api adapts what a handler found to an answer.
func (s *Server) api(h func(*http.Request) (any, error)) http.HandlerFunc {
	return s.page(func(w http.ResponseWriter, r *http.Request) error {
		v, err := h(r)
		if err != nil {
			return err
		}
		body, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("web: api: %w", err)
		}
		writeTagged(w, r, append(body, '\n'))
		return nil
	})
}

// writeTagged answers with a document, or says that the caller has it already.
func writeTagged(w http.ResponseWriter, r *http.Request, body []byte) {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	h.Add("Vary", "Authorization, Cookie")
	if hasTag(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	_, _ = bytes.NewReader(body).WriteTo(w) // the caller may have gone
}

// hasTag says whether If-None-Match names the tag. A proxy that compresses makes
// tags weak: they are compared without that mark, as the standard has it.
func hasTag(sent []string, tag string) bool {
	for _, line := range sent {
		for one := range strings.SplitSeq(line, ",") {
			one = strings.TrimSpace(one)
			if one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
}

// apiDocument is the description of the API for programs.
func (s *Server) apiDocument(w http.ResponseWriter, r *http.Request) error {
	writeTagged(w, r, openAPI)
	return nil
}

// bodiless reads away what nobody asked for, up to its bound: without that, a
// caller would see a broken connection in place of an answer.
func (s *Server) bodiless(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil {
			if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, apiBytes)); err != nil {
				s.problemPage(w, r, &problem{status: http.StatusRequestEntityTooLarge, key: "error.too_large", err: err})
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}
