package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/web/i18n"
)

// fitDays is how far back it is looked whether the platforms suit.
const fitDays = 28

// fits observes whether the platforms still suit a community.
func (s *Server) fits(r *http.Request, c community.Community) ([]kpi.Observation, error) {
	ctx := r.Context()
	known, err := s.Store.Series(ctx, c, community.Window{})
	if err != nil || known.Empty {
		return nil, err
	}
	today := extentOf(known, s.Now()).today
	w := community.Window{From: today - fitDays + 1, To: today + 1}
	series, err := s.Store.Series(ctx, c, w)
	if err != nil {
		return nil, err
	}
	channels, err := s.Store.PlaceChannels(ctx, c.Scope, w)
	if err != nil {
		return nil, err
	}
	list, err := s.Store.Connections(ctx, c.Scope)
	if err != nil {
		return nil, err
	}
	places := make([]community.Place, 0, len(list))
	for _, n := range list {
		p := community.Place{Platform: n.Platform, Account: n.Name, Plan: n.Settings[connectors.SettingPlan], Channels: channels[n.ID], Partial: !n.Live()}
		if f, ok := connectors.Find(s.Connectors, n.Platform).(connectors.Fitted); ok {
			p.Fit = f.Fit()
		}
		if at, err := time.Parse(time.RFC3339, n.Decisions[connectors.DecisionOldest]); err == nil {
			p.Oldest = community.DateOf(at, location(c))
		}
		places = append(places, p)
	}
	// What the platform hides goes by the calendar, not by where the data ends.
	return kpi.PlatformFit(series, w, community.DateOf(s.Now(), location(c)), places), nil
}

// fitView is a panel of what is observed.
type fitView struct {
	Title, Sub string
	All        []remark
}

func (s *Server) viewFit(l i18n.Locale, list []kpi.Observation) fitView {
	v := fitView{Title: l.T("fit"), Sub: l.T("fit.sub", "n", fitDays)}
	for _, o := range list {
		about := s.sourceName(l, o.Platform)
		if o.Account != "" && o.Account != about {
			about += ", " + o.Account
		}
		v.All = append(v.All, remark{Text: s.fitText(l, o), About: about})
	}
	return v
}

// fitText says an observation in words, with its evidence.
func (s *Server) fitText(l i18n.Locale, o kpi.Observation) string {
	args := []any{"platform", s.sourceName(l, o.Platform), "channel", o.Channel, "limit", l.Int(int64(o.Limit)), "number", l.Int(int64(o.Number))}
	key := "fit." + o.Key
	switch {
	case o.Reason != "":
		return l.T("fit.reason."+o.Reason, append(args, "few", l.Int(kpi.FitMessages))...)
	case o.Key == kpi.FitOneChannel:
		args = append(args, "share", l.Percent(o.Number, 0))
	case o.Key == kpi.FitCrowd && o.AtLeast:
		key += ".at_least"
	case o.Key == kpi.FitHistory:
		day, err := time.Parse(time.DateOnly, o.On)
		if err == nil {
			args = append(args, "date", l.Date(day))
		}
		if o.Number >= o.Limit {
			key += ".past"
			break
		}
		return l.N(key, int(o.Limit-o.Number), args...)
	}
	return l.T(key, args...)
}

// fitAPI is an observation, or why there can be none.
type fitAPI struct {
	Key      string             `json:"key"`
	Platform community.Platform `json:"platform"`
	Account  string             `json:"account"`
	Channel  *string            `json:"channel"`
	Number   *float64           `json:"number"`
	Limit    float64            `json:"limit"`
	AtLeast  bool               `json:"at_least"`
	On       *string            `json:"on"`
	Reason   *string            `json:"reason"`
}

// apiFit lists the observations on whether the platforms suit.
func (s *Server) apiFit(r *http.Request) (any, error) {
	if err := paramsOf(r).err(); err != nil {
		return nil, err
	}
	c, err := s.community(r)
	if err != nil {
		return nil, err
	}
	list, err := s.fits(r, c)
	if err != nil {
		return nil, fmt.Errorf("web: api: %w", err)
	}
	out := listed[fitAPI]{Data: []fitAPI{}}
	for _, o := range list {
		v := fitAPI{
			Key: o.Key, Platform: o.Platform, Account: o.Account, Channel: named(o.Channel), Limit: o.Limit, AtLeast: o.AtLeast,
			On: named(o.On), Reason: named(o.Reason),
		}
		if o.Reason == "" {
			v.Number = &o.Number
		}
		out.Data = append(out.Data, v)
	}
	return out, nil
}
