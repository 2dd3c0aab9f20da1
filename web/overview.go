package web

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/chart"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// overviewView is the health of a community over a period.
type overviewView struct {
	Page          ui.Page
	Head          ui.Head
	Banners       []ui.Banner
	Nothing       *ui.Empty // the period holds nothing: in place of the rest
	Moving        string    // where the figures are asked for again, as they move by themselves; empty: they stand
	Team          teamSwitch
	Core          tileGroup
	Conversations tileGroup
	Steadiness    tileGroup
	Remarks       remarksView
	Trend         trendView
	Rhythm        rhythmView
	Channels      tableView
	Replies       repliesView
	Cohorts       tableView
	Concentration tableView
	Milestones    milestonesView
}

// welcomeView is the page of a community without data.
type welcomeView struct {
	Page     ui.Page
	Start    ui.Start
	Action   ui.Link
	Soon     string
	Promises []ui.Promise
	Reads    readsView
}

// teamSwitch chooses whether the team is counted among those who are active.
type teamSwitch struct {
	Label   string
	Options []ui.Preset
}

// facts is everything that the page is made of.
type facts struct {
	community   community.Community
	series      *community.Series
	period      period
	extent      extent
	channels    []store.ChannelCount
	before      map[int64]int // messages by channel in what the period is compared with
	connections []store.Connection
	imports     []store.Import
	pending     int // days that wait for recomputation
}

// overview shows the health of a community.
func (s *Server) overview(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	f, err := s.overviewFacts(r, c)
	if err != nil {
		return fmt.Errorf("web: overview: %w", err)
	}
	l := s.locale(r)
	page := s.frame(r, c, pageOverview, l.T("web.menu.overview"))
	if f.series.Empty {
		if f.pending > 0 { // soon there is something: the page looks again by itself
			w.Header().Set("Refresh", "3")
		}
		return s.render(w, r, http.StatusOK, welcomePage(viewWelcome(l, page, f)))
	}
	status := http.StatusOK
	if f.period.fault != "" {
		status = http.StatusUnprocessableEntity
	}
	return s.render(w, r, status, overviewPage(s.viewOverview(l, page, f)))
}

// overviewFacts loads what the page shows: the days of the period, of what it is
// compared with, and of the year that the chart draws.
func (s *Server) overviewFacts(r *http.Request, c community.Community) (facts, error) {
	ctx, f := r.Context(), facts{community: c}
	var err error
	if f.pending, err = s.Store.DirtyDays(ctx, c.Scope); err != nil {
		return f, err
	}
	if f.imports, err = s.Store.Imports(ctx, c.Scope); err != nil {
		return f, err
	}
	// Without days: where the data begins and ends decides which days to load.
	if f.series, err = s.Store.Series(ctx, c, community.Window{}); err != nil || f.series.Empty {
		return f, err
	}
	f.extent = extentOf(f.series, s.Now())
	f.period = parsePeriod(r.URL.Query(), f.extent)
	if f.series, err = s.Store.Series(ctx, c, f.loaded(), f.period.window, f.period.before); err != nil {
		return f, err
	}
	if f.connections, err = s.Store.Connections(ctx, c.Scope); err != nil {
		return f, err
	}
	return f, s.countChannels(r, &f)
}

func (s *Server) countChannels(r *http.Request, f *facts) (err error) {
	if f.channels, err = s.Store.Channels(r.Context(), f.community.Scope, f.period.window); err != nil {
		return err
	}
	f.before = map[int64]int{}
	for _, c := range f.channels {
		f.before[c.ID] = c.Previous
	}
	if f.period.compare != compareYear {
		return nil
	}
	old, err := s.Store.Channels(r.Context(), f.community.Scope, f.period.before)
	if err != nil {
		return err
	}
	clear(f.before)
	for _, c := range old {
		f.before[c.ID] = c.Messages
	}
	return nil
}

// loaded are the days that the page needs: the chart's year, the period, what it
// is compared with, and 28 days before each week for the steadiness.
func (f facts) loaded() community.Window {
	from := min(f.period.before.From, f.period.window.From, f.chartFrom()) - 28
	return community.Window{From: from, To: max(f.period.window.To, f.extent.end(), f.period.before.To)}
}

// chartFrom is the Monday where the chart over time begins: a year back, and no
// later than the period.
func (f facts) chartFrom() community.Date {
	from := min(f.period.window.From, f.extent.end()-year-7)
	return max(from, f.extent.first).Monday()
}

func (s *Server) viewOverview(l i18n.Locale, page ui.Page, f facts) overviewView {
	m := measured{locale: l, series: f.series, period: f.period}
	path := communityPath(f.community.Scope, "")
	values := map[string]kpi.Value{}
	for _, k := range kpi.List() {
		values[k.Key] = m.value(k)
	}
	moving := f.moving(s.Now())
	v := overviewView{Page: page, Head: s.viewHead(l, f, values), Banners: viewBanners(l, f, moving)}
	if reason := values["contributions"].Reason; reason != "" {
		v.Nothing = &ui.Empty{
			Lead: l.T("overview.nothing"), Text: l.T("kpi.reason." + reason),
			Action: &ui.Link{Label: l.T("overview.nothing.action"), URL: path},
		}
		return v
	}
	if moving {
		v.Moving = path + f.period.query()
	}
	v.Team = viewTeamSwitch(l, path, f.period)
	v.Core, v.Conversations, v.Steadiness = m.coreTiles(values), m.talkTiles(values), m.steadyTiles(values)
	v.Remarks = viewRemarks(l, values)
	v.Trend = m.viewTrend(f)
	v.Rhythm = m.viewRhythm(values["rhythm"])
	v.Channels = viewChannels(l, f, m.compared())
	v.Replies = m.viewReplies(values["first_reply"])
	v.Cohorts = viewCohorts(l, values["cohort_retention"])
	v.Concentration = viewConcentration(l, values["concentration"])
	v.Milestones = viewMilestones(l, f.extent)
	return v
}

// moving says whether the figures change while somebody looks: the period holds
// today, and something arrives live.
func (f facts) moving(now time.Time) bool {
	return f.period.window.To > community.DateOf(now, location(f.community)) &&
		slices.ContainsFunc(f.connections, func(c store.Connection) bool { return c.State == store.ConnectionActive })
}

func viewTeamSwitch(l i18n.Locale, path string, p period) teamSwitch {
	return teamSwitch{Label: l.T("overview.team"), Options: []ui.Preset{
		{Label: l.T("overview.team.without"), URL: path + p.query("team", ""), Current: !p.team},
		{Label: l.T("overview.team.with"), URL: path + p.query("team", "1"), Current: p.team},
	}}
}

// viewWelcome is the page while nothing has been stored: what will be seen, and
// the way to the import, or to the one that is running.
func viewWelcome(l i18n.Locale, page ui.Page, f facts) welcomeView {
	key, url := "overview.welcome", communityPath(f.community.Scope, "/import")
	if i, ok := running(f.imports); ok {
		key, url = "overview.welcome.running", importPath(i, "")
	} else if f.pending > 0 {
		key, url = "overview.welcome.computing", page.Home
	}
	v := welcomeView{
		Page: page, Soon: l.T("start.soon"), Reads: viewReads(l), Action: ui.Link{Label: l.T(key + ".action"), URL: url},
		Start: ui.Start{Arch: chart.Arch{Label: l.T("ui.arch.none")}.Scene(), Title: l.T(key), Lede: l.T(key + ".text")},
	}
	for _, n := range []string{"1", "2", "3"} {
		v.Promises = append(v.Promises, ui.Promise{When: l.T("start.soon." + n), What: l.T("start.soon." + n + ".text")})
	}
	return v
}

// running is the newest import that has not ended.
func running(all []store.Import) (store.Import, bool) {
	for _, i := range all {
		if !i.Ended() {
			return i, true
		}
	}
	return store.Import{}, false
}
