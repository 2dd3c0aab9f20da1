package kpi

import (
	"slices"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// firstReply is the median time from a member's question to the first reply by
// somebody else, over the questions asked in the window. Unit: seconds.
//
// A reaction is not a reply. A question without a reply is not dropped: it has
// waited until the horizon and may be answered yet, so it counts among those at
// risk until then and no longer (the median of the Kaplan-Meier estimate: the
// first moment by which half are answered). Replies of the team count; the
// facts give members and team apart, as plain medians of the questions that
// each of them answered first, and the shares answered within 1 h and 24 h. For
// those shares the questions are the ones of days all of whose questions have
// had their hour, or their 24 h, at the horizon.
//
// No question: no number ("no_questions"). Never half answered: none
// ("half_unanswered"). A source that cannot tell what answers what, and no
// turn-taking to infer it from: none ("replies_not_measured"). Numerator:
// answered; denominator: asked. Coverage: the share of the window's days from
// the first activity to the horizon. Source: Foyer KPI definitions, Health.
func firstReply() KPI {
	return KPI{"first_reply", Seconds, "first_reply/1", Lower, func(q query) Value {
		if !q.replies() {
			return Value{Reason: RepliesNotMeasured}
		}
		peers, team, waiting := q.delays()
		answered := len(peers) + len(team)
		asked := answered + len(waiting)
		v := Value{Numerator: number(answered), Denominator: number(asked), Coverage: q.days(), Notes: append(q.turns(), q.membersOnly()...)}
		if asked == 0 {
			v.Reason = NoQuestions
			return v
		}
		v.Facts = Replies{
			Within1h: q.within(time.Hour), Within24h: q.within(24 * time.Hour),
			ByMembers: median(peers), ByTeam: median(team), Asked: asked, Answered: answered,
		}
		n, ok := survival(append(peers, team...), waiting)
		if v.Number = float64(n); !ok {
			v.Reason = HalfUnanswered
		}
		return v
	}}
}

// Replies are the facts of first_reply. A share or median is nil when there is
// nothing to take it of.
type Replies struct {
	Within1h  *float64 `json:"within_1h"`
	Within24h *float64 `json:"within_24h"`
	ByMembers *float64 `json:"median_by_members"` // seconds, where a member replied first
	ByTeam    *float64 `json:"median_by_team"`    // seconds, where the team did
	Asked     int      `json:"asked"`
	Answered  int      `json:"answered"`
}

// replies says whether the sources tell, or let infer, what answers what.
func (q query) replies() bool {
	m := q.s.Measures
	return m.ReplyLinks || m.ThreadLinks || len(q.turns()) > 0
}

// delays returns, in seconds and ascending, how long the window's questions
// waited for a member, for the team, or until the horizon without a reply.
func (q query) delays() (peers, team, waiting []int) {
	days := q.s.In(q.w)
	for i := range days {
		asked := &days[i].Questions
		peers = append(peers, asked.PeerDelays...)
		team = append(team, asked.TeamDelays...)
		for _, at := range asked.Waiting {
			waiting = append(waiting, int(max(0, q.s.Horizon.Unix()-at)))
		}
	}
	slices.Sort(peers)
	slices.Sort(team)
	slices.Sort(waiting)
	return peers, team, waiting
}

// within is the share of questions answered in that time, of the days whose
// questions have all had it.
func (q query) within(limit time.Duration) *float64 {
	fast, asked := 0, 0
	days := q.s.In(q.w)
	for i := range days {
		if (days[i].Date + 1).Start(q.location()).Add(limit).After(q.s.Horizon) {
			break
		}
		questions := &days[i].Questions
		asked += questions.Asked()
		fast += upTo(questions.PeerDelays, limit) + upTo(questions.TeamDelays, limit)
	}
	if asked == 0 {
		return nil
	}
	f := float64(fast) / float64(asked)
	return &f
}

// upTo counts the ascending delays of at most limit.
func upTo(delays []int, limit time.Duration) int {
	n, _ := slices.BinarySearch(delays, int(limit/time.Second)+1)
	return n
}

// median is the middle of ascending numbers, nil of none.
func median(sorted []int) *float64 {
	if len(sorted) == 0 {
		return nil
	}
	m := float64(sorted[(len(sorted)-1)/2]+sorted[len(sorted)/2]) / 2
	return &m
}

// survival is the first moment by which half are answered, where waiting ones
// (ascending) leave the count of those at risk unanswered; false when the half
// is never reached.
func survival(answered, waiting []int) (int, bool) {
	slices.Sort(answered)
	left, gone := 1.0, 0
	for i := 0; i < len(answered); {
		at, first := answered[i], i
		for i < len(answered) && answered[i] == at {
			i++
		}
		for gone < len(waiting) && waiting[gone] < at {
			gone++
		}
		left *= 1 - float64(i-first)/float64(len(answered)-first+len(waiting)-gone)
		if left <= 0.5+1e-12 {
			return at, true
		}
	}
	return 0, false
}

func (q query) questions() (peers, team, waiting int) {
	peers = q.count(func(d *community.Day) int { return len(d.Questions.PeerDelays) })
	team = q.count(func(d *community.Day) int { return len(d.Questions.TeamDelays) })
	waiting = q.count(func(d *community.Day) int { return len(d.Questions.Waiting) })
	return peers, team, waiting
}
