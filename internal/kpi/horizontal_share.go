package kpi

import "github.com/foyer-app/foyer/internal/community"

// horizontalShare is the directed exchanges from member to member ÷ all
// directed exchanges among members and team: replies, mentions, reactions and
// answers in a thread. Unit: fraction.
//
// The team's own exchanges are in the denominator, whatever the switch
// ("members_only"). Where an export names no reply, an exchange is inferred
// when somebody writes after somebody else within 30 minutes
// ("inferred_turns").
//
// No exchange: no number ("no_exchanges"); exchanges of which the source names
// no counterpart at all: none either ("exchanges_unlinked"). Coverage: the
// share of exchanges whose two sides are known. Source: Foyer KPI definitions,
// Health.
func horizontalShare() KPI {
	return KPI{"horizontal_share", Fraction, "horizontal_share/1", Higher, func(q query) Value {
		across := q.s.Sum(q.w, community.Members, func(t *community.Tally) int { return t.ToMembers })
		v := ratio(across, q.exchanges(), q.linked(), NoExchanges)
		if v.Reason != "" && v.Coverage == 0 {
			v.Reason = Unlinked
		}
		v.Notes = append(q.turns(), q.membersOnly()...)
		return v
	}}
}

// exchanges counts the directed exchanges whose two sides are known.
func (q query) exchanges() int {
	return q.s.Sum(q.w, community.Everyone, func(t *community.Tally) int { return t.ToMembers + t.ToTeam })
}

// linked is the share of the window's exchanges whose two sides are known.
func (q query) linked() float64 {
	known := q.exchanges()
	return share(known, known+q.count(func(d *community.Day) int { return d.Unlinked }))
}

// turns is the note of figures that rest on inferred exchanges.
func (q query) turns() []string {
	if q.s.Turns || q.count(func(d *community.Day) int { return d.Turns }) > 0 {
		return []string{InferredTurns}
	}
	return nil
}
