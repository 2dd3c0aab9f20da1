package shopify

import (
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"github.com/foyer-app/foyer/connectors/shopify/shopifytest"
)

// Every query fits the schema of the API, also those that only odd shops need.
func TestQueriesFitTheSchema(t *testing.T) {
	t.Parallel()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: shopifytest.Schema()})
	if err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]string{
		"bulk orders": bulkOrders, "bulk customers": bulkCustomers, "orders": queryOrders, "customers": queryCustomers, "nodes": queryNodes,
		"lines": queryLines, "refund lines": queryRefundLines, "shop": queryShop, "probe": queryProbe, "bulk": queryBulk, "run bulk": mutationBulk,
		"hooks": queryHooks, "hook": mutationHook, "move hook": mutationMoveHook, "uninstall": mutationUninstall,
	} {
		if _, err := gqlparser.LoadQueryWithRules(schema, q, rules.NewDefaultRules()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
