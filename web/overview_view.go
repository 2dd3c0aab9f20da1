package web

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/web/chart"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// overviewView is the page, ready to print.
type overviewView struct {
	Page      ui.Page
	Head      ui.Head
	Team      ui.Link
	Banners   []ui.Banner
	Groups    []tileGroup
	Course    panelOf[ui.TimeChart]
	Rhythm    panelOf[ui.HeatMap]
	Channels  panelOf[ui.Table]
	Replies   panelOf[ui.Table]
	Cohorts   panelOf[ui.Table]
	Milestone ui.Panel
	Stones    chart.Scene
	Steps     []milestone
}

// panelOf is a panel whose content may be missing: then Empty says why.
type panelOf[T any] struct {
	Panel ui.Panel
	Has   bool
	Body  T
	Empty ui.Empty
}

// tileGroup is a panel of tiles; secondary ones fold on a phone.
type tileGroup struct {
	Panel  ui.Panel
	Tiles  []ui.Tile
	Fold   string
	Folded bool
}

type milestone struct {
	Name, When string
	Reached    bool
}

// viewOverview computes every sentence and figure of the page.
func viewOverview(l i18n.Locale, page ui.Page, f figures, now time.Time) overviewView {
	m := measured{locale: l, series: f.series, period: f.period, said: map[string]bool{}}
	path := communityPath(f.series.Community.Scope, "")
	v := overviewView{Page: page, Banners: viewBanners(l, f)}
	v.Head = viewHead(l, m, f, path, now)
	toggle := "1"
	if f.period.team {
		toggle = ""
	}
	v.Team = ui.Link{Label: l.T("overview.team." + onOff(f.period.team)), URL: path + f.period.query("team", toggle), Icon: ui.IconMembers}
	v.Groups = viewGroups(m)
	v.Course = viewCourse(m, f)
	v.Rhythm = viewRhythm(m)
	v.Channels = viewChannels(l, f)
	v.Replies = viewReplies(m)
	v.Cohorts = viewCohorts(m)
	v.Milestone, v.Stones, v.Steps = viewMilestones(l, f)
	return v
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// viewHead is the sentence that can be read aloud, what it rests on, and how
// fresh that is.
func viewHead(l i18n.Locale, m measured, f figures, path string, now time.Time) ui.Head {
	month := monthsOf(f)
	arch := chart.Arch{
		Done: min(12, month-1), Current: month, Number: l.Int(int64(month)), Caption: l.T("overview.month.of"),
		Label: l.T("overview.month.label", "month", l.Int(int64(month))),
	}
	if month > 12 {
		arch.Done, arch.Current, arch.Number, arch.Caption = 12, 0, l.Int(int64(month)), l.N("overview.month.past", month)
	}
	scene := arch.Scene()
	return ui.Head{
		Eyebrow: l.T("web.menu.overview"), Title: headline(m), Lede: templ.Raw(lede(m)), Fresh: freshness(l, f, now),
		Period: f.period.view(l, path, now), Arch: &scene, Caption: l.T("overview.since", "date", l.Date(f.series.First.UTC())),
	}
}

// monthsOf is the month of the community's life that its data has reached, from 1.
func monthsOf(f figures) int {
	last := community.DateOf(f.series.Horizon, location(f.series.Community))
	return 1 + max(0, int(float64(last-f.series.First)/30.44))
}

// viewBanners says what keeps the figures from being complete.
func viewBanners(l i18n.Locale, f figures) []ui.Banner {
	var list []ui.Banner
	for _, i := range f.running {
		list = append(list, ui.Banner{
			Tone: ui.Neutral, Lead: l.T("overview.importing"), Text: l.T("overview.importing.text"),
			Action: &ui.Link{Label: l.T("overview.importing.see"), URL: importPath(i, "")},
		})
	}
	if f.pending > 0 && len(f.running) == 0 {
		list = append(list, ui.Banner{Tone: ui.Neutral, Lead: l.T("overview.pending"), Text: l.N("overview.pending.text", f.pending)})
	}
	return list
}

// viewGroups are the tiles, in the order of the list of KPIs within each group.
func viewGroups(m measured) []tileGroup {
	l := m.locale
	group := func(name string, folded bool, keys ...string) tileGroup {
		g := tileGroup{
			Panel: ui.Panel{Kick: l.T("overview.group." + name + ".kick"), Title: l.T("overview.group." + name)},
			Fold:  l.T("overview.group." + name), Folded: folded,
		}
		for i, key := range keys {
			k, ok := kpi.Find(key)
			if !ok {
				continue
			}
			size := ui.Normal
			if key == "engagement_rate" {
				size = ui.Hero
			} else if i == len(keys)-1 && (len(keys)-hero(keys))%2 == 1 {
				size = ui.Wide
			}
			g.Tiles = append(g.Tiles, m.tile(k, size))
		}
		return g
	}
	return []tileGroup{
		group("health", false, "engagement_rate", "retention_factor", "horizontal_share", "new_members", "contributions", "messages_per_active"),
		group("talk", true, "people_talking", "first_reply", "unanswered", "peer_answers"),
		group("steady", true, "stickiness", "activation", "cohort_retention", "concentration", "leavers"),
	}
}

func hero(keys []string) int {
	if slices.Contains(keys, "engagement_rate") {
		return 1
	}
	return 0
}

// viewMilestones places the community in its first year.
func viewMilestones(l i18n.Locale, f figures) (ui.Panel, chart.Scene, []milestone) {
	month := monthsOf(f)
	arch := chart.Arch{
		Done: min(12, month-1), Current: month, Number: l.Int(int64(min(12, month))), Caption: l.T("overview.month"),
		Label: l.T("overview.arch.label"),
	}
	if month > 12 {
		arch.Done, arch.Current = 12, 0
	}
	title := "overview.milestone.early"
	switch {
	case month > 12:
		title = "overview.milestone.grown"
	case month > 6:
		title = "overview.milestone.late"
	case month > 3:
		title = "overview.milestone.signs"
	}
	var steps []milestone
	for _, at := range []struct {
		key   string
		month int
	}{{"settle", 3}, {"signs", 6}, {"leverage", 12}} {
		steps = append(steps, milestone{
			Name: l.T("overview.step." + at.key), When: l.T("overview.step.month", "month", l.Int(int64(at.month))), Reached: month > at.month,
		})
	}
	return ui.Panel{Title: l.T(title), Sub: l.T("overview.milestone.sub"), ID: "milestones"}, arch.Scene(), steps
}

// emptyOverviewView is the page of a community without data.
type emptyOverviewView struct {
	Page    ui.Page
	Start   ui.Start
	Banners []ui.Banner
	Import  ui.Link
}

func viewEmptyOverview(l i18n.Locale, page ui.Page, c community.Community, f figures) emptyOverviewView {
	if f.pending > 0 {
		return emptyOverviewView{
			Page: page, Banners: viewBanners(l, f),
			Start: ui.Start{
				Arch:  chart.Arch{Current: 1, Label: l.T("overview.computing.arch")}.Scene(),
				Title: l.T("overview.computing.title", "name", c.Name), Lede: l.T("overview.computing.lede"),
			},
			Import: ui.Link{Label: l.T("overview.computing.imports"), URL: communityPath(c.Scope, "/import")},
		}
	}
	return emptyOverviewView{
		Page: page, Banners: viewBanners(l, f),
		Start: ui.Start{
			Arch:  chart.Arch{Label: l.T("overview.empty.arch")}.Scene(),
			Title: l.T("overview.empty.title", "name", c.Name), Lede: l.T("overview.empty.lede"),
		},
		Import: ui.Link{Label: l.T("overview.empty.import"), URL: communityPath(c.Scope, "/import"), Icon: ui.IconPlus},
	}
}
