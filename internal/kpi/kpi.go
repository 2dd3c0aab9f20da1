// Package kpi defines the figures of a community's health, one file each. A KPI
// is a pure function of the rollups, so that the page, the report, the export
// and the API print the same number. What was not measured has a reason in
// place of a number; it is never 0.
package kpi

import "github.com/foyer-app/foyer/internal/community"

// KPI is one figure: its name, its unit, the version of its definition and how
// it is computed.
type KPI struct {
	Key     string
	Unit    Unit
	Formula string // the key and the version of the definition: "engagement_rate/1"
	Better  Direction
	compute func(query) Value
}

// Unit says what a number counts.
type Unit string

// The units. Fractions run from 0 to 1; durations are in seconds.
const (
	Fraction          Unit = "fraction"
	Factor            Unit = "factor" // arrivals for one departure
	MembersUnit       Unit = "members"
	Messages          Unit = "messages"
	MessagesPerMember Unit = "messages_per_member"
	MessagesPerHour   Unit = "messages_per_hour"
	Questions         Unit = "questions"
	Seconds           Unit = "seconds"
)

// Direction says which way a figure should move.
type Direction int

// The directions. Neither is for figures that a community may want either way.
const (
	Neither Direction = iota
	Higher
	Lower
)

// List returns the KPIs in the order in which they are shown.
func List() []KPI {
	return []KPI{
		engagementRate(), retentionFactor(), newMembers(), leavers(),
		contributions(), messagesPerActive(), horizontalShare(), peopleTalking(),
		stickiness(), activation(), cohortRetention(), firstReply(),
		unanswered(), peerAnswers(), concentration(), rhythm(),
	}
}

// Find returns the KPI with that key.
func Find(key string) (KPI, bool) {
	for _, k := range List() {
		if k.Key == key {
			return k, true
		}
	}
	return KPI{}, false
}

// Value computes the figure over a window that lies in s.Loaded, and the same
// figure over the previous period where that one lies in s.Loaded and does not
// begin before the first activity. The zero Population leaves the team out.
func (k KPI) Value(s *community.Series, w community.Window, p community.Population) Value {
	v := k.at(query{s, w, p})
	before := query{s, w.Previous(), p}
	switch {
	case s.Empty:
		v.PreviousReason = NoData
	case before.w.From < s.First:
		v.PreviousReason = BeforeFirst
	default:
		previous := k.at(before)
		if v.PreviousReason = previous.Reason; previous.Reason == "" {
			v.Previous = &previous.Number
		}
	}
	return v
}

// at computes the figure of one window, without its past.
func (k KPI) at(q query) Value {
	v := q.refuse()
	if v.Reason == "" {
		v = k.compute(q)
		v.Notes = append(v.Notes, q.notes()...)
	}
	v.Key, v.Unit, v.Formula = k.Key, k.Unit, k.Formula
	return v
}
