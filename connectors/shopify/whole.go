package shopify

import (
	"context"
	"encoding/json"
	"errors"
)

// portion is how much is asked for in one call: orders with all that is theirs,
// and of that how many lines and parts of refunds at first.
type portion struct{ orders, lines, parts int }

// portions begin with what is usual; the next is taken when Shopify says that one
// costs too much.
var portions = []portion{{5, 40, 10}, {2, 40, 10}, {1, 40, 10}, {1, 10, 5}, {1, 2, 2}}

// maxPages bounds the pages of lines of one order.
const maxPages = 200

// complete gives each order all of its lines and refunds. Orders without refunds
// whose lines were all there cost nothing.
func (c *client) complete(ctx context.Context, list []order) error {
	var ids []string
	at := map[string]int{}
	for i, o := range list {
		if len(o.Refunds) > 0 || o.LineItems.PageInfo.HasNextPage {
			ids, at[o.ID] = append(ids, o.ID), i
		}
	}
	whole, err := c.whole(ctx, ids)
	if err != nil {
		return err
	}
	for _, o := range whole {
		if i, ok := at[o.ID]; ok {
			list[i] = o
		}
	}
	return nil
}

// whole asks for orders by their global ids, with all that is theirs. Those that
// the shop does not have, or does not show, are not in the answer.
func (c *client) whole(ctx context.Context, ids []string) (out []order, err error) {
	for len(ids) > 0 {
		size := portions[c.portion]
		n := min(size.orders, len(ids))
		var got struct {
			Nodes []json.RawMessage `json:"nodes"`
		}
		err := c.insist(ctx, queryNodes, map[string]any{"ids": ids[:n], "lines": size.lines, "parts": size.parts}, &got)
		if errors.Is(err, errCost) && c.portion < len(portions)-1 {
			c.portion++
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, raw := range got.Nodes {
			var o order
			if decode(raw, &o) != nil || id(o.ID) == "" {
				continue
			}
			if err := c.rest(ctx, &o); err != nil {
				return nil, err
			}
			out = append(out, o)
		}
		ids = ids[n:]
	}
	return out, nil
}

// rest asks for the further pages of an order's lines and refunds.
func (c *client) rest(ctx context.Context, o *order) error {
	err := pages(&o.LineItems, func(after string) (connection[line], error) {
		var got struct {
			Order struct {
				LineItems connection[line] `json:"lineItems"`
			} `json:"order"`
		}
		err := c.insist(ctx, queryLines, map[string]any{"id": o.ID, "after": after}, &got)
		return got.Order.LineItems, err
	})
	for i := range o.Refunds {
		if err != nil {
			return err
		}
		err = pages(&o.Refunds[i].RefundLineItems, func(after string) (connection[refundLine], error) {
			var got struct {
				Refund struct {
					RefundLineItems connection[refundLine] `json:"refundLineItems"`
				} `json:"refund"`
			}
			err := c.insist(ctx, queryRefundLines, map[string]any{"id": o.Refunds[i].ID, "after": after}, &got)
			return got.Refund.RefundLineItems, err
		})
	}
	return err
}

// pages fetches what follows the first page of a connection and adds it there.
func pages[T any](c *connection[T], next func(after string) (connection[T], error)) error {
	for n := 0; c.PageInfo.HasNextPage && c.PageInfo.EndCursor != "" && n < maxPages; n++ {
		got, err := next(c.PageInfo.EndCursor)
		if err != nil {
			return err
		}
		c.Nodes, c.PageInfo = append(c.Nodes, got.Nodes...), got.PageInfo
	}
	c.PageInfo = pageInfo{}
	return nil
}
