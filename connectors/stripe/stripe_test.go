package stripe

import (
	"errors"
	"testing"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/connectortest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.Run(t, New(), "testdata")
}

// TestRefused says why a payload is not read.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ kind, scope, body, reason string }{
		"no revision":     {kindCustomer, "", `{"id":"cus_1"}`, connectors.ReasonNoTime},
		"below zero":      {kindCustomer, "-1", `{"id":"cus_1"}`, connectors.ReasonNoTime},
		"no JSON":         {kindCustomer, "1", `{"id":`, connectors.ReasonNotJSON},
		"no id":           {kindCustomer, "1", `{}`, connectors.ReasonNoID},
		"no invoice":      {kindInvoice, "1", `{}`, connectors.ReasonNoID},
		"no currency":     {kindInvoice, "1", `{"invoice":{"id":"in_1","status":"paid"}}`, connectors.ReasonNotJSON},
		"no time":         {kindInvoice, "1", `{"invoice":{"id":"in_1","status":"paid","currency":"eur","total":1,"subtotal":1}}`, connectors.ReasonNoTime},
		"an amount":       {kindInvoice, "1", `{"invoice":{"id":"in_1","status":"paid","currency":"eur","total":9223372036854775807}}`, connectors.ReasonNotJSON},
		"no charge":       {kindCharge, "1", `{"charge":{}}`, connectors.ReasonNoID},
		"a year far away": {kindCharge, "1", `{"charge":{"id":"ch_1","status":"succeeded","currency":"eur","created":999999999999999}}`, connectors.ReasonNoTime},
		"no moment":       {kindSubscription, "1 event", `{"subscription":{"id":"sub_1"}}`, connectors.ReasonNoTime},
		"no start":        {kindSubscription, "1 event 5000", `{"subscription":{"id":"sub_1","currency":"eur"}}`, connectors.ReasonNoTime},
		"nothing gone":    {kindGone, "1", `{}`, connectors.ReasonNoID},
	} {
		_, err := New().Normalize(connectors.Payload{Kind: c.kind, Scope: c.scope, Body: []byte(c.body)})
		var refused *connectors.RefusedError
		if !errors.As(err, &refused) || refused.Reason != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New().Normalize(connectors.Payload{Kind: "other", Scope: "1"}); !errors.Is(err, errKind) {
		t.Errorf("an unknown kind: %v", err)
	}
}
