package web

import "net/http"

// jobsAt is where the operator looks at the jobs.
const jobsAt = "/admin/river"

// jobsPolicy lets the pages of River's interface style themselves; they load
// nothing from elsewhere either.
const jobsPolicy = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; " +
	"frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'"

// jobRoutes are River's interface: pages, files and what its buttons do.
func (s *Server) jobRoutes() []route {
	list := []route{{"GET", jobsAt, operators().sure(), s.page(s.jobs)}}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		list = append(list, route{method, jobsAt + "/*", operators().sure(), s.page(s.jobs)})
	}
	return list
}

// jobs shows River's interface, where there is one.
func (s *Server) jobs(w http.ResponseWriter, r *http.Request) error {
	if s.Jobs == nil {
		return &problem{status: http.StatusNotFound, key: "error.not_found"}
	}
	w.Header().Set("Content-Security-Policy", jobsPolicy)
	w.Header().Set("Cache-Control", "no-store")
	s.Jobs.ServeHTTP(w, r)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.audit(r, "jobs.act", r.Method+" "+r.URL.Path)
	}
	return nil
}
