package web

import (
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/foyer-app/foyer/web/static"
)

// at is the address of one community.
const at = "/communities/{community}"

// routes are all addresses, grouped by what their requests may take.
func (s *Server) routes() http.Handler {
	r := chi.NewRouter()
	r.Use(identified, s.logged, secured, s.recovered, middleware.GetHead)

	r.Group(func(r chi.Router) { // anybody, under any name
		r.Use(bounded)
		r.Get("/healthz", s.health)
		r.Get(static.Prefix+"*", static.Handler().ServeHTTP)
	})

	r.Group(func(r chi.Router) { // pages
		r.Use(s.hosted, s.sameOrigin(), middleware.Compress(5, "text/html", "text/csv"), bounded)
		r.Get("/", s.page(s.home))
		r.Get("/start", s.page(s.start))
		r.Get("/communities", s.page(s.communityList))
		r.Post("/theme", s.page(s.setTheme))
		r.Get("/language", s.page(s.setLanguage))
		r.Group(func(r chi.Router) {
			r.Use(remembered)
			r.Get(at, s.page(s.overview))
			r.Get(at+"/import", s.page(s.importList))
			r.Get(at+"/imports/{import}", s.page(s.importProgress))
			r.Get(at+"/imports/{import}/cancel", s.page(s.askCancel))
			r.Post(at+"/imports/{import}/cancel", s.page(s.cancelImport))
			r.Get(at+"/imports/{import}/answer", s.page(s.toImport))
			r.Post(at+"/imports/{import}/answer", s.page(s.answerImport))
			r.Get(at+"/imports/{import}/refusals", s.page(s.refusals))
			r.Get(at+"/imports/{import}/refusals.csv", s.page(s.refusalsCSV))
			r.Get(at+"/team", s.page(s.team))
			r.Post(at+"/team", s.page(s.setTeam))
			r.Get(at+"/team/mark", s.page(s.toTeam))
			r.Post(at+"/team/mark", s.page(s.markTeam))
		})
		r.NotFound(s.fails(http.StatusNotFound))
		r.MethodNotAllowed(s.fails(http.StatusMethodNotAllowed))
	})

	r.Group(func(r chi.Router) { // long ones: files come in, events go out
		r.Use(s.hosted, s.sameOrigin())
		r.Post("/communities", s.page(s.createCommunity))
		r.Post(at+"/import", s.page(s.upload))
		r.Get(at+"/imports/{import}/events", s.page(s.importEvents))
	})
	return r
}

// fails answers an address that does not exist.
func (s *Server) fails(status int) http.HandlerFunc {
	return s.page(func(http.ResponseWriter, *http.Request) error {
		return &problem{status: status, key: "error.not_found"}
	})
}
