// Package stripe reads Stripe: customers, subscriptions of every status, and
// orders, which are invoices and the payments that belong to none.
//
// Ids are Stripe's own: cus_, in_, ch_ (or py_) and sub_. The payment of an
// invoice is never an order of its own: a charge becomes one only after Stripe
// said that no invoice was paid by it (see payment.go).
//
// An event of an order is a hint: the order is fetched as it stands, with its
// refunds, credit notes and disputes, because no event tells them all, and
// because events come late, twice and in any order. Events of customers and
// subscriptions speak for themselves: a subscription's state at the moment of
// the event cannot be fetched afterwards.
//
// Revisions: what was fetched has the second in which it was asked for (orders:
// the millisecond), an event has its own second plus a rank, so that what
// happened in one second ends the same in whatever order it arrives.
//
// Known limits. Stripe's lists cannot be asked for what changed, and its events
// go back 30 days: a gap is filled from the events, a longer one by listing
// everything anew. The past of a subscription that is listed is told by its
// present items: what it cost before a change is known from the change's event
// only. A coupon on the customer instead of the subscription is not seen.
// Payments without an invoice or a Checkout session do not tell their tax.
package stripe

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

const platform community.Platform = "stripe"

// The kinds of payload. Each scope begins with the revision.
const (
	kindCustomer     = "customer"
	kindInvoice      = "invoice"      // an invoiceRecord
	kindCharge       = "charge"       // a chargeRecord
	kindSubscription = "subscription" // a subscriptionRecord; the scope is "revision mode moment"
	kindGone         = "gone"         // {"id"} of an order that is no more
)

// Connector reads Stripe. The zero value is ready.
type Connector struct{}

var (
	_ connectors.Connector      = Connector{}
	_ connectors.Trader         = Connector{}
	_ connectors.Configured     = Connector{}
	_ connectors.Manual         = Connector{}
	_ connectors.Backfiller     = Connector{}
	_ connectors.Polled         = Connector{}
	_ connectors.AccountWebhook = Connector{}
	_ connectors.Subscriber     = Connector{}
	_ connectors.Bookkeeper     = Connector{}
	_ connectors.Uninstaller    = Connector{}
)

// New returns the connector.
func New() connectors.Connector { return Connector{} }

// Platform returns "stripe".
func (Connector) Platform() community.Platform { return platform }

// Name returns "Stripe".
func (Connector) Name() string { return "Stripe" }

// Trades says what Stripe tells.
func (Connector) Trades() connectors.Trades {
	return connectors.Trades{Customers: true, Orders: true, Subscriptions: true}
}

// Missing is empty: a restricted key needs no registered application.
func (Connector) Missing(connectors.App) []string { return nil }

// Every is how often the events are asked for beside the deliveries.
func (Connector) Every() time.Duration { return time.Hour }

// Normalize reads one payload. Its errors are *connectors.RefusedError, but for an
// unknown kind. Fields of an unexpected type count as absent.
func (Connector) Normalize(p connectors.Payload) (community.Batch, error) {
	var batch community.Batch
	if err := normalize(p, &batch.Business); err != nil {
		return community.Batch{}, fmt.Errorf("stripe: %s: %w", p.Kind, err)
	}
	return batch, nil
}

func normalize(p connectors.Payload, out *community.Business) error {
	first, rest, _ := strings.Cut(p.Scope, " ")
	revision, err := strconv.ParseInt(first, 10, 64)
	if err != nil || revision < 0 {
		return refused(connectors.ReasonNoTime, "revision")
	}
	switch p.Kind {
	case kindCustomer:
		return read(p.Body, func(c *customer) error { return c.normalize(revision, out) })
	case kindInvoice:
		return read(p.Body, func(r *invoiceRecord) error { return r.normalize(revision, out) })
	case kindCharge:
		return read(p.Body, func(r *chargeRecord) error { return r.normalize(revision, out) })
	case kindGone:
		return read(p.Body, func(g *gone) error { return g.normalize(revision, out) })
	case kindSubscription:
		mode, moment, _ := strings.Cut(rest, " ")
		at, err := strconv.ParseInt(moment, 10, 64)
		if err != nil {
			return refused(connectors.ReasonNoTime, "moment")
		}
		return read(p.Body, func(r *subscriptionRecord) error { return r.normalize(revision, mode, millis(at), out) })
	}
	return errKind
}

var errKind = errors.New("unknown kind of payload")

func refused(reason, detail string) error {
	return &connectors.RefusedError{Reason: reason, Detail: detail}
}

// read decodes one object and hands it on.
func read[T any](body []byte, use func(*T) error) error {
	v := new(T)
	if decode(body, v) != nil {
		return refused(connectors.ReasonNotJSON, "")
	}
	return use(v)
}

// decode is json.Unmarshal for which a field of another type is absent.
func decode(raw []byte, v any) error {
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, v); err != nil && !errors.As(err, &odd) {
		return err
	}
	return nil
}

// gone is an order that Stripe does not have any more.
type gone struct {
	ID string `json:"id"`
}

func (g *gone) normalize(revision int64, out *community.Business) error {
	if external(g.ID) == "" {
		return refused(connectors.ReasonNoID, "")
	}
	out.Orders = append(out.Orders, community.Order{ExternalID: external(g.ID), Deleted: true, Revision: revision})
	return nil
}
