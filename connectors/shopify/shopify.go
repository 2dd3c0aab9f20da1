// Package shopify reads the orders and customers of a shop on Shopify: the first
// load by a bulk operation, what changed since by pages of the Admin GraphQL API,
// and deliveries by request. Ids of orders and customers are Shopify's numbers.
//
// Net of an order is what its lines cost after their discounts, without tax, in
// the shop's currency. Gift cards that were sold, tips, shipping, duties and fees
// are not in it, and neither is what an edit took out again. A refund is worth
// what Shopify says of its lines, and the difference to what was really paid back.
//
// Not told by Shopify in a way that could be read here: chargebacks, and the tax
// of a refund that names no lines. Not kept: streets, notes and means of payment.
package shopify

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

const platform community.Platform = "shopify"

// version is the version of the Admin API that the queries are written for.
const version = "2026-10"

// The kinds of payload. A webhook has the older shape of the REST API.
const (
	kindOrder           = "order"            // of GraphQL
	kindOrderHook       = "order.webhook"    // as a delivery has it
	kindOrderDeleted    = "order.deleted"    // only its id
	kindCustomer        = "customer"         // of GraphQL
	kindCustomerHook    = "customer.webhook" // as a delivery has it
	kindCustomerDeleted = "customer.deleted" // only its id
	kindCustomerMerged  = "customer.merged"  // who stays and who went
	kindCustomerErased  = "customer.erased"  // the shop must forget somebody
)

// New returns the connector.
func New() connectors.Connector { return connector{} }

type connector struct{}

var (
	_ connectors.Trader      = connector{}
	_ connectors.Configured  = connector{}
	_ connectors.Asker       = connector{}
	_ connectors.Refresher   = connector{}
	_ connectors.Uninstaller = connector{}
	_ connectors.Webhook     = connector{}
	_ connectors.Subscriber  = connector{}
	_ connectors.Backfiller  = connector{}
	_ connectors.Polled      = connector{}
	_ connectors.Bookkeeper  = connector{}
)

func (connector) Platform() community.Platform { return platform }

func (connector) Name() string { return "Shopify" }

// Trades says that a shop tells of customers and orders.
func (connector) Trades() connectors.Trades { return connectors.Trades{Customers: true, Orders: true} }

// Every is how often the shop is asked for what changed: Shopify gives a delivery
// up after some tries.
func (connector) Every() time.Duration { return time.Hour }

// Normalize reads one payload. Fields of an unexpected type count as absent. Its
// errors are *connectors.RefusedError, but for an unknown kind.
func (connector) Normalize(p connectors.Payload) (community.Batch, error) {
	b, err := normalize(p)
	switch {
	case errors.Is(err, errKind):
		return community.Batch{}, fmt.Errorf("shopify: %w", err)
	case err != nil:
		return community.Batch{}, fmt.Errorf("shopify: %s: %w", p.Kind, err)
	}
	return community.Batch{Business: b}, nil
}

var errKind = errors.New("unknown kind of payload")

func normalize(p connectors.Payload) (community.Business, error) {
	switch p.Kind {
	case kindOrder:
		return readOrder(p.Body, func(o order) order { return o })
	case kindOrderHook:
		return readOrder(p.Body, restOrder.order)
	case kindCustomer:
		return readCustomer(p.Body, func(c customer) customer { return c })
	case kindCustomerHook:
		return readCustomer(p.Body, restCustomer.customer)
	case kindOrderDeleted:
		return readOrderDeleted(p.Body)
	case kindCustomerDeleted, kindCustomerErased:
		return readErasure(p.Body)
	case kindCustomerMerged:
		return readMerge(p.Body)
	}
	return community.Business{}, errKind
}

// refused is the error of a payload that cannot be read.
func refused(reason, detail string) error {
	return &connectors.RefusedError{Reason: reason, Detail: detail}
}

// decode reads JSON; what has another type than expected counts as absent.
func decode(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	var odd *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &odd) {
		return refused(connectors.ReasonNotJSON, "")
	}
	return nil
}

// encode writes JSON of our own structs, which always can be written.
func encode(v any) []byte {
	b, _ := json.Marshal(v)
	return b
}
