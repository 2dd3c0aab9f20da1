package kpi

import "github.com/foyer-app/foyer/internal/community"

// engagementRate is active members ÷ members present at any moment of the
// window. Unit: fraction, never above 1.
//
// Active is who wrote a message, gave a reaction or spoke five minutes or more;
// each person counts once. Present is who was a member at the window's first
// moment or became one in it; a return after a departure inside the window is
// the same person. Whoever was active was there: should the sources know of
// fewer present than active, the active are the denominator.
//
// No members: no number ("no_members"). Members but nobody active: 0.
// Coverage: the share of the present whose beginning is known; the others begin
// at first sight ("inferred_joins"). Listed members who were never seen are in
// neither count ("undated_members"). The coverage speaks of members also when
// the team is shown. Source: Foyer KPI definitions, Health.
func engagementRate() KPI {
	return KPI{"engagement_rate", Fraction, "engagement_rate/1", Higher, func(q query) Value {
		active := q.s.Actives(q.w, q.p)
		present := max(q.s.Present(q.w, q.p), active)
		inferred := q.inferred()
		members := max(q.s.Present(q.w, community.Members), inferred)
		v := ratio(active, present, 1-share(inferred, members), NoMembers)
		if members == 0 {
			v.Coverage = q.days()
		}
		if inferred > 0 {
			v.Notes = append(v.Notes, InferredJoins)
		}
		if q.s.Undated > 0 {
			v.Notes = append(v.Notes, UndatedMembers)
		}
		v.Notes = append(v.Notes, q.activity()...)
		return v
	}}
}

// inferred counts the members present in the window whose membership begins at
// first sight: those there at its beginning and those first seen in it.
func (q query) inferred() int {
	before := community.Window{From: q.s.Loaded.From, To: q.w.From}
	n := q.s.InferredBefore + q.s.Sum(before, community.Members, func(t *community.Tally) int {
		return t.Inferred - t.InferredEnded
	})
	n += q.s.Sum(q.w, community.Members, func(t *community.Tally) int { return t.Inferred })
	return max(0, n)
}
