package kpi

import "github.com/foyer-app/foyer/internal/community"

// contributions counts the messages of the window. Unit: messages.
//
// It is a volume: the team's messages count in it and stand apart in the facts;
// those of bots and the lines of the system never count. An edit is not a new
// message; a deleted one no longer counts. Reactions stand apart, and are
// absent where the source does not tell them ("reactions_not_measured").
// Asked of the team alone, it is the team's.
//
// Nothing written: 0. Coverage: the share of the window's days from the first
// activity to the horizon. Source: Foyer KPI definitions, Health.
func contributions() KPI {
	return KPI{"contributions", Messages, "contributions/1", Higher, func(q query) Value {
		facts := Volume{
			Members: q.s.Sum(q.w, community.Members, messages),
			Team:    q.s.Sum(q.w, community.Team, messages),
		}
		if q.s.Measures.Reactions {
			facts.MemberReactions = number(q.s.Sum(q.w, community.Members, reactions))
			facts.TeamReactions = number(q.s.Sum(q.w, community.Team, reactions))
		}
		v := count(q.volume(messages), q.days())
		v.Facts, v.Notes = facts, q.activity()
		return v
	}}
}

// Volume is the facts of contributions, the team apart.
type Volume struct {
	Members         int      `json:"member_messages"`
	Team            int      `json:"team_messages"`
	MemberReactions *float64 `json:"member_reactions"` // nil when not measured
	TeamReactions   *float64 `json:"team_reactions"`
}

// volume adds f over members and team, or over the team alone when asked for it.
func (q query) volume(f func(*community.Tally) int) int {
	if q.p == community.Team {
		return q.s.Sum(q.w, community.Team, f)
	}
	return q.s.Sum(q.w, community.Everyone, f)
}

func messages(t *community.Tally) int  { return t.Messages }
func reactions(t *community.Tally) int { return t.Reactions }
