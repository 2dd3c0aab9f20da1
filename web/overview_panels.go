package web

import (
	"strings"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/chart"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// viewRhythm is the week's pattern: contributions by weekday and hour.
func viewRhythm(m measured) panelOf[ui.HeatMap] {
	l, k := m.locale, find("rhythm")
	v := m.value(k)
	p := panelOf[ui.HeatMap]{Panel: ui.Panel{Title: m.name(k), Sub: l.T("kpi.rhythm.what")}}
	rows, ok := v.Rows.(kpi.Hours)
	if v.Reason != "" || !ok {
		p.Empty = ui.Empty{Lead: l.T("overview.wait.nothing"), Text: l.T("kpi.reason." + v.Reason)}
		return p
	}
	peak, _ := v.Facts.(kpi.Peak)
	times := covered(m)
	var means [7][24]float64
	var words [7][24]string
	for day := range rows {
		for hour, n := range rows[day] {
			means[day][hour] = float64(n) / max(1, times[day])
			words[day][hour] = l.Decimal(means[day][hour], 1)
		}
	}
	p.Has = true
	p.Panel.Title = l.T("overview.rhythm.title", "day", l.Weekday(time.Weekday((peak.Weekday+1)%7)), "hour", l.Hour(peak.Hour))
	p.Panel.Sub = l.T("overview.rhythm.sub", "zone", location(m.series.Community).String())
	p.Body = ui.HeatMap{
		Locale: l, Caption: p.Panel.Title, Heat: chart.NewHeat(means), Value: words,
		Legend: l.T("overview.rhythm.legend", "peak", l.Decimal(v.Number, 1)),
	}
	return p
}

// covered counts how often each weekday lies in the part of the period that the
// data speaks of.
func covered(m measured) (times [7]float64) {
	last := community.DateOf(m.series.Horizon, location(m.series.Community))
	for d := max(m.period.window.From, m.series.First); d < min(m.period.window.To, last+1); d++ {
		times[d.Weekday()]++
	}
	return times
}

// channelRows bounds the channels that are listed.
const channelRows = 12

// viewChannels is where people write, and how that moved.
func viewChannels(l i18n.Locale, f figures) panelOf[ui.Table] {
	total, first := 0, 0
	for _, c := range f.channels {
		total += c.Messages
		first = max(first, c.Messages)
	}
	p := panelOf[ui.Table]{
		Panel: ui.Panel{Title: l.T("overview.channels")},
		Empty: ui.Empty{Lead: l.T("overview.channels.none"), Text: l.T("overview.channels.none.text")},
	}
	if total == 0 {
		return p
	}
	p.Has = true
	top := f.channels[0]
	p.Panel.Title = l.T("overview.channels.title", "name", channelName(l, top), "share", l.Percent(float64(top.Messages)/float64(total), 0))
	p.Panel.Sub = l.N("overview.channels.sub", len(f.channels))
	p.Body = ui.Table{
		Caption: l.T("overview.channels"), Cards: true,
		Columns: []ui.Column{
			{Label: l.T("overview.channel")},
			{Label: l.T("overview.messages"), Number: true},
			{Label: l.T("overview.share"), Hidden: true},
			{Label: l.T("overview.change"), Number: true},
		},
	}
	for _, c := range f.channels[:min(channelRows, len(f.channels))] {
		if c.Messages == 0 {
			continue
		}
		bar := chart.Bar{Members: float64(c.Messages) / float64(first)}.Scene()
		moved := "–"
		if f.period.compare == comparePrevious && c.Previous >= 20 {
			moved = l.SignedPercent(float64(c.Messages)/float64(c.Previous)-1, 0)
		}
		p.Body.Rows = append(p.Body.Rows, []ui.Cell{{Text: channelName(l, c)}, {Text: l.Int(int64(c.Messages))}, {Bar: &bar}, {Text: moved}})
	}
	return p
}

func channelName(l i18n.Locale, c store.ChannelCount) string {
	if strings.TrimSpace(c.Name) == "" {
		return l.T("overview.channel.unnamed")
	}
	return c.Name
}

// bands are the delays that first replies are counted in.
func bands() []struct {
	key   string
	below time.Duration
} {
	return []struct {
		key   string
		below time.Duration
	}{{"15m", 15 * time.Minute}, {"1h", time.Hour}, {"4h", 4 * time.Hour}, {"24h", 24 * time.Hour}, {"more", 1 << 62}}
}

// viewReplies counts questions by the time to their first reply, and who gave it.
func viewReplies(m measured) panelOf[ui.Table] {
	l, k := m.locale, find("first_reply")
	v := m.value(k)
	p := panelOf[ui.Table]{Panel: ui.Panel{Title: m.name(k)}}
	facts, ok := v.Facts.(kpi.Replies)
	if !ok || facts.Asked == 0 || v.Reason != "" && v.Reason != kpi.HalfUnanswered {
		p.Empty = ui.Empty{Lead: l.T("overview.wait.nothing"), Text: l.T("kpi.reason." + v.Reason)}
		return p
	}
	peers, team, waiting := replyCounts(m.series.In(m.period.window))
	p.Has = true
	p.Panel.Title = l.T("overview.replies.title.half")
	if v.Reason == "" {
		p.Panel.Title = l.T("overview.replies.title", "time", printed(l, k, v.Number))
	}
	p.Panel.Sub = l.T("overview.replies.sub")
	p.Body = ui.Table{
		Caption: p.Panel.Title,
		Columns: []ui.Column{
			{Label: l.T("overview.replies.delay")},
			{Label: l.T("overview.replies.members"), Number: true},
			{Label: l.T("overview.replies.team"), Number: true},
			{Label: l.T("overview.share"), Hidden: true},
			{Label: l.T("overview.replies.questions"), Number: true},
		},
	}
	most := waiting
	for i := range peers {
		most = max(most, peers[i]+team[i])
	}
	for i, b := range bands() {
		bar := chart.Bar{Members: float64(peers[i]) / float64(max(1, most)), Others: float64(team[i]) / float64(max(1, most))}.Scene()
		p.Body.Rows = append(p.Body.Rows, []ui.Cell{
			{Text: l.T("overview.replies.band." + b.key)},
			{Text: l.Int(int64(peers[i]))},
			{Text: l.Int(int64(team[i]))},
			{Bar: &bar},
			{Text: l.Int(int64(peers[i] + team[i])), Strong: true},
		})
	}
	p.Body.Rows = append(p.Body.Rows, []ui.Cell{
		{Text: l.T("overview.replies.band.none")}, {Text: "–"}, {Text: "–"}, {}, {Text: l.Int(int64(waiting)), Strong: true},
	})
	return p
}

// replyCounts counts the questions of the days by band.
func replyCounts(days []community.Day) (peers, team [5]int, waiting int) {
	count := func(into *[5]int, delays []int) {
		for _, d := range delays {
			for i, b := range bands() {
				if time.Duration(d)*time.Second < b.below {
					into[i]++
					break
				}
			}
		}
	}
	for i := range days {
		q := &days[i].Questions
		count(&peers, q.PeerDelays)
		count(&team, q.TeamDelays)
		waiting += len(q.Waiting)
	}
	return peers, team, waiting
}

// cohortRows bounds the join weeks that are listed, the latest of the period.
const cohortRows = 12

// viewCohorts follows the people of each join week: still members, still active.
func viewCohorts(m measured) panelOf[ui.Table] {
	l, k := m.locale, find("cohort_retention")
	v := m.value(k)
	p := panelOf[ui.Table]{Panel: ui.Panel{Title: m.name(k), Sub: l.T("overview.cohorts.sub")}}
	rows, ok := v.Rows.([]kpi.CohortRow)
	if !ok || len(rows) == 0 {
		p.Empty = ui.Empty{Lead: l.T("overview.wait.nothing"), Text: l.T("kpi.reason." + v.Reason)}
		return p
	}
	p.Has = true
	p.Body = ui.Table{
		Caption: m.name(k), Cards: true,
		Columns: []ui.Column{{Label: l.T("overview.cohorts.week")}, {Label: l.T("overview.cohorts.size"), Number: true}},
	}
	for _, week := range community.CohortWeeks() {
		p.Body.Columns = append(p.Body.Columns, ui.Column{Label: l.N("overview.cohorts.at", week), Number: true})
	}
	for _, row := range rows[max(0, len(rows)-cohortRows):] {
		day, err := community.ParseDate(row.Week)
		if err != nil {
			continue
		}
		cells := []ui.Cell{{Text: l.Date(day.UTC())}, {Text: l.Int(int64(row.Size))}}
		for i := range row.Active {
			cells = append(cells, ui.Cell{Text: cohortCell(l, row, i)})
		}
		p.Body.Rows = append(p.Body.Rows, cells)
	}
	return p
}

// cohortCell has both figures, which differ: still a member, still active.
func cohortCell(l i18n.Locale, row kpi.CohortRow, i int) string {
	share := func(n *int) string {
		if n == nil || row.Size == 0 {
			return "–"
		}
		return l.Percent(float64(*n)/float64(row.Size), 0)
	}
	if row.Stayed[i] == nil && row.Active[i] == nil {
		return "–"
	}
	return share(row.Stayed[i]) + " · " + share(row.Active[i])
}
