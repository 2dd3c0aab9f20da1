package spreadsheet

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

func normalizeSubscription(e entry, known string) (community.Business, error) {
	var none community.Business
	id, err := identity(e.text(fSubscription), known)
	if err != nil {
		return none, err
	}
	s := community.Subscription{ExternalID: id}
	s.Customer, s.Guest = who([]entry{e})
	if s.Started, err = e.started(); err != nil {
		return none, err
	}
	for field, to := range map[string]*time.Time{fTrialEnd: &s.TrialEnd, fCancelAsked: &s.CancelAsked, fEnded: &s.Ended} {
		if *to, err = e.time(field); err != nil {
			return none, err
		}
	}
	monthly, err := e.monthly()
	if err != nil {
		return none, err
	}
	status, err := e.status()
	if err != nil {
		return none, err
	}
	if status == community.SubscriptionEnded && s.Ended.IsZero() {
		if s.Ended = e.form.asOf; s.Ended.IsZero() {
			return none, refused(reasonNeeded, fEnded)
		}
	}
	if !s.Ended.IsZero() && s.Ended.Before(s.Started) {
		return none, refused(reasonOrder, fEnded)
	}
	if s.Test, err = e.flag(fTest); err != nil {
		return none, err
	}
	if s.Revision, err = e.revision(); err != nil {
		return none, err
	}
	s.States = course(&s, status, monthly, e.form.asOf)
	return community.Business{Subscriptions: []community.Subscription{s}, Customers: named([]entry{e}, s.Customer)}, nil
}

// started is the start as told, or so many months before the table was made.
func (e entry) started() (time.Time, error) {
	at, err := e.time(fStarted)
	if err != nil || !at.IsZero() {
		return at, err
	}
	months, err := e.number(fTenure)
	if err != nil {
		return at, refused(reasonNumber, fTenure)
	}
	if months == nil || e.form.asOf.IsZero() {
		return at, refused(reasonNeeded, fStarted)
	}
	whole := new(big.Int).Quo(months.Num(), months.Denom())
	if months.Sign() < 0 || whole.Cmp(big.NewInt(1200)) > 0 {
		return at, refused(reasonNumber, fTenure)
	}
	return monthsBefore(e.form.asOf, int(whole.Int64()), e.form.zone), nil
}

// monthly is what a month costs, without tax.
func (e entry) monthly() (community.Money, error) {
	code, err := e.currency()
	if err != nil {
		return community.Money{}, err
	}
	amount, err := e.number(fMonthly)
	if err != nil {
		return community.Money{}, err
	}
	if amount == nil {
		return community.Money{}, refused(reasonNeeded, fMonthly)
	}
	share, err := e.share(amount)
	if err != nil {
		return community.Money{}, err
	}
	months, ok := interval(e.text(fInterval))
	if !ok {
		return community.Money{}, refused(reasonState, fInterval)
	}
	m, err := money(amount.Quo(amount.Mul(amount, share), months), code)
	if err != nil || m.Minor < 0 {
		return m, refused(reasonAmount, fMonthly)
	}
	return m, nil
}

// interval is how many months a price pays for. A year has 12 of them, 365 days
// and 52 weeks.
func interval(text string) (*big.Rat, bool) {
	s := fold(text)
	number, unit := leadingDigits(s)
	count := int64(1)
	if number != "" && len(number) < 4 {
		count = int64(atoi(number))
	}
	if first, rest, ok := strings.Cut(s, " "); ok && (first == "every" || first == "tous" || first == "toutes") {
		return interval(strings.TrimPrefix(strings.TrimPrefix(rest, "les "), "the "))
	}
	unit = strings.TrimSpace(unit)
	if count == 0 {
		return nil, false
	}
	for _, u := range []struct {
		months *big.Rat
		words  []string
	}{
		{big.NewRat(1, 1), []string{"", "month", "months", "monthly", "mois", "mensuel", "mensuelle", "m"}},
		{big.NewRat(12, 1), []string{"year", "years", "yearly", "annual", "annually", "an", "ans", "annee", "annuel", "annuelle", "y"}},
		{big.NewRat(3, 1), []string{"quarter", "quarters", "quarterly", "trimestre", "trimestres", "trimestriel", "trimestrielle"}},
		{big.NewRat(6, 1), []string{"semester", "semestre", "semestres", "semestriel", "semestrielle", "half year", "biannual", "semiannual"}},
		{big.NewRat(12, 52), []string{"week", "weeks", "weekly", "semaine", "semaines", "hebdomadaire"}},
		{big.NewRat(12, 365), []string{"day", "days", "daily", "jour", "jours", "quotidien"}},
	} {
		if slices.Contains(u.words, unit) {
			return new(big.Rat).Mul(u.months, big.NewRat(count, 1)), true
		}
	}
	return nil, false
}

// subscriptionWords tell the statuses, in English and French; the first that is
// found counts.
var subscriptionWords = []struct {
	status community.SubscriptionStatus
	words  []string
}{
	{community.SubscriptionIncomplete, []string{"incomplete", "incomplet"}},
	{community.SubscriptionUnpaid, []string{"unpaid", "impaye"}},
	{community.SubscriptionPastDue, []string{"past due", "retard", "late", "overdue"}},
	{community.SubscriptionEnded, []string{"cancel", "ended", "resili", "termine", "expire", "annul", "inactive", "inactif", "churn", "closed", "arrete", "stopped"}},
	{community.SubscriptionPaused, []string{"pause", "suspend", "on hold"}},
	{community.SubscriptionTrialing, []string{"trial", "essai"}},
	{community.SubscriptionActive, []string{"active", "actif", "en cours", "live", "running", "paid", "paye"}},
}

// status is what the line says of the present; a churned one has ended.
func (e entry) status() (community.SubscriptionStatus, error) {
	churned, err := e.flag(fChurned)
	if err != nil {
		return 0, err
	}
	ended := e.text(fEnded) != ""
	s := fold(e.text(fState))
	if churned {
		return community.SubscriptionEnded, nil
	}
	if s == "" {
		if ended {
			return community.SubscriptionEnded, nil
		}
		return community.SubscriptionActive, nil
	}
	for _, w := range subscriptionWords {
		if slices.ContainsFunc(w.words, func(word string) bool { return strings.Contains(s, word) }) {
			return w.status, nil
		}
	}
	return 0, refused(reasonState, fState)
}

// course is the subscription's way from its start to what it is now. What a table
// does not tell (when a payment became late) is taken to be so since the table was made.
func course(s *community.Subscription, now community.SubscriptionStatus, monthly community.Money, asOf time.Time) []community.SubscriptionState {
	state := func(at time.Time, status community.SubscriptionStatus) community.SubscriptionState {
		if status == community.SubscriptionEnded {
			return community.SubscriptionState{At: at, Status: status, Monthly: community.Money{Currency: monthly.Currency, Exponent: monthly.Exponent}}
		}
		return community.SubscriptionState{At: at, Status: status, Monthly: monthly}
	}
	begin := community.SubscriptionActive
	if s.TrialEnd.After(s.Started) {
		begin = community.SubscriptionTrialing
	}
	if now == community.SubscriptionIncomplete {
		begin = now
	}
	states := []community.SubscriptionState{state(s.Started, begin)}
	add := func(at time.Time, status community.SubscriptionStatus) {
		last := &states[len(states)-1]
		switch {
		case at.After(last.At):
			states = append(states, state(at, status))
		default:
			*last = state(last.At, status)
		}
	}
	if begin == community.SubscriptionTrialing && now != community.SubscriptionTrialing && (s.Ended.IsZero() || s.TrialEnd.Before(s.Ended)) {
		add(s.TrialEnd, community.SubscriptionActive)
	}
	switch now {
	case community.SubscriptionPastDue, community.SubscriptionUnpaid, community.SubscriptionPaused:
		add(asOf, now)
	}
	if !s.Ended.IsZero() {
		add(s.Ended, community.SubscriptionEnded)
	}
	return states
}
