package shopify

import (
	"context"
	"fmt"

	"github.com/foyer-app/foyer/connectors"
)

// topics are what we want to be told of. An edit and a refund update the order,
// so they need no topic. The three that the law demands are set in the
// application's own settings at Shopify, as it asks.
var topics = []string{
	"APP_SCOPES_UPDATE", "APP_UNINSTALLED", "CUSTOMERS_CREATE", "CUSTOMERS_DELETE", "CUSTOMERS_MERGE", "CUSTOMERS_UPDATE",
	"ORDERS_CANCELLED", "ORDERS_CREATE", "ORDERS_DELETE", "ORDERS_PAID", "ORDERS_UPDATED",
}

// Subscribe makes the shop deliver to the address. Subscriptions to another
// address are moved: they are of this application alone.
func (connector) Subscribe(ctx context.Context, app connectors.App, c connectors.Connection, address string) (connectors.Connection, error) {
	if err := subscribe(ctx, app, c, address); err != nil {
		return c, fmt.Errorf("shopify: subscribe: %w", err)
	}
	return c, nil
}

func subscribe(ctx context.Context, app connectors.App, c connectors.Connection, address string) error {
	cl, err := newClient(app, c)
	if err != nil {
		return err
	}
	have, err := cl.subscriptions(ctx, address)
	if err != nil {
		return err
	}
	for _, topic := range topics {
		at, known := have[topic]
		switch {
		case known && at == "": // as it should be
			continue
		case known:
			err = cl.moveHook(ctx, at, address)
		default:
			err = cl.createHook(ctx, topic, address)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", topic, err)
		}
	}
	return nil
}

// subscriptions lists those of our topics: the id of one to move, empty for one
// that is as it should be.
func (c *client) subscriptions(ctx context.Context, address string) (map[string]string, error) {
	have := map[string]string{}
	for after := ""; ; {
		var got struct {
			Hooks connection[struct {
				ID    string `json:"id"`
				Topic string `json:"topic"`
				URI   string `json:"uri"`
			}] `json:"webhookSubscriptions"`
		}
		if err := c.insist(ctx, queryHooks, optional("after", after), &got); err != nil {
			return nil, denied(err)
		}
		for _, n := range got.Hooks.Nodes {
			if at, known := have[n.Topic]; n.URI == address {
				have[n.Topic] = ""
			} else if !known || at != "" {
				have[n.Topic] = n.ID
			}
		}
		next := got.Hooks.PageInfo
		if !next.HasNextPage || next.EndCursor == "" || next.EndCursor == after {
			return have, nil
		}
		after = next.EndCursor
	}
}

func (c *client) createHook(ctx context.Context, topic, address string) error {
	var got struct {
		Done struct {
			UserErrors userErrors `json:"userErrors"`
		} `json:"webhookSubscriptionCreate"`
	}
	args := map[string]any{"topic": topic, "hook": map[string]any{"uri": address, "format": "JSON"}}
	if err := c.insist(ctx, mutationHook, args, &got); err != nil {
		return denied(err)
	}
	return declined(got.Done.UserErrors)
}

func (c *client) moveHook(ctx context.Context, id, address string) error {
	var got struct {
		Done struct {
			UserErrors userErrors `json:"userErrors"`
		} `json:"webhookSubscriptionUpdate"`
	}
	args := map[string]any{"id": id, "hook": map[string]any{"uri": address, "format": "JSON"}}
	if err := c.insist(ctx, mutationMoveHook, args, &got); err != nil {
		return denied(err)
	}
	return declined(got.Done.UserErrors)
}

// declined makes the error of a subscription that Shopify does not take: polling
// does the work. One that is there already, made meanwhile, is none.
func declined(list userErrors) error {
	if len(list) == 0 || list.has("already been taken") {
		return nil
	}
	return refused("subscription", "")
}

// denied makes a refusal for want of rights one that polling makes up for.
func denied(err error) error {
	if hasCode(err, "ACCESS_DENIED") {
		return fmt.Errorf("%w: %w", refused("scopes", ""), err)
	}
	return err
}

// optional is an argument, if it is not empty.
func optional(name, value string) map[string]any {
	if value == "" {
		return map[string]any{}
	}
	return map[string]any{name: value}
}
