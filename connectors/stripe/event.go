package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors"
)

// subscribed are the events that are delivered, and asked for after a gap: two
// groups, because a list of events can be asked for 20 types at most.
func subscribed() [][]string {
	return [][]string{
		{
			"customer.created", "customer.updated", "customer.deleted",
			"customer.discount.created", "customer.discount.updated", "customer.discount.deleted",
			"customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
			"customer.subscription.paused", "customer.subscription.resumed",
		},
		{
			"invoice.finalized", "invoice.paid", "invoice.updated", "invoice.voided", "invoice.marked_uncollectible", "invoice.deleted",
			"charge.succeeded", "charge.captured", "charge.expired", "charge.refunded",
			"charge.dispute.created", "charge.dispute.closed", "charge.dispute.funds_reinstated",
			"refund.created", "refund.updated", "refund.failed",
			"credit_note.created", "credit_note.updated", "credit_note.voided", "checkout.session.completed",
		},
	}
}

// event is what happened.
type event struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Type     string `json:"type"`
	Created  int64  `json:"created"`
	Account  string `json:"account"` // of another one, which ours is the platform of
	Livemode bool   `json:"livemode"`
	Data     struct {
		Object   json.RawMessage            `json:"object"`
		Previous map[string]json.RawMessage `json:"previous_attributes"`
	} `json:"data"`
}

// subject is what all objects of events may say.
type subject struct {
	ID           string `json:"id"`
	Charge       ref    `json:"charge"`
	Intent       ref    `json:"payment_intent"`
	Invoice      ref    `json:"invoice"`
	Subscription ref    `json:"subscription"`
	Status       string `json:"status"`
}

// reader turns events into payloads. It fetches an order once.
type reader struct {
	api
	seen map[string]bool
	out  []connectors.Payload
}

// ranks order the events of one second: the later in this list, the later it
// happened. A subscription is made, then begins, then ends.
var ranks = []string{"incomplete", "incomplete_expired", "trialing", "active", "past_due", "unpaid", "paused", "canceled"}

// rank is below 1000: it is added to the milliseconds of the event's second.
func (e *event) rank(status string) int64 {
	n := int64(slices.Index(ranks, status)+1) * 100
	switch {
	case strings.HasSuffix(e.Type, ".deleted"):
		return 999
	case strings.HasSuffix(e.Type, ".created"):
		return n
	}
	return n + 1
}

// read adds what an event tells. Events that are not read add nothing.
func (r *reader) read(ctx context.Context, e *event) error {
	if e.ID == "" || moment(e.Created).IsZero() {
		return refused(connectors.ReasonNoID, "event")
	}
	var s subject
	if decode(e.Data.Object, &s) != nil {
		return refused(connectors.ReasonNotJSON, "object")
	}
	kind := e.Type[:max(strings.LastIndexByte(e.Type, '.'), 0)]
	switch kind {
	case "customer":
		return r.customer(e)
	case "customer.subscription":
		return r.subscribedTo(ctx, e)
	case "customer.discount":
		return r.resubscribe(ctx, e, string(s.Subscription))
	case "invoice":
		if s.Status == "draft" && e.Type != "invoice.deleted" {
			return nil // no order yet
		}
		return r.order(ctx, e, s.ID)
	case "charge":
		return r.order(ctx, e, s.ID)
	case "charge.dispute", "refund", "charge.refund":
		return r.order(ctx, e, string(s.Charge))
	case "credit_note":
		return r.order(ctx, e, string(s.Invoice))
	case "checkout.session":
		return r.visit(ctx, e, string(s.Intent))
	}
	return nil
}

func (r *reader) add(e *event, kind, id, scope string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return refused(connectors.ReasonNotJSON, "object")
	}
	r.out = append(r.out, connectors.Payload{Key: "e/" + e.ID + "/" + external(id), Kind: kind, Scope: scope, Body: body})
	return nil
}

func (r *reader) customer(e *event) error {
	c := customer{}
	if decode(e.Data.Object, &c) != nil || c.ID == "" {
		return refused(connectors.ReasonNotJSON, "object")
	}
	c.Deleted = c.Deleted || e.Type == "customer.deleted"
	if c.Deleted {
		c = customer{ID: c.ID, Created: c.Created, Deleted: true}
	}
	return r.add(e, kindCustomer, c.ID, scope(e.Created*1000+e.rank("")), c)
}

// scope is that of a payload: the revision, and what else there is to say.
func scope(revision int64, more ...string) string {
	return strings.Join(append([]string{strconv.FormatInt(revision, 10)}, more...), " ")
}

// telling are the fields of a subscription on which hangs what it is worth.
var telling = []string{
	"status", "items", "plan", "quantity", "discount", "discounts", "pause_collection", "trial_end", "trial_start", "ended_at",
	"default_tax_rates", "tax_percent", "automatic_tax", "currency",
}

// changes says whether an event tells of a new value: previous_attributes holds
// the fields that changed, as they were. A subscription that renews or changes its card
// is worth what it was.
func (e *event) changes() bool {
	if e.Type != "customer.subscription.updated" || e.Data.Previous == nil {
		return true
	}
	return slices.ContainsFunc(telling, func(name string) bool { _, ok := e.Data.Previous[name]; return ok })
}

// subscribedTo reads a subscription as it became at the event's moment. What the
// event does not tell is taken from the subscription as it is now.
func (r *reader) subscribedTo(ctx context.Context, e *event) error {
	record := subscriptionRecord{}
	s := &record.Subscription
	if decode(e.Data.Object, s) != nil || s.ID == "" {
		return refused(connectors.ReasonNotJSON, "object")
	}
	mode := modeEvent
	if !e.changes() {
		mode = modeQuiet
	} else if s.Status != "canceled" && s.incomplete() {
		now, err := r.subscription(ctx, s.ID)
		if err != nil {
			return err
		}
		if now != nil {
			s.adopt(&now.Subscription)
		}
	}
	s.LatestInvoice.Object = s.LatestInvoice.Object.brief()
	at := e.Created*1000 + e.rank(s.Status)
	return r.add(e, kindSubscription, s.ID, scope(at, mode, strconv.FormatInt(at, 10)), record)
}

// resubscribe reads the subscription of a discount anew.
func (r *reader) resubscribe(ctx context.Context, e *event, id string) error {
	if id == "" || r.seen[id] {
		return nil
	}
	asked := r.now().Unix() * 1000
	record, err := r.subscription(ctx, id)
	if err != nil || record == nil {
		return err
	}
	r.seen[id] = true
	at := strconv.FormatInt(e.Created*1000+e.rank(record.Subscription.Status), 10)
	return r.add(e, kindSubscription, id, scope(asked, modeNow, at), record)
}

// order fetches an order as it stands, be it an invoice or a payment. An invoice
// that is not there any more was a draft, or one of a test that was cleared.
func (r *reader) order(ctx context.Context, e *event, id string) error {
	if id == "" || r.seen[id] {
		return nil
	}
	asked := r.now().UnixMilli()
	if strings.HasPrefix(id, "in_") {
		record, err := r.invoice(ctx, id)
		switch {
		case err != nil:
			return err
		case record == nil:
			r.seen[id] = true
			return r.add(e, kindGone, id, scope(asked), gone{id})
		}
		r.seen[id] = true
		return r.add(e, kindInvoice, id, scope(asked), record)
	}
	paid, in, err := r.charge(ctx, id)
	switch {
	case errors.Is(err, errNoOrder), status(err) == http.StatusNotFound:
		return nil
	case err != nil:
		return err
	}
	r.seen[id] = true
	switch {
	case in != "" && e.Type == "charge.succeeded":
		return nil // the invoice has an event of its own
	case in != "":
		return r.order(ctx, e, in)
	}
	return r.add(e, kindCharge, id, scope(asked), paid)
}

// visit reads the payment of a visit to Checkout anew: it tells tax and codes.
func (r *reader) visit(ctx context.Context, e *event, intent string) error {
	if intent == "" {
		return nil // a subscription's, or nothing was paid
	}
	var page list[charge]
	if err := r.get(ctx, "charges", values("payment_intent", intent, "limit", perPage), &page); err != nil {
		return err
	}
	for _, c := range page.Data {
		if c.Status == "succeeded" {
			return r.order(ctx, e, c.ID)
		}
	}
	return nil
}
