package shopify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// Backfill makes one step: of the first load, a piece of the file that a bulk
// operation made; of changes, a page of customers or orders in the order of their
// change. Orders with refunds are asked for anew, with them.
func (connector) Backfill(ctx context.Context, app connectors.App, c connectors.Connection, at string, since time.Time) (connectors.Page, error) {
	b := backfill{}
	var err error
	if b.client, err = newClient(app, c); err == nil {
		b.cursor, err = parseCursor(at, app.Now(), since)
	}
	if err == nil {
		err = b.step(ctx)
	}
	if err != nil {
		return connectors.Page{}, fmt.Errorf("shopify: backfill: %w", err)
	}
	return b.out, nil
}

// backfill is one step.
type backfill struct {
	*client
	cursor cursor
	out    connectors.Page
}

func (b *backfill) step(ctx context.Context) error {
	var part float64
	var done bool
	var err error
	if b.cursor.Mode == modeBulk {
		part, done, err = b.bulk(ctx)
	} else {
		done, err = b.page(ctx)
	}
	if err != nil {
		return err
	}
	b.out.Progress = b.cursor.progress(part)
	b.out.Pause = max(b.out.Pause, b.spent.pause())
	if done {
		b.cursor.progress(1)
		if !b.cursor.next() {
			b.out.Progress, b.out.Pause = 1, 0
			return nil
		}
	}
	b.out.Next = b.cursor.String()
	return nil
}

// add emits a payload. Its key is the same each time the same is fetched.
func (b *backfill) add(kind, id string, body []byte) {
	b.out.Payloads = append(b.out.Payloads, payload(kind, id, body))
}

func payload(kind, id string, body []byte) connectors.Payload {
	return connectors.Payload{Key: "b/" + kind + "/" + id + "/" + hashed(body), Kind: kind, Body: body}
}

func (b *backfill) addOrders(ctx context.Context, list []order) error {
	if err := b.complete(ctx, list); err != nil {
		return err
	}
	for _, o := range list {
		b.add(kindOrder, id(o.ID), encode(o))
	}
	return nil
}

// The sizes of a page, and how many things are paged through before the query
// begins anew: Shopify ends a query's pages at 25,000.
const (
	firstPage = 20
	pagedMost = 20_000
)

// page reads one page of what changed, or of everything.
func (b *backfill) page(ctx context.Context) (done bool, err error) {
	c := &b.cursor
	if c.First == 0 {
		c.First = firstPage
	}
	got, last, seen, err := b.read(ctx)
	if errors.Is(err, errCost) && c.First > 1 {
		c.First /= 2
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c.Seen += seen
	if !got.HasNextPage || got.EndCursor == "" || got.EndCursor == c.After {
		return true, nil
	}
	c.After = got.EndCursor
	if at, err := when(last); c.Seen >= pagedMost && err == nil && at.After(c.Since) {
		c.Since, c.After, c.Seen = at, "", 0 // things of the same moment come twice
	}
	return false, nil
}

// read asks for the page and emits it; last is when the last of it changed.
func (b *backfill) read(ctx context.Context) (next pageInfo, last string, seen int, err error) {
	args := optional("after", b.cursor.After)
	args["first"] = b.cursor.First
	if !b.cursor.Since.IsZero() {
		args["query"] = "updated_at:>='" + stamp(b.cursor.Since) + "'"
	}
	if b.cursor.Kinds == kindsCustomers {
		var got struct {
			Customers connection[customer] `json:"customers"`
		}
		err = b.ask(ctx, queryCustomers, args, &got)
		for _, c := range got.Customers.Nodes {
			b.add(kindCustomer, id(c.ID), encode(c))
			last = c.UpdatedAt
		}
		return got.Customers.PageInfo, last, len(got.Customers.Nodes), err
	}
	args["sort"] = "UPDATED_AT"
	list, next, err := b.orders(ctx, args)
	if err != nil {
		return next, "", 0, err
	}
	for _, o := range list {
		last = o.UpdatedAt
	}
	return next, last, len(list), b.addOrders(ctx, list)
}

func (c *client) orders(ctx context.Context, args map[string]any) ([]order, pageInfo, error) {
	var got struct {
		Orders connection[order] `json:"orders"`
	}
	err := c.ask(ctx, queryOrders, args, &got)
	return got.Orders.Nodes, got.Orders.PageInfo, err
}

// stamp writes a moment as a search takes it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
