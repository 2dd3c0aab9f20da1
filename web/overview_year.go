package web

import (
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/web/chart"
	"github.com/foyer-app/foyer/web/i18n"
)

// milestonesView places the community in its first year.
type milestonesView struct {
	Title, Sub string
	Arch       chart.Scene
	Steps      []milestone
}

type milestone struct {
	Name, At      string
	Reached, Next bool
}

func viewMilestones(l i18n.Locale, e extent) milestonesView {
	month := months(e.first, e.today) + 1
	key := "early"
	switch {
	case month > chart.Stones:
		key = "grown"
	case month > 6:
		key = "late"
	case month > 3:
		key = "signs"
	}
	v := milestonesView{Title: l.T("overview.milestone."+key, "month", month), Sub: l.T("overview.milestone.sub"), Arch: viewArch(l, e)}
	next := true
	for _, step := range []struct {
		key   string
		month int
	}{{"settle", 3}, {"first", 6}, {"leverage", 12}} {
		reached := month > step.month
		v.Steps = append(v.Steps, milestone{
			Name: l.T("overview.milestone." + step.key), At: l.T("overview.milestone.at", "month", step.month),
			Reached: reached, Next: !reached && next,
		})
		next = next && reached
	}
	return v
}

// viewArch counts the months since the first activity; the one that runs is pale.
func viewArch(l i18n.Locale, e extent) chart.Scene {
	month := months(e.first, e.today) + 1
	a := chart.Arch{Done: month - 1, Current: month, Number: l.Int(int64(month)), Caption: l.T("ui.arch.caption"), Label: l.N("overview.arch", month)}
	if month > chart.Stones {
		a.Current, a.Caption, a.Label = 0, l.T("overview.arch.months"), l.N("overview.arch.done", month)
	}
	return a.Scene()
}

// months is how many whole months lie between two days.
func months(from, to community.Date) int {
	a, b := from.UTC(), to.UTC()
	n := (b.Year()-a.Year())*12 + int(b.Month()-a.Month())
	if b.Day() < a.Day() {
		n--
	}
	return max(0, n)
}
