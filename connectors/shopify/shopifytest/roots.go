package shopifytest

import (
	"cmp"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

var errDenied = errors.New("access denied")

// roots are what a query or a mutation begins with. The world is locked.
func (s *Server) roots(e *executor, kind ast.Operation) object {
	if kind == ast.Mutation {
		return s.mutations(e)
	}
	type resolver = func(map[string]any) (object, error)
	return object{
		"__typename": "QueryRoot",
		"orders":     pages(func(args map[string]any) (object, error) { return s.search(e, "read_orders", args, s.orders(e)) }),
		"customers": pages(func(args map[string]any) (object, error) {
			return s.search(e, "read_customers", args, s.customers())
		}),
		"order":  resolver(func(args map[string]any) (object, error) { return s.node(e, args["id"]), nil }),
		"refund": resolver(func(args map[string]any) (object, error) { return s.refund(args["id"]), nil }),
		"nodes": func(ids []any) []any {
			return list(ids, func(id any) any { return s.node(e, id) })
		},
		"bulkOperation": resolver(func(args map[string]any) (object, error) { return s.bulkOf(e, args["id"]), nil }),
		"shop": object{
			"id": gid("Shop", 548380009), "name": s.World.shop.Name, "myshopifyDomain": s.World.shop.Domain,
			"ianaTimezone": s.World.shop.TimeZone, "currencyCode": s.World.shop.Currency,
		},
		"currentAppInstallation": object{
			"id": gid("AppInstallation", 1), "accessScopes": list(e.token.scopes, func(n string) any { return object{"handle": n} }),
		},
		"webhookSubscriptions": paged(list(s.hooks, func(h *subscription) any { return h.object() })),
	}
}

// may says whether a right was granted; that to write includes that to read.
func (e *executor) may(scope string) bool {
	return slices.Contains(e.token.scopes, scope) || slices.Contains(e.token.scopes, "write_"+strings.TrimPrefix(scope, "read_"))
}

// entry is a thing that can be found.
type entry struct {
	updated, processed time.Time
	id                 int64
	object             func() object
}

// orders are those that the application may see: without a special right those
// of the last 60 days.
func (s *Server) orders(e *executor) (out []entry) {
	for _, o := range s.World.orders {
		if s.visible(e, o) {
			out = append(out, entry{o.Updated, o.Processed, o.ID, func() object { return s.World.graphOrder(o) }})
		}
	}
	return out
}

func (s *Server) visible(e *executor, o *Order) bool {
	return !o.gone && (e.may("read_all_orders") || s.World.now.Sub(o.Created) <= 60*24*time.Hour)
}

func (s *Server) customers() (out []entry) {
	for _, c := range s.World.customers {
		if !c.gone {
			out = append(out, entry{c.Updated, c.Created, c.ID, func() object { return graphCustomer(c) }})
		}
	}
	return out
}

var term = regexp.MustCompile(`^(updated_at|processed_at):(>=|<=|<|>)'(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)'$`)

// search filters and sorts as Shopify does, and cuts out a page.
func (s *Server) search(e *executor, scope string, args map[string]any, all []entry) (object, error) {
	if !e.may(scope) {
		return nil, errDenied
	}
	if q, ok := args["query"].(string); ok && q != "" {
		for _, t := range strings.Fields(q) {
			m := term.FindStringSubmatch(t)
			if m == nil {
				return nil, errors.New("this Shopify does not search for " + t)
			}
			at, err := time.Parse(time.RFC3339, m[3])
			if err != nil {
				return nil, err
			}
			all = slices.DeleteFunc(all, func(x entry) bool {
				have := x.updated
				if m[1] == "processed_at" {
					have = x.processed
				}
				c := have.Compare(at)
				return !(m[2] == ">=" && c >= 0 || m[2] == "<=" && c <= 0 || m[2] == "<" && c < 0 || m[2] == ">" && c > 0)
			})
		}
	}
	slices.SortFunc(all, func(a, b entry) int {
		switch args["sortKey"] {
		case "UPDATED_AT":
			return cmp.Or(a.updated.Compare(b.updated), cmp.Compare(a.id, b.id))
		case "PROCESSED_AT":
			return cmp.Or(a.processed.Compare(b.processed), cmp.Compare(a.id, b.id))
		}
		return cmp.Compare(a.id, b.id)
	})
	return paged(list(all, func(x entry) any { return x.object() }))(args)
}

// node is an order by its global id, nil when there is none for this application.
func (s *Server) node(e *executor, id any) object {
	for _, o := range s.World.orders {
		if gid("Order", o.ID) == id && s.visible(e, o) && e.may("read_orders") {
			return s.World.graphOrder(o)
		}
	}
	return nil
}

func (s *Server) refund(id any) object {
	for _, o := range s.World.orders {
		for _, r := range o.Refunds {
			if gid("Refund", r.ID) == id {
				return s.World.graphRefund(r)
			}
		}
	}
	return nil
}
