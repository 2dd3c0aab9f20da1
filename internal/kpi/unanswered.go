package kpi

import (
	"sort"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// unanswered counts the questions asked in the window that have waited more
// than 24 hours without a reply at the horizon. Unit: questions.
//
// The moment is the horizon, not the window's end: a reply that came after the
// window counts. Numerator: the number; denominator: all questions asked.
//
// No question, or all answered: 0. A source that cannot tell what answers what:
// no number ("replies_not_measured"). Coverage: the share of questions of which
// one can tell, that is, all but those without a reply that are younger than
// 24 h. Source: Foyer KPI definitions, Health.
func unanswered() KPI {
	return KPI{"unanswered", Questions, "unanswered/1", Lower, func(q query) Value {
		if !q.replies() {
			return Value{Reason: RepliesNotMeasured}
		}
		limit := q.s.Horizon.Add(-24 * time.Hour).Unix()
		old := q.count(func(d *community.Day) int {
			at := d.Questions.Waiting
			return sort.Search(len(at), func(i int) bool { return at[i] >= limit })
		})
		peers, team, waiting := q.questions()
		asked := peers + team + waiting
		v := count(old, share(asked-waiting+old, asked))
		v.Denominator, v.Notes = number(asked), append(q.turns(), q.membersOnly()...)
		return v
	}}
}
