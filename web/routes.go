package web

import (
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/web/static"
)

// at is the address of one community.
const at = "/communities/{community}"

// routes are all addresses, grouped by what their requests may take. Who may call
// each stands beside it.
func (s *Server) routes() http.Handler {
	r := chi.NewRouter()
	if s.Measured != nil {
		r.Use(s.Measured)
	}
	r.Use(identified, s.addressed(), s.logged, s.secured, s.recovered, middleware.GetHead)

	r.Group(func(r chi.Router) { // anybody, under any name
		r.Use(bounded)
		s.register(r, s.plainRoutes())
	})
	r.Group(func(r chi.Router) { // platforms that deliver
		r.Use(timed)
		s.register(r, s.hookRoutes())
	})
	r.Group(func(r chi.Router) { // pages
		r.Use(s.hosted, s.sameOrigin(), middleware.Compress(5, "text/html", "text/csv"), bounded, s.known)
		s.register(r, s.doorRoutes())
		s.register(r, s.oneTimeRoutes())
		s.register(r, s.settingsRoutes())
		s.register(r, s.sampleRoutes())
		s.register(r, s.securityRoutes())
		s.register(r, s.privacyRoutes())
		s.register(r, s.pageRoutes())
		s.register(r, s.callbackRoutes())
		s.register(r, s.operatorRoutes())
		r.Group(func(r chi.Router) {
			r.Use(remembered)
			s.register(r, s.communityRoutes())
			s.register(r, s.memberRoutes())
			s.register(r, s.connectionRoutes())
		})
		r.NotFound(s.fails(http.StatusNotFound))
		r.MethodNotAllowed(s.fails(http.StatusMethodNotAllowed))
	})
	r.Group(func(r chi.Router) { // pictures come in
		r.Use(s.hosted, s.sameOrigin(), boundedTo(pictureForm), s.known)
		s.register(r, s.pictureRoutes())
	})
	r.Group(func(r chi.Router) { // the jobs, whose pages are not ours
		r.Use(s.hosted, s.sameOrigin(), bounded, s.known)
		s.register(r, s.jobRoutes())
	})
	r.Group(func(r chi.Router) { // programs
		r.Use(s.hosted, bounded, s.keyed, s.limited(), s.keyless, s.bodiless)
		s.register(r, s.apiRoutes())
	})
	r.Group(func(r chi.Router) { // long ones: files come in, events go out
		r.Use(s.hosted, s.sameOrigin(), s.known)
		s.register(r, s.longRoutes())
	})
	return r
}

// table is every route with who may call it: what the guards keep and what the
// tests walk.
func (s *Server) table() []route {
	return slices.Concat(s.plainRoutes(), s.doorRoutes(), s.settingsRoutes(), s.sampleRoutes(), s.securityRoutes(), s.pageRoutes(), s.callbackRoutes(), s.communityRoutes(), s.connectionRoutes(), s.operatorRoutes(), s.hookRoutes(), s.pictureRoutes(), s.longRoutes(), s.oneTimeRoutes(), s.privacyRoutes(), s.memberRoutes(), s.apiRoutes(), s.jobRoutes())
}

func (s *Server) plainRoutes() []route {
	return []route{
		{"GET", "/healthz", anybody(), s.health},
		{"GET", "/readyz", anybody(), s.ready},
		{"GET", static.Prefix + "*", anybody(), static.Handler().ServeHTTP},
	}
}

func (s *Server) pageRoutes() []route {
	return []route{
		{"GET", "/", signedIn(), s.page(s.home)},
		{"GET", "/start", may(account.CreateCommunities), s.page(s.start)},
		{"GET", "/communities", may(account.ViewCommunities), s.page(s.communityList)},
		{"POST", "/theme", anybody(), s.page(s.setTheme)},
		{"GET", "/language", anybody(), s.page(s.setLanguage)},
	}
}

func (s *Server) communityRoutes() []route {
	return []route{
		{"GET", at, may(account.ViewCommunities), s.page(s.overview)},
		{"GET", at + "/import", may(account.ImportData), s.page(s.importList)},
		{"GET", at + "/imports/{import}", may(account.ImportData), s.page(s.importProgress)},
		{"GET", at + "/imports/{import}/cancel", may(account.ImportData), s.page(s.askCancel)},
		{"POST", at + "/imports/{import}/cancel", may(account.ImportData), s.page(s.cancelImport)},
		{"GET", at + "/imports/{import}/answer", may(account.ImportData), s.page(s.toImport)},
		{"POST", at + "/imports/{import}/answer", may(account.ImportData), s.page(s.answerImport)},
		{"GET", at + "/imports/{import}/mapping", may(account.ImportData), s.page(s.showMapping)},
		{"POST", at + "/imports/{import}/mapping", may(account.ImportData), s.page(s.setMapping)},
		{"GET", at + "/imports/{import}/undo", may(account.ImportData), s.page(s.askUndo)},
		{"POST", at + "/imports/{import}/undo", may(account.ImportData), s.page(s.undoImport)},
		{"GET", at + "/imports/{import}/refused-lines.csv", may(account.ImportData), s.page(s.refusedLines)},
		{"GET", at + "/imports/{import}/refusals", may(account.ImportData), s.page(s.refusals)},
		{"GET", at + "/imports/{import}/refusals.csv", may(account.ImportData), s.page(s.refusalsCSV)},
		{"GET", at + "/team", may(account.SetTeam), s.page(s.team)},
		{"POST", at + "/team", may(account.SetTeam), s.page(s.setTeam)},
		{"GET", at + "/team/mark", may(account.SetTeam), s.page(s.toTeam)},
		{"POST", at + "/team/mark", may(account.SetTeam), s.page(s.markTeam)},
	}
}

func (s *Server) longRoutes() []route {
	return []route{
		{"POST", "/communities", may(account.CreateCommunities), s.page(s.createCommunity)},
		{"POST", at + "/import", may(account.ImportData), s.page(s.upload)},
		{"GET", at + "/members/{member}/export.zip", may(account.ManagePrivacy).sure(), s.page(s.memberExport)},
		{"GET", at + "/imports/{import}/events", may(account.ImportData), s.page(s.importEvents)},
	}
}

// fails answers an address that does not exist.
func (s *Server) fails(status int) http.HandlerFunc {
	return s.page(func(http.ResponseWriter, *http.Request) error {
		return &problem{status: status, key: "error.not_found"}
	})
}
