package kpi

import (
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// Observation says with its evidence that a platform no longer suits, or why that
// cannot be told.
type Observation struct {
	Key      string             `json:"key"` // FitCrowd, FitHistory, FitOneChannel
	Platform community.Platform `json:"platform"`
	Account  string             `json:"account"`
	Channel  string             `json:"channel"` // empty: the whole account
	Number   float64            `json:"number"`  // people, days, or a share; meaningless with a Reason
	Limit    float64            `json:"limit"`   // what it is held against
	AtLeast  bool               `json:"at_least"`
	On       string             `json:"on"`     // the day of the oldest message, for FitHistory
	Reason   string             `json:"reason"` // why it cannot be told; empty when it can
}

// What is observed.
const (
	FitCrowd      = "crowd"       // a group beyond the people who can be active in it
	FitHistory    = "history"     // history about to pass what the plan shows, or past it
	FitOneChannel = "one_channel" // a server whose messages sit in one channel
)

// The reasons for which it cannot be told.
const (
	FitGroupsApart = "groups_not_apart"  // who was active in which of several groups is kept by day only
	FitFew         = "few_messages"      // too few messages to speak of shares
	FitPartial     = "one_channel_known" // an export holds one channel: of the others nothing is known
	FitNoPlan      = "plan_not_known"    // the source does not tell the plan
	FitNoOldest    = "history_not_known" // the history was not read to its end
)

// Fits lists what is observed, FitReasons why it cannot be, for the catalogues.
func Fits() []string { return []string{FitCrowd, FitHistory, FitOneChannel} }

// FitReasons lists the reasons.
func FitReasons() []string {
	return []string{FitGroupsApart, FitFew, FitPartial, FitNoPlan, FitNoOldest}
}

// fitSoon is how many days before the plan's limit it is near.
const fitSoon = 14

// FitMessages are the messages below which a share of them says nothing.
const FitMessages = 100

// PlatformFit observes whether the platforms suit, over a window that lies in
// s.Loaded and from nothing but rollups. What is as it should be is left out, so
// no observation and no reason means that all is well. Of an empty community
// there is nothing to say.
//
// FitCrowd: people, team included, who were active in a group. Exact where the
// community is that one group; else the most who wrote there on one day, which is
// a lower bound (AtLeast). FitHistory: the age in days of the oldest message that
// the platform showed. FitOneChannel: the largest channel's share of the messages;
// exchanges are not kept by channel. Source: Foyer KPI definitions, platform_fit.
func PlatformFit(s *community.Series, w community.Window, today community.Date, places []community.Place) []Observation {
	out := []Observation{}
	if s.Empty {
		return out
	}
	channels := 0
	for _, p := range places {
		channels += len(p.Channels)
	}
	total := s.Actives(w, community.Everyone)
	for _, p := range places {
		if p.Fit.Crowd > 0 {
			out = append(out, crowds(p, total, channels == 1)...)
		}
		if p.Fit.History != nil {
			out = append(out, hidden(p, today)...)
		}
		if p.Fit.OneChannel > 0 {
			out = append(out, oneChannel(p)...)
		}
	}
	return out
}

func (o Observation) of(p community.Place) Observation {
	o.Platform, o.Account = p.Platform, p.Account
	return o
}

func crowds(p community.Place, total int, alone bool) (out []Observation) {
	if total <= p.Fit.Crowd {
		return nil // not even all of them together
	}
	unsure := false
	for _, c := range p.Channels {
		o := Observation{Key: FitCrowd, Channel: c.Name, Number: float64(c.Busiest), Limit: float64(p.Fit.Crowd), AtLeast: true}.of(p)
		switch {
		case c.Kind != community.GroupChannel:
		case alone:
			o.Number, o.AtLeast = float64(total), false
			out = append(out, o)
		case c.Busiest > p.Fit.Crowd:
			out = append(out, o)
		default:
			unsure = true
		}
	}
	if unsure {
		out = append(out, Observation{Key: FitCrowd, Limit: float64(p.Fit.Crowd), Reason: FitGroupsApart}.of(p))
	}
	return out
}

func hidden(p community.Place, today community.Date) []Observation {
	o := Observation{Key: FitHistory}.of(p)
	days, limited := p.Fit.History[p.Plan]
	switch {
	case p.Plan == "":
		o.Reason = FitNoPlan
	case !limited:
		return nil
	case p.Oldest == 0:
		o.Reason, o.Limit = FitNoOldest, float64(days)
	case int(today-p.Oldest) < days-fitSoon:
		return nil
	default:
		o.Number, o.Limit, o.On = float64(today-p.Oldest), float64(days), p.Oldest.UTC().Format(time.DateOnly)
	}
	return []Observation{o}
}

func oneChannel(p community.Place) []Observation {
	o, all, most := Observation{Key: FitOneChannel, Limit: p.Fit.OneChannel}.of(p), 0, community.PlaceChannel{}
	for _, c := range p.Channels {
		all += c.Messages
		if c.Messages > most.Messages {
			most = c
		}
	}
	switch {
	case all < FitMessages:
		o.Reason = FitFew
	case p.Partial && len(p.Channels) == 1:
		o.Reason = FitPartial
	case float64(most.Messages) < p.Fit.OneChannel*float64(all):
		return nil
	default:
		o.Channel, o.Number = most.Name, float64(most.Messages)/float64(all)
	}
	return []Observation{o}
}
