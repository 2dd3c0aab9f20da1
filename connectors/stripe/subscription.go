package stripe

import (
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

type invoiceBrief struct {
	ID    string `json:"id"`
	Total int64  `json:"total"`
	Net   *int64 `json:"total_excluding_tax,omitempty"`
}

type subscription struct {
	ID            string                   `json:"id"`
	Created       int64                    `json:"created"`
	Start         int64                    `json:"start_date,omitempty"`
	Currency      string                   `json:"currency"`
	Customer      ref                      `json:"customer,omitempty"`
	Status        string                   `json:"status"`
	TrialStart    int64                    `json:"trial_start,omitempty"`
	TrialEnd      int64                    `json:"trial_end,omitempty"`
	Canceled      int64                    `json:"canceled_at,omitempty"`
	Ended         int64                    `json:"ended_at,omitempty"`
	Pause         *struct{}                `json:"pause_collection,omitempty"`
	Items         list[item]               `json:"items"`
	Discounts     []expandable[discount]   `json:"discounts,omitempty"`
	Discount      *discount                `json:"discount,omitempty"`
	TaxRates      []taxRate                `json:"default_tax_rates,omitempty"`
	LatestInvoice expandable[invoiceBrief] `json:"latest_invoice"`
	AutomaticTax  struct {
		Enabled bool `json:"enabled,omitempty"`
	} `json:"automatic_tax,omitzero"`
	Livemode bool `json:"livemode"`
}

// subscriptionRecord is what is stored of a subscription.
type subscriptionRecord struct {
	Subscription subscription `json:"subscription"`
	// UnpaidSince is when the first invoice of those that are not paid was
	// finalized; 0 where nobody asked.
	UnpaidSince int64 `json:"unpaid_since,omitempty"`
}

// How much of a subscription's course a record tells.
const (
	modeHistory = "history" // all of it, by what it is now
	modeNow     = "now"     // what it is at the moment
	modeEvent   = "event"   // what it became at the moment
	modeQuiet   = "quiet"   // nothing: an event that changed no value
)

func (r *subscriptionRecord) normalize(revision int64, mode string, at time.Time, out *community.Business) error {
	s := &r.Subscription
	if external(s.ID) == "" {
		return refused(connectors.ReasonNoID, "")
	}
	t, err := newTill(s.Currency)
	if err != nil {
		return err
	}
	to := community.Subscription{
		ExternalID: external(s.ID), Customer: external(string(s.Customer)), Started: s.started(), TrialEnd: moment(s.TrialEnd),
		CancelAsked: moment(s.Canceled), Ended: moment(s.Ended), Test: !s.Livemode, Revision: revision,
	}
	if to.Started.IsZero() || at.IsZero() {
		return refused(connectors.ReasonNoTime, "start_date")
	}
	switch {
	case mode == modeHistory:
		to.States = r.history(t, at)
	case mode == modeQuiet:
	case !to.Ended.IsZero() && s.status() == community.SubscriptionEnded:
		to.States = []community.SubscriptionState{s.state(t, to.Ended, community.SubscriptionEnded)}
	default:
		to.States = []community.SubscriptionState{s.state(t, at, s.status())}
	}
	out.Subscriptions = append(out.Subscriptions, to)
	return nil
}

func (s *subscription) started() time.Time {
	if s.Start > 0 {
		return moment(s.Start)
	}
	return moment(s.Created)
}

// status says what it is worth now. pause_collection leaves Stripe's own status
// as it was; a subscription whose payments are not collected is worth nothing.
func (s *subscription) status() community.SubscriptionStatus {
	collecting := s.Pause == nil
	switch s.Status {
	case "trialing":
		if collecting {
			return community.SubscriptionTrialing
		}
	case "active":
		if collecting {
			return community.SubscriptionActive
		}
	case "past_due":
		if collecting {
			return community.SubscriptionPastDue
		}
	case "unpaid":
		return community.SubscriptionUnpaid
	case "paused":
	case "canceled":
		return community.SubscriptionEnded
	default: // incomplete, incomplete_expired
		return community.SubscriptionIncomplete
	}
	return community.SubscriptionPaused
}

// state is what the subscription is worth at a moment with its present items.
func (s *subscription) state(t till, at time.Time, status community.SubscriptionStatus) community.SubscriptionState {
	to := community.SubscriptionState{At: at, Status: status, Monthly: t.money(0), Forever: t.money(0), Finite: t.money(0)}
	if status != community.SubscriptionEnded {
		full, forever, finite := s.worth(at)
		to.Monthly, to.Forever, to.Finite = t.money(full), t.money(forever), t.money(finite)
	}
	return to
}

// history tells the course from the object alone: the start, the trial, when
// payments stopped where the invoices tell it, the end. Since when their
// collection is paused nobody tells: it is from the moment of the asking on.
func (r *subscriptionRecord) history(t till, asked time.Time) (states []community.SubscriptionState) {
	s := &r.Subscription
	now, start, ended := s.status(), s.started(), moment(s.Ended)
	if now == community.SubscriptionIncomplete {
		return []community.SubscriptionState{s.state(t, start, now)}
	}
	add := func(at time.Time, status community.SubscriptionStatus) {
		n := len(states)
		switch {
		case at.IsZero() || !ended.IsZero() && status != community.SubscriptionEnded && !at.Before(ended):
		case n > 0 && at.Before(states[n-1].At):
		case n > 0 && at.Equal(states[n-1].At):
			states[n-1] = s.state(t, at, status)
		default:
			states = append(states, s.state(t, at, status))
		}
	}
	add(start, community.SubscriptionActive)
	trial := max(s.TrialStart, start.Unix())
	if s.TrialEnd > trial {
		add(moment(trial), community.SubscriptionTrialing)
	}
	if s.TrialEnd > trial && now != community.SubscriptionTrialing {
		add(moment(s.TrialEnd), community.SubscriptionActive)
	}
	switch now {
	case community.SubscriptionPastDue, community.SubscriptionUnpaid:
		add(latest(moment(r.UnpaidSince), states), now)
	case community.SubscriptionPaused:
		if s.Status == "paused" { // the trial ended without a card
			asked = time.Time{}
		}
		add(latest(asked, states), now)
	case community.SubscriptionEnded:
		add(ended, now)
	}
	return states
}

// latest is a moment, or the last known one where it is not told or lies before.
func latest(at time.Time, states []community.SubscriptionState) time.Time {
	if n := len(states); n > 0 && at.Before(states[n-1].At) {
		return states[n-1].At
	}
	return at
}
