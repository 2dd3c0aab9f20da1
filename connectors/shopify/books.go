package shopify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// shownFor is how far back orders are shown without a special right, less a day:
// what counts is when an order was made, and not always when it was placed.
const shownFor = 59 * 24 * time.Hour

// booksPage is how many orders a page of the books has at most.
const booksPage = 20

// booksCursor is where the reading of the books stands.
type booksCursor struct {
	After string `json:"a,omitempty"`
	First int    `json:"n,omitempty"`
}

// Books lists the orders of a time. Those that cannot be read are not in it.
func (connector) Books(ctx context.Context, app connectors.App, c connectors.Connection, from, to time.Time, at string) (connectors.BooksPage, error) {
	page, err := books(ctx, app, c, from, to, at)
	if err != nil {
		return connectors.BooksPage{}, fmt.Errorf("shopify: books: %w", err)
	}
	return page, nil
}

func books(ctx context.Context, app connectors.App, c connectors.Connection, from, to time.Time, at string) (out connectors.BooksPage, err error) {
	cl, err := newClient(app, c)
	if err != nil {
		return out, err
	}
	pos := booksCursor{First: booksPage}
	if at != "" && json.Unmarshal([]byte(at), &pos) != nil || pos.First < 1 {
		return out, errCursor
	}
	if len(lacking(c.Granted, []string{scopeAllOrders})) > 0 {
		out.From = app.Now().Add(-shownFor)
	}
	args := optional("after", pos.After)
	args["first"], args["sort"] = pos.First, "PROCESSED_AT"
	args["query"] = "processed_at:>='" + stamp(from) + "' processed_at:<='" + stamp(to) + "'"
	list, next, err := cl.orders(ctx, args)
	if errors.Is(err, errCost) && pos.First > 1 {
		pos.First /= 2
		out.Next = string(encode(pos))
		return out, nil
	}
	if err == nil {
		err = cl.complete(ctx, list)
	}
	if err != nil {
		return out, err
	}
	for _, o := range list {
		n, err := o.normal()
		if err == nil && !n.At.Before(from) && n.At.Before(to) {
			out.Entries = append(out.Entries, entryOf(n))
		}
	}
	if next.HasNextPage && next.EndCursor != "" && next.EndCursor != pos.After {
		pos.After = next.EndCursor
		out.Next = string(encode(pos))
	}
	return out, nil
}

func entryOf(o community.Order) connectors.Entry {
	e := connectors.Entry{ExternalID: o.ExternalID, At: o.At, State: o.State, Test: o.Test, Net: o.Net, Refunded: o.Net}
	e.Refunded.Minor = 0
	for _, r := range o.Refunds {
		e.Refunded.Minor += r.Net.Minor
	}
	return e
}

// Fetch brings some orders anew. One that the shop does not have any more is
// deleted, but only for who may see all of them: others are shown no old ones.
func (connector) Fetch(ctx context.Context, app connectors.App, c connectors.Connection, entries []connectors.Entry) ([]connectors.Payload, error) {
	cl, err := newClient(app, c)
	if err != nil {
		return nil, fmt.Errorf("shopify: fetch: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if !e.Subscription && id(e.ExternalID) != "" {
			ids = append(ids, gid("Order", e.ExternalID))
		}
	}
	list, err := cl.whole(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("shopify: fetch: %w", err)
	}
	var out []connectors.Payload
	found := map[string]bool{}
	for _, o := range list {
		found[id(o.ID)] = true
		out = append(out, anew(app, kindOrder, id(o.ID), encode(o)))
	}
	for _, global := range ids {
		if one := id(global); !found[one] && len(lacking(c.Granted, []string{scopeAllOrders})) == 0 && !cl.hidden {
			out = append(out, anew(app, kindOrderDeleted, one, encode(gone{ID: one})))
		}
	}
	return out, nil
}

// anew is a payload that is taken though the same came before: what was made of
// it then may be wrong.
func anew(app connectors.App, kind, id string, body []byte) connectors.Payload {
	p := payload(kind, id, body)
	p.Key = "f/" + strconv.FormatInt(app.Now().UnixMilli(), 36) + "/" + p.Key
	return p
}
