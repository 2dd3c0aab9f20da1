package connectortest

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/foyer-app/foyer/internal/community"
)

// checkBusiness returns what is wrong with the business part of a batch.
func checkBusiness(b community.Business, once func(part, id string)) error {
	var all []error
	note := func(part, id string, err error) {
		if err != nil {
			all = append(all, fmt.Errorf("%s %q: %w", part, id, err))
		}
	}
	for _, c := range b.Customers {
		once("customer", c.ExternalID)
		note("customer", c.ExternalID, errors.Join(checkTimes(c.Created), allStorable(c)))
		if c.Revision < 0 {
			note("customer", c.ExternalID, errors.New("has a negative revision"))
		}
	}
	for _, o := range b.Orders {
		once("order", o.ExternalID)
		note("order", o.ExternalID, errors.Join(checkOrder(o), allStorable(o)))
	}
	for _, s := range b.Subscriptions {
		once("subscription", s.ExternalID)
		note("subscription", s.ExternalID, errors.Join(checkSubscription(s), allStorable(s)))
	}
	for _, c := range b.Costs {
		once("cost", c.ExternalID)
		note("cost", c.ExternalID, errors.Join(checkMoney(c.Amount.Currency, c.Amount), checkTimes(c.From, c.To), allStorable(c)))
		if !c.Deleted && !c.From.Before(c.To) {
			note("cost", c.ExternalID, errors.New("ends before it begins"))
		}
	}
	for _, a := range b.Answers {
		once("answer", a.ExternalID)
		note("answer", a.ExternalID, errors.Join(checkTimes(a.At), allStorable(a)))
	}
	return errors.Join(all...)
}

func checkOrder(o community.Order) error {
	if o.Deleted {
		return nil
	}
	amounts := []community.Money{o.Net, o.Tax, o.Shipping, o.Discount}
	for _, r := range o.Refunds {
		amounts = append(amounts, r.Net, r.Tax)
		if r.Net.Minor < 0 {
			return fmt.Errorf("refund %q is negative", r.ExternalID)
		}
	}
	for _, l := range o.Lines {
		amounts = append(amounts, l.Net)
	}
	if o.Discount.Minor < 0 || o.Revision < 0 {
		return errors.New("has a negative discount or revision")
	}
	if o.At.IsZero() {
		return errors.New("has no time")
	}
	return errors.Join(checkTimes(o.At), checkMoney(o.Net.Currency, amounts...))
}

func checkSubscription(s community.Subscription) error {
	var all []error
	for i, st := range s.States {
		all = append(all, checkTimes(st.At), checkMoney(st.Monthly.Currency, st.Monthly, st.Forever, st.Finite))
		if st.At.IsZero() || i > 0 && !s.States[i-1].At.Before(st.At) {
			all = append(all, errors.New("states without a time, or not in their order"))
		}
	}
	return errors.Join(append(all, checkTimes(s.Started, s.TrialEnd, s.CancelAsked, s.Ended))...)
}

// checkMoney holds amounts against one currency; those that are not told have none.
func checkMoney(currency string, amounts ...community.Money) error {
	if len(currency) != 3 {
		return fmt.Errorf("%q is no currency", currency)
	}
	for _, m := range amounts {
		if m != (community.Money{}) && m.Currency != currency {
			return fmt.Errorf("mixes %s and %q", currency, m.Currency)
		}
	}
	return nil
}

func checkTimes(times ...time.Time) error {
	for _, t := range times {
		if !t.IsZero() && t.Location() != time.UTC {
			return fmt.Errorf("time %v is not in UTC", t)
		}
	}
	return nil
}

// allStorable checks every text of a value, however deep.
func allStorable(v any) error { return storable(texts(reflect.ValueOf(v))...) }

func texts(v reflect.Value) []string {
	var out []string
	switch v.Kind() {
	case reflect.String:
		return []string{v.String()}
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, texts(v.Index(i))...)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		for i := range v.NumField() {
			out = append(out, texts(v.Field(i))...)
		}
	}
	return out
}
