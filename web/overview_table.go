package web

import (
	"time"

	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/web/chart"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// tableView is a panel with a table; Reason stands for the table where there is none.
type tableView struct {
	Title, Sub, Reason string
	Table              ui.Table
}

// repliesView is the panel of questions by how long they waited.
type repliesView struct {
	Title, Sub, Reason              string
	Caption, Delay, By, Team, Count string
	Bands                           []replyBand
}

type replyBand struct {
	Label, Count string
	Bar          chart.Scene
	Open         bool // still without a reply
}

// channelRows is how many channels the table names; the others share its last row.
const channelRows = 12

func viewChannels(l i18n.Locale, f facts, compared bool) tableView {
	v := tableView{Title: l.T("overview.channels"), Sub: l.T("overview.channels.sub")}
	total, largest := 0, 0
	for _, c := range f.channels {
		total += c.Messages
		largest = max(largest, c.Messages)
	}
	if total == 0 {
		v.Reason = l.T("kpi.reason.no_contributions")
		return v
	}
	half, sum := 0, 0
	for ; 2*sum < total; half++ {
		sum += f.channels[half].Messages
	}
	v.Title = l.N("overview.channels.title", half, "name", channelName(f.channels[0].Name))
	v.Table = ui.Table{Caption: l.T("overview.channels"), Columns: []ui.Column{
		{Label: l.T("overview.channel")},
		{Label: l.T("overview.messages"), Number: true},
		{Label: l.T("overview.bar"), Hidden: true},
		{Label: l.T("overview.share"), Number: true},
	}}
	if compared {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: l.T("overview.change"), Number: true})
	}
	row := func(name string, n, before int) {
		bar := chart.Bar{Members: float64(n) / float64(max(largest, n))}.Scene()
		cells := []ui.Cell{{Text: name}, {Text: l.Int(int64(n)), Strong: true}, {Bar: &bar}, {Text: l.Percent(float64(n)/float64(total), 0)}}
		if compared {
			cells = append(cells, ui.Cell{Text: moved(l, n, before)})
		}
		v.Table.Rows = append(v.Table.Rows, cells)
	}
	rest, restBefore, others := 0, 0, 0
	for i, c := range f.channels {
		if i < channelRows {
			row(channelName(c.Name), c.Messages, f.before[c.ID])
			continue
		}
		rest, restBefore, others = rest+c.Messages, restBefore+f.before[c.ID], others+1
	}
	if others > 0 {
		row(l.N("overview.channels.others", others), rest, restBefore)
	}
	return v
}

// channelName keeps a name recognisable as a channel's.
func channelName(name string) string {
	if name == "" {
		return "–"
	}
	return name
}

// moved is a change in percent where there was enough to take one of.
func moved(l i18n.Locale, now, before int) string {
	switch {
	case before == 0 && now == 0:
		return "–"
	case before == 0:
		return l.T("overview.new")
	case before < 20:
		return l.SignedInt(int64(now - before))
	}
	return l.SignedPercent(float64(now)/float64(before)-1, 0)
}

// bands are the upper ends of the delays of first replies; the last has none.
var bands = []struct {
	key   string
	limit time.Duration
}{
	{"15m", 15 * time.Minute}, {"1h", time.Hour}, {"4h", 4 * time.Hour}, {"24h", 24 * time.Hour}, {"more", 1<<63 - 1},
}

func (m measured) viewReplies(v kpi.Value) repliesView {
	l := m.locale
	view := repliesView{
		Title: l.T("kpi.first_reply.name"), Sub: l.T("overview.replies.sub"), Caption: l.T("overview.replies.caption"),
		Delay: l.T("kpi.first_reply.name"), By: l.T("overview.replies.members"), Team: l.T("overview.replies.team"), Count: l.T("overview.replies.count"),
	}
	facts, ok := v.Facts.(kpi.Replies)
	if !ok {
		view.Reason = l.T("kpi.reason." + v.Reason)
		return view
	}
	view.Title = l.T("overview.replies.half")
	if v.Reason == "" {
		view.Title = l.T("overview.replies.title", "value", l.Duration(seconds(v.Number)))
	}
	if facts.Within24h != nil {
		view.Sub = l.T("overview.replies.sub.24h", "share", l.Percent(*facts.Within24h, 0))
	}
	peers, team := m.delays()
	waiting := facts.Asked - facts.Answered
	largest := waiting
	for i := range bands {
		largest = max(largest, peers[i]+team[i])
	}
	for i, band := range bands {
		view.Bands = append(view.Bands, replyBand{
			Label: l.T("overview.band." + band.key), Count: l.Int(int64(peers[i] + team[i])),
			Bar: chart.Bar{
				Title:   l.T("overview.replies.bar", "members", peers[i], "team", team[i]),
				Members: float64(peers[i]) / float64(max(1, largest)), Others: float64(team[i]) / float64(max(1, largest)),
			}.Scene(),
		})
	}
	view.Bands = append(view.Bands, replyBand{Label: l.T("overview.band.none"), Count: l.Int(int64(waiting)), Open: true})
	return view
}

// delays counts the answered questions by band, those that a member answered
// first and those that the team did.
func (m measured) delays() (peers, team [5]int) {
	days := m.series.In(m.period.window)
	for i := range days {
		for _, delay := range days[i].Questions.PeerDelays {
			peers[bandOf(delay)]++
		}
		for _, delay := range days[i].Questions.TeamDelays {
			team[bandOf(delay)]++
		}
	}
	return peers, team
}

func bandOf(delay int) int {
	for i, band := range bands {
		if time.Duration(delay)*time.Second < band.limit {
			return i
		}
	}
	return len(bands) - 1
}

// cohortRows is how many join weeks the table shows: the last ones.
const cohortRows = 12

func viewCohorts(l i18n.Locale, v kpi.Value) tableView {
	view := tableView{Title: l.T("kpi.cohort_retention.name"), Sub: l.T("overview.cohorts.sub")}
	rows, ok := v.Rows.([]kpi.CohortRow)
	if !ok || len(rows) == 0 {
		view.Reason = l.T("kpi.reason." + v.Reason)
		return view
	}
	if v.Reason == "" {
		view.Title = l.T("overview.cohorts.title", "share", l.Percent(v.Number, 0))
	}
	view.Table = ui.Table{Caption: l.T("kpi.cohort_retention.name"), Columns: []ui.Column{
		{Label: l.T("overview.cohorts.week")}, {Label: l.T("overview.cohorts.size"), Number: true},
	}}
	totals, _ := v.Facts.(kpi.CohortTotals)
	for _, week := range totals.Weeks {
		view.Table.Columns = append(view.Table.Columns, ui.Column{Label: l.T("overview.cohorts.at", "n", week), Number: true})
	}
	for _, row := range rows[max(0, len(rows)-cohortRows):] {
		cells := []ui.Cell{{Text: weekName(l, row.Week)}, {Text: l.Int(int64(row.Size))}}
		for i := range row.Stayed {
			cells = append(cells, ui.Cell{Text: bothParts(l, row, i)})
		}
		view.Table.Rows = append(view.Table.Rows, cells)
	}
	return view
}

func weekName(l i18n.Locale, monday string) string {
	t, err := time.Parse(time.DateOnly, monday)
	if err != nil {
		return monday
	}
	return l.Date(t)
}

// bothParts are the two figures of a cohort at one week, one dash while it is not over.
func bothParts(l i18n.Locale, row kpi.CohortRow, i int) string {
	if row.Stayed[i] == nil && row.Active[i] == nil {
		return "–"
	}
	return part(l, row.Stayed[i], row.Size) + " · " + part(l, row.Active[i], row.Size)
}

// part is a share of a cohort; a dash where it is not known.
func part(l i18n.Locale, n *int, of int) string {
	if n == nil {
		return "–"
	}
	return l.Percent(float64(*n)/float64(max(1, of)), 0)
}

// loudestRows is how many of those who wrote most the table shows.
const loudestRows = 10

func viewConcentration(l i18n.Locale, v kpi.Value) tableView {
	view := tableView{Title: l.T("kpi.concentration.name"), Sub: l.T("overview.concentration.sub")}
	rows, ok := v.Rows.([]kpi.ShareRow)
	if v.Reason != "" || !ok || v.Denominator == nil {
		view.Reason = l.T("kpi.reason." + v.Reason)
		return view
	}
	view.Title = l.N("overview.concentration.title", int(v.Number), "of", int(*v.Denominator))
	view.Table = ui.Table{Caption: l.T("kpi.concentration.name"), Columns: []ui.Column{
		{Label: l.T("overview.rank")},
		{Label: l.T("overview.messages"), Number: true},
		{Label: l.T("overview.bar"), Hidden: true},
		{Label: l.T("overview.share"), Number: true},
	}}
	for i, row := range rows[:min(loudestRows, len(rows))] {
		bar := chart.Bar{Members: row.Share / rows[0].Share}.Scene()
		view.Table.Rows = append(view.Table.Rows, []ui.Cell{
			{Text: l.T("overview.rank.n", "n", i+1)}, {Text: l.Int(int64(row.Messages)), Strong: true}, {Bar: &bar}, {Text: l.Percent(row.Share, 0)},
		})
	}
	return view
}
