package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// The steps of a backfill: everything, or after a gap the events.
const (
	stepCustomers     = "customers"
	stepSubscriptions = "subscriptions"
	stepInvoices      = "invoices"
	stepCharges       = "charges"
	stepEvents        = "events"
)

// listing are the steps of everything, in their order.
var listing = []string{stepCustomers, stepSubscriptions, stepInvoices, stepCharges}

const (
	// eventsKept is how far back the events are trusted: Stripe keeps them for 30 days.
	eventsKept = 29 * 24 * time.Hour
	// overlap is asked for again before a gap: events are not made in their order.
	overlap = 10 * time.Minute
	// eventsPerPage is less than Stripe would send, because each may be fetched.
	eventsPerPage = 50
)

// position is where a backfill stands.
type position struct {
	Step  string `json:"s"`
	Group int    `json:"g,omitempty"` // of the events' types
	After string `json:"a,omitempty"` // the last object of the page before
	Start int64  `json:"t"`           // when it began, in seconds
	Low   int64  `json:"l,omitempty"` // how far back the step has come
}

// Backfill makes one page: customers, subscriptions, invoices, payments, each
// from the newest on. With since it reads the events of the gap; one longer than
// Stripe keeps events is listed anew like everything else, because lists cannot
// be asked for what changed. A subscription then tells what it is worth now and
// not its past, which is known already.
func (Connector) Backfill(ctx context.Context, app connectors.App, c connectors.Connection, cursor string, since time.Time) (connectors.Page, error) {
	a := newAPI(app, c)
	pos, err := parsePosition(cursor, since, a.now())
	if err != nil {
		return connectors.Page{}, fmt.Errorf("stripe: backfill: %w", err)
	}
	b := backfill{api: a, conn: c, since: since, position: pos, begun: a.now()}
	if err := b.run(ctx); err != nil {
		return connectors.Page{}, fmt.Errorf("stripe: backfill: %s: %w", pos.Step, err)
	}
	return b.out, nil
}

func parsePosition(cursor string, since, now time.Time) (position, error) {
	if cursor == "" {
		pos := position{Step: stepCustomers, Start: now.Unix()}
		if !since.IsZero() && now.Sub(since) < eventsKept {
			pos.Step = stepEvents
		}
		return pos, nil
	}
	var pos position
	if err := json.Unmarshal([]byte(cursor), &pos); err != nil {
		return position{}, errCursor
	}
	if stepNumber(pos.Step) < 0 && pos.Step != stepEvents || pos.Group < 0 || pos.Group >= len(subscribed()) {
		return position{}, errCursor
	}
	return pos, nil
}

var errCursor = errors.New("the cursor is none of ours")

// stepNumber is the number of a step of everything; negative for another.
func stepNumber(step string) int {
	for i, s := range listing {
		if s == step {
			return i
		}
	}
	return -1
}

// backfill is one step.
type backfill struct {
	api
	position
	conn  connectors.Connection
	since time.Time
	begun time.Time
	// from and to bound the creation of what is listed, for the books.
	from, to time.Time
	out      connectors.Page
}

func (b *backfill) run(ctx context.Context) error {
	var more bool
	var err error
	switch b.Step {
	case stepCustomers:
		more, err = b.customers(ctx)
	case stepSubscriptions:
		more, err = b.subscriptions(ctx)
	case stepInvoices:
		more, err = b.invoiced(ctx)
	case stepCharges:
		more, err = b.charged(ctx)
	case stepEvents:
		more, err = b.events(ctx)
	}
	if err != nil {
		return err
	}
	if !more && !b.forward() {
		b.out.Progress = 1
		return nil
	}
	next, err := json.Marshal(b.position)
	if err != nil {
		return err
	}
	b.out.Next, b.out.Progress = string(next), b.progress()
	if b.out.Progress > 0.01 {
		spent := b.now().Unix() - b.Start
		b.out.Left = time.Duration(float64(spent)*(1/b.out.Progress-1)) * time.Second
	}
	return nil
}

// forward goes on to the next step; false when that was the last.
func (b *backfill) forward() bool {
	b.After, b.Low = "", 0
	if b.Step == stepEvents {
		b.Group++
		return b.Group < len(subscribed())
	}
	n := stepNumber(b.Step) + 1
	if n == len(listing) {
		return false
	}
	b.Step = listing[n]
	return true
}

// progress counts a step by how far back its page reaches on the way to the
// account's beginning, or the gap's.
func (b *backfill) progress() float64 {
	done, steps, from := stepNumber(b.Step), len(listing), b.opened()
	if b.Step == stepEvents {
		done, steps, from = b.Group, len(subscribed()), b.since.Unix()
	}
	part := 0.0
	if b.Low > 0 && b.Start > from {
		part = min(max(float64(b.Start-b.Low)/float64(b.Start-from), 0), 1)
	}
	return min((float64(done)+part)/float64(steps), 0.999)
}

// opened is when the account began; where it is not known, when Stripe did.
func (b *backfill) opened() int64 {
	if n, err := strconv.ParseInt(b.conn.Settings[settingCreated], 10, 64); err == nil && n > 0 {
		return n
	}
	return time.Date(2011, 9, 29, 0, 0, 0, 0, time.UTC).Unix()
}

// next asks for the next page of a list, and keeps its place.
func next[T any](ctx context.Context, b *backfill, path string, q url.Values, place func(*T) (string, int64)) ([]T, bool, error) {
	if q.Get("limit") == "" {
		q.Set("limit", perPage)
	}
	if b.After != "" {
		q.Set("starting_after", b.After)
	}
	if !b.from.IsZero() || !b.to.IsZero() {
		between(q, b.from, b.to)
	}
	var page list[T]
	if err := b.get(ctx, path, q, &page); err != nil {
		return nil, false, err
	}
	if len(page.Data) == 0 {
		return nil, false, nil
	}
	id, created := place(&page.Data[len(page.Data)-1])
	more := page.HasMore && id != "" && id != b.After
	b.After = id
	if created > 0 && (b.Low == 0 || created < b.Low) {
		b.Low = created
	}
	return page.Data, more, nil
}

// add emits what was fetched in this step.
func (b *backfill) add(kind, id, scope string, v any) error {
	p, err := fetched(kind, id, scope, v)
	if err == nil {
		b.out.Payloads = append(b.out.Payloads, p)
	}
	return err
}

// fetched is the payload of what was fetched. Its key is of the moment: the same
// that is fetched later may come back to what it was.
func fetched(kind, id, scope string, v any) (connectors.Payload, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return connectors.Payload{}, err
	}
	return connectors.Payload{Key: "b/" + external(id) + "/" + scope, Kind: kind, Scope: scope, Body: body}, nil
}

func (b *backfill) customers(ctx context.Context) (bool, error) {
	page, more, err := next(ctx, b, "customers", values(), func(c *customer) (string, int64) { return c.ID, c.Created })
	for i := range page {
		if err := b.add(kindCustomer, page[i].ID, scope(b.begun.Unix()*1000), page[i]); err != nil {
			return false, err
		}
	}
	return more, err
}

func (b *backfill) subscriptions(ctx context.Context) (bool, error) {
	q := url.Values{"status": {"all"}, "expand[]": expandSubscription("data.")}
	page, more, err := next(ctx, b, "subscriptions", q, func(s *subscription) (string, int64) { return s.ID, s.Created })
	mode := modeHistory
	if !b.since.IsZero() {
		mode = modeNow
	}
	for i := range page {
		record := subscriptionRecord{Subscription: page[i]}
		if err := b.completeSubscription(ctx, &record); err != nil {
			return false, err
		}
		if err := b.add(kindSubscription, page[i].ID, subscriptionScope(b.begun, mode), record); err != nil {
			return false, err
		}
	}
	return more, err
}

// subscriptionScope is that of a subscription that was asked for at a moment.
func subscriptionScope(asked time.Time, mode string) string {
	ms := asked.Unix() * 1000
	return scope(ms, mode, strconv.FormatInt(ms, 10))
}

func (b *backfill) invoiced(ctx context.Context) (bool, error) {
	q := url.Values{"expand[]": expandInvoice("data.")}
	page, more, err := next(ctx, b, "invoices", q, func(in *invoice) (string, int64) { return in.ID, in.Created })
	if err != nil {
		return false, err
	}
	records, err := b.invoices(ctx, page)
	if err != nil {
		return false, err
	}
	for i := range records {
		if err := b.add(kindInvoice, records[i].Invoice.ID, scope(b.begun.UnixMilli()), records[i]); err != nil {
			return false, err
		}
	}
	return more, nil
}

func (b *backfill) charged(ctx context.Context) (bool, error) {
	page, more, err := next(ctx, b, "charges", values(), func(c *charge) (string, int64) { return c.ID, c.Created })
	if err != nil {
		return false, err
	}
	records, err := b.charges(ctx, page)
	if err != nil {
		return false, err
	}
	for i := range records {
		if err := b.add(kindCharge, records[i].Charge.ID, scope(b.begun.UnixMilli()), records[i]); err != nil {
			return false, err
		}
	}
	return more, nil
}

// events reads what happened in a gap. An event that cannot be read is passed over.
func (b *backfill) events(ctx context.Context) (bool, error) {
	q := url.Values{"types[]": subscribed()[b.Group], "limit": {strconv.Itoa(eventsPerPage)}}
	between(q, b.since.Add(-overlap), time.Time{})
	page, more, err := next(ctx, b, "events", q, func(e *event) (string, int64) { return e.ID, e.Created })
	if err != nil {
		return false, err
	}
	in := reader{api: b.api, seen: map[string]bool{}}
	for i := range page {
		if err := in.read(ctx, &page[i]); err != nil && !unreadable(err) {
			return false, err
		}
	}
	b.out.Payloads = in.out
	return more, nil
}
