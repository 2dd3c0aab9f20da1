package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// Books lists what Stripe has: invoices, payments without an invoice, then
// subscriptions, each by its creation. The lines are made by the same rules as
// the orders, from Stripe's objects of this moment.
//
// Subscriptions are listed by created, which a start date that was set back does
// not follow: such a one may be missing from the period of its start.
func (Connector) Books(ctx context.Context, app connectors.App, c connectors.Connection, from, to time.Time, cursor string) (connectors.BooksPage, error) {
	a := newAPI(app, c)
	b := backfill{api: a, conn: c, position: position{Step: stepInvoices}, begun: a.now()}
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &b.position); err != nil || stepNumber(b.Step) < 0 {
			return connectors.BooksPage{}, fmt.Errorf("stripe: books: %w", errCursor)
		}
	}
	more, err := b.book(ctx, from, to)
	if err != nil {
		return connectors.BooksPage{}, fmt.Errorf("stripe: books: %s: %w", b.Step, err)
	}
	page := connectors.BooksPage{Entries: entries(b.out.Payloads, from, to)}
	if !more {
		after := map[string]string{stepInvoices: stepCharges, stepCharges: stepSubscriptions}
		b.Step, b.After = after[b.Step], ""
	}
	if b.Step != "" {
		next, err := json.Marshal(position{Step: b.Step, After: b.After})
		if err != nil {
			return connectors.BooksPage{}, fmt.Errorf("stripe: books: %w", err)
		}
		page.Next = string(next)
	}
	return page, nil
}

// book lists one page of a step.
func (b *backfill) book(ctx context.Context, from, to time.Time) (bool, error) {
	b.from, b.to = from, to
	switch b.Step {
	case stepInvoices:
		return b.invoiced(ctx)
	case stepCharges:
		return b.charged(ctx)
	}
	return b.subscriptions(ctx)
}

// entries are the lines that payloads make, of those in the period. What cannot
// be read has none.
func entries(payloads []connectors.Payload, from, to time.Time) (list []connectors.Entry) {
	within := func(at time.Time) bool { return !at.Before(from) && (to.IsZero() || at.Before(to)) }
	for _, p := range payloads {
		var out community.Business
		if normalize(p, &out) != nil {
			continue
		}
		for _, o := range out.Orders {
			if within(o.At) {
				list = append(list, orderEntry(o))
			}
		}
		for _, s := range out.Subscriptions {
			if !within(s.Started) {
				continue
			}
			e := connectors.Entry{Subscription: true, ExternalID: s.ExternalID, At: s.Started, Test: s.Test}
			if n := len(s.States); n > 0 {
				e.Net = s.States[n-1].Monthly
			}
			list = append(list, e)
		}
	}
	return list
}

func orderEntry(o community.Order) connectors.Entry {
	e := connectors.Entry{ExternalID: o.ExternalID, At: o.At, State: o.State, Test: o.Test, Net: o.Net, Refunded: o.Net}
	e.Refunded.Minor = 0
	for _, r := range o.Refunds {
		e.Refunded.Minor += r.Net.Minor
	}
	return e
}

// Fetch brings some orders and subscriptions as they stand. One that Stripe does
// not have any more is told to be gone.
func (Connector) Fetch(ctx context.Context, app connectors.App, c connectors.Connection, entries []connectors.Entry) ([]connectors.Payload, error) {
	a := newAPI(app, c)
	var list []connectors.Payload
	for _, e := range entries {
		p, err := a.fetch(ctx, e)
		if err != nil {
			return nil, fmt.Errorf("stripe: fetch: %w", err)
		}
		if p.Kind != "" {
			list = append(list, p)
		}
	}
	return list, nil
}

func (a api) fetch(ctx context.Context, e connectors.Entry) (connectors.Payload, error) {
	asked := a.now()
	revision := scope(asked.UnixMilli())
	switch {
	case e.Subscription:
		record, err := a.subscription(ctx, e.ExternalID)
		if err != nil || record == nil {
			return connectors.Payload{}, err
		}
		return fetched(kindSubscription, e.ExternalID, subscriptionScope(asked, modeNow), record)
	case strings.HasPrefix(e.ExternalID, "in_"):
		record, err := a.invoice(ctx, e.ExternalID)
		switch {
		case err != nil:
			return connectors.Payload{}, err
		case record == nil:
			return fetched(kindGone, e.ExternalID, revision, gone{e.ExternalID})
		}
		return fetched(kindInvoice, e.ExternalID, revision, record)
	}
	record, in, err := a.charge(ctx, e.ExternalID)
	switch {
	case errors.Is(err, errNoOrder), status(err) == http.StatusNotFound, err == nil && in != "":
		return fetched(kindGone, e.ExternalID, revision, gone{e.ExternalID})
	case err != nil:
		return connectors.Payload{}, err
	}
	return fetched(kindCharge, e.ExternalID, revision, record)
}
