package web

import (
	"context"
	"net/http"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// chartWeeks is how far back the time chart looks at least, where there is data.
const chartWeeks = 52

// lookBack is what some figures read before the period they speak of.
const lookBack = 28

// figures is what the overview is drawn from: one reading of the rollups.
type figures struct {
	series   *community.Series
	period   period
	charted  community.Window
	channels []store.ChannelCount
	sources  []store.Connection
	running  []store.Import
	pending  int // days to be recomputed
}

// overview shows the health of a community over a period.
func (s *Server) overview(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	f, err := s.figures(r.Context(), c, r)
	if err != nil {
		return err
	}
	l := s.locale(r)
	page := s.frame(r, c, pageOverview, l.T("web.menu.overview"))
	if f.series.Empty {
		if f.pending > 0 { // soon there is something: the page looks again by itself
			w.Header().Set("Refresh", "3")
		}
		return s.render(w, r, http.StatusOK, emptyOverviewPage(viewEmptyOverview(l, page, c, f)))
	}
	status := http.StatusOK
	if f.period.fault != "" {
		status = http.StatusUnprocessableEntity
	}
	return s.render(w, r, status, overviewPage(viewOverview(l, page, f, s.Now())))
}

// figures loads everything that the page reads. What the data reaches over
// decides the period, so it is asked for first.
func (s *Server) figures(ctx context.Context, c community.Community, r *http.Request) (figures, error) {
	var f figures
	today := community.DateOf(s.Now(), c.Location)
	reach, err := s.Store.Series(ctx, c, community.Window{From: today, To: today})
	if err != nil {
		return f, err
	}
	e := extentOf(reach, s.Now())
	f.period = parsePeriod(r.URL.Query(), e)
	p := f.period
	f.charted = community.Window{From: min(p.window.From, p.window.To-7*chartWeeks), To: p.window.To}
	f.charted.From = max(f.charted.From, min(reach.First, p.window.From)).Monday()
	loaded := community.Window{From: min(p.before.From-lookBack, f.charted.From), To: p.window.To}
	if f.series, err = s.Store.Series(ctx, c, loaded, p.window, p.before); err != nil {
		return f, err
	}
	if f.channels, err = s.Store.Channels(ctx, c.Scope, p.window); err != nil {
		return f, err
	}
	if f.sources, err = s.Store.Connections(ctx, c.Scope); err != nil {
		return f, err
	}
	imports, err := s.Store.Imports(ctx, c.Scope)
	if err != nil {
		return f, err
	}
	for _, i := range imports {
		if !i.Ended() {
			f.running = append(f.running, i)
		}
	}
	f.pending, err = s.Store.DirtyDays(ctx, c.Scope)
	return f, err
}
