package community

import (
	"sort"
	"time"
)

// Series is what the rollups hold of one community over some days. KPIs are
// computed from it and from nothing else. Any window inside Loaded can be asked.
type Series struct {
	Community Community
	Loaded    Window // the days that Days speaks of
	Days      []Day  // ascending, one for each day that has something; others are empty
	// PresentBefore are the people whose membership had begun and not ended at
	// the first moment of Loaded, without the team; TeamBefore the team's.
	PresentBefore int
	TeamBefore    int
	// InferredBefore are those of PresentBefore whose beginning is inferred.
	InferredBefore int
	// Undated are listed members who were never seen: nobody knows since when.
	Undated int
	// Cohorts are the join weeks that begin in Loaded, ascending.
	Cohorts []Cohort
	// Shares are the messages by member in one window, largest first, without
	// team and bots; present for the windows that were asked for at loading.
	Shares map[Window][]int
	// Measures is what the sources can tell together: a field is true when every
	// source that has data can tell it.
	Measures Measures
	// Turns says that exchanges of at least one source are inferred from turn-taking.
	Turns bool
	// First is the day of the first activity; zero when there is none at all.
	First Date
	// Horizon is the last moment that the sources can speak of; a question asked
	// after it, less 24 h, is not yet unanswered.
	Horizon time.Time
	// Empty says that nothing at all has been stored.
	Empty bool
}

// Day is one local day of a community.
type Day struct {
	Date      Date
	Members   Tally // people who are neither team nor bot
	Team      Tally
	Anonymous int // reactions whose givers the source does not name
	Bots      int // messages by bots, in no other figure
	Unlinked  int // exchanges whose other side the source does not name
	Turns     int // exchanges inferred from turn-taking, included in the tallies
	Questions Questions
	// Reciprocal pairs of members: see Mutual.
	MutualNew, MutualOld Gaps
}

// Tally is what one population did on one day.
type Tally struct {
	Messages  int
	Reactions int // given, the anonymous ones not included
	Active    int // wrote, reacted, or spoke five minutes or more
	Hours     [24]int
	Actives   Gaps // people active that day, by days since they were last active
	Talkers   Gaps // people who exchanged with a member that day, by days since they last did
	ToMembers int  // directed exchanges towards members
	ToTeam    int  // directed exchanges towards the team
	Joins     int  // first memberships that began with a known join
	Inferred  int  // first memberships whose beginning is the first sight
	Returns   int  // later memberships
	Leaves    int  // memberships that ended, of which
	Kicked    int  // removed, kicked or banned
	// Arrivals are the memberships that began that day, by days since the
	// previous one of that person ended.
	Arrivals Gaps
	// InferredEnded are those that ended of memberships whose beginning was inferred.
	InferredEnded int
	// Activated are those of Joins who wrote or reacted within seven days.
	Activated int
}

// Questions are what members (not the team) asked on one day.
type Questions struct {
	PeerDelays []int   // seconds to the first reply, where a member gave it, ascending
	TeamDelays []int   // the same where the team gave it
	Waiting    []int64 // when the questions without any reply were asked, Unix seconds, ascending
}

// Asked counts the questions.
func (q Questions) Asked() int { return len(q.PeerDelays) + len(q.TeamDelays) + len(q.Waiting) }

// Cohort are the members whose first known join lies in one ISO week.
type Cohort struct {
	Week Date // its Monday
	Size int
	// Stayed and Active at weeks 1, 4 and 12: still a member at the end of that
	// week; wrote or reacted in it. -1 while the week is not over at the horizon.
	Stayed, Active [3]int
}

// CohortWeeks are the weeks at which cohorts are looked at.
func CohortWeeks() [3]int { return [3]int{1, 4, 12} }

// Never is the gap of a first time.
const Never = 32767

// Gaps counts people by the days since the same thing last happened to them:
// Tail[i] have a gap of at least Gap[i]. Gap ascends and holds each gap once, so
// Tail[0] is everybody. Never stands for a first time.
type Gaps struct {
	Gap  []int16
	Tail []int32
}

// Above counts those whose gap is larger than n days. Never is larger than any n.
func (g Gaps) Above(n int) int {
	n = min(n, Never-1)
	i := sort.Search(len(g.Gap), func(i int) bool { return int(g.Gap[i]) > n })
	if i == len(g.Gap) {
		return 0
	}
	return int(g.Tail[i])
}

// UpTo counts those whose gap is n days or less; those of Never are not among them.
func (g Gaps) UpTo(n int) int {
	if len(g.Tail) == 0 {
		return 0
	}
	return int(g.Tail[0]) - g.Above(n)
}

// Population chooses whose tallies are read.
type Population int

// The populations. Rates are of Members; the switch "with the team" shows Everyone.
const (
	Members Population = iota
	Team
	Everyone
)

// In returns the loaded days that lie in the window.
func (s *Series) In(w Window) []Day {
	lo := sort.Search(len(s.Days), func(i int) bool { return s.Days[i].Date >= w.From })
	hi := sort.Search(len(s.Days), func(i int) bool { return s.Days[i].Date >= w.To })
	return s.Days[lo:max(lo, hi)]
}

// Sum adds f over the days of the window and the tallies of the population.
func (s *Series) Sum(w Window, p Population, f func(*Tally) int) int {
	n := 0
	days := s.In(w)
	for i := range days {
		if p != Team {
			n += f(&days[i].Members)
		}
		if p != Members {
			n += f(&days[i].Team)
		}
	}
	return n
}

// Distinct counts people once over the window: each on the first of its days
// in it, which is the one whose gap reaches back before the window.
func (s *Series) Distinct(w Window, p Population, gaps func(*Tally) Gaps) int {
	n := 0
	days := s.In(w)
	for i := range days {
		back := int(days[i].Date - w.From)
		if p != Team {
			n += gaps(&days[i].Members).Above(back)
		}
		if p != Members {
			n += gaps(&days[i].Team).Above(back)
		}
	}
	return n
}

// Actives counts the distinct people active in the window.
func (s *Series) Actives(w Window, p Population) int {
	return s.Distinct(w, p, func(t *Tally) Gaps { return t.Actives })
}

// PresentAt counts those who are members at the first moment of the day.
func (s *Series) PresentAt(d Date, p Population) int {
	before := 0
	if p != Team {
		before += s.PresentBefore
	}
	if p != Members {
		before += s.TeamBefore
	}
	return before + s.Sum(Window{s.Loaded.From, d}, p, func(t *Tally) int {
		return t.Joins + t.Inferred + t.Returns - t.Leaves
	})
}

// Present counts the distinct people who are members at any moment of the
// window: those there at its beginning, and those who came and had not been.
func (s *Series) Present(w Window, p Population) int {
	return s.PresentAt(w.From, p) + s.Distinct(w, p, func(t *Tally) Gaps { return t.Arrivals })
}

// Mutual counts the pairs of members of whom each addressed the other in the window.
//
// A pair is mutual since day L, the earlier of the two last days on which the
// one addressed the other. L only ever rises. Each day keeps, of the pairs whose
// L rose that day, the gap to the new L and the gap to the old one; a pair is
// counted on the day when its L passed the beginning of the window.
func (s *Series) Mutual(w Window) int {
	n := 0
	days := s.In(w)
	for i := range days {
		back := int(days[i].Date - w.From)
		n += days[i].MutualNew.UpTo(back) - days[i].MutualOld.UpTo(back)
	}
	return n
}
