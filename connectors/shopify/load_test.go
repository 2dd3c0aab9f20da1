package shopify

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/shopify/shopifytest"
)

// shops are the habits that change the arithmetic.
var shops = map[string]shopifytest.Shop{
	"with tax":    {Currency: "EUR", TaxesIncluded: true, TaxPercent: 20},
	"without tax": {Currency: "USD", TaxesIncluded: false, TaxPercent: 8},
	"untaxed":     {Currency: "CHF", TaxesIncluded: true, TaxPercent: 0},
	"no decimals": {Currency: "JPY", TaxesIncluded: true, TaxPercent: 10},
	"three":       {Currency: "KWD", TaxesIncluded: false, TaxPercent: 5},
}

func TestFirstLoadReachesTheTruth(t *testing.T) {
	t.Parallel()
	for name, shop := range shops {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, shopifytest.Config{BulkPolls: 3}, shop)
			s.Life(700, 3*time.Hour)
			b := newLedger()
			s.walk(t, b, s.connected(), time.Time{}, nil)
			b.agree(t, s.Truth(), false)
			if n := len(b.orders); n < 250 {
				t.Errorf("only %d orders", n)
			}
		})
	}
}

// What happens while the file is made and read is in no file.
func TestWhatHappensMeanwhileIsRead(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{BulkPolls: 2}, shopifytest.Shop{})
	s.Life(300, time.Hour)
	c, b := s.connected(), newLedger()
	cursor := ""
	for {
		page, err := connector{}.Backfill(context.Background(), s.app, c, cursor, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		b.take(t, page.Payloads)
		if cursor = page.Next; cursor == "" {
			break
		}
		if !strings.Contains(cursor, modeSince) {
			s.Life(3, time.Minute)
		}
	}
	known := s.Truth()
	for id := range b.orders { // a deletion is told by a delivery alone
		if _, ok := known.Orders[id]; !ok {
			delete(b.orders, id)
		}
	}
	for id := range b.customers {
		if _, ok := known.Customers[id]; !ok {
			delete(b.customers, id)
		}
	}
	b.agree(t, known, false)
}

func TestFaultsOfALoad(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{BulkPolls: 1, ShortPages: 40}, shopifytest.Shop{})
	s.Life(600, time.Hour)
	for _, f := range []shopifytest.Fault{
		{Where: "graphql", Kind: "429", After: 1},
		{Where: "graphql", Kind: "throttled", After: 2},
		{Where: "graphql", Kind: "500", After: 2},
		{Where: "graphql", Kind: "broken", After: 2},
		{Where: "graphql", Kind: "slow", After: 2},
		{Where: "file", Kind: "cut", Bytes: 2500},
		{Where: "file", Kind: "cut", Bytes: 90_000, After: 1},
		{Where: "file", Kind: "500"},
		{Where: "file", Kind: "cut", Bytes: 0, After: 1},
		{Where: "bulk", Kind: "failed"},
	} {
		s.server.Break(f)
	}
	errs := 0
	b := newLedger()
	s.walk(t, b, s.connected(), time.Time{}, func(err error) bool {
		if strings.Contains(err.Error(), "@") || strings.Contains(err.Error(), "signature") {
			t.Errorf("an error tells too much: %v", err)
		}
		errs++
		return errs < 10
	})
	if errs == 0 {
		t.Error("nothing went wrong")
	}
	b.agree(t, s.Truth(), false)
}

// Without bulk operations everything comes by pages.
func TestFilesThatFailGiveWayToPages(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{ShortPages: 7}, shopifytest.Shop{})
	s.Life(120, time.Hour)
	for range 2 * bulkFails {
		s.server.Break(shopifytest.Fault{Where: "bulk", Kind: "failed"})
	}
	b := newLedger()
	s.walk(t, b, s.connected(), time.Time{}, nil)
	b.agree(t, s.Truth(), false)
}

// A file that always breaks at the same place is given up.
func TestFileThatStaysCut(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	s.Life(60, time.Hour)
	for range 2 * bulkFails * bulkFails {
		s.server.Break(shopifytest.Fault{Where: "file", Kind: "cut", Bytes: 30})
	}
	b := newLedger()
	s.walk(t, b, s.connected(), time.Time{}, nil)
	b.agree(t, s.Truth(), false)
}

func TestChangesReachTheTruth(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{ShortPages: 9, Points: 1200, Restore: 3000}, shopifytest.Shop{})
	s.Life(150, time.Hour)
	c, b := s.connected(), newLedger()
	s.walk(t, b, c, time.Time{}, nil)
	for range 4 {
		since := s.Now()
		s.Life(60, 10*time.Minute)
		s.walk(t, b, c, since, nil)
	}
	known := s.Truth()
	for id := range b.orders {
		if _, ok := known.Orders[id]; !ok {
			delete(b.orders, id)
		}
	}
	for id := range b.customers {
		if _, ok := known.Customers[id]; !ok {
			delete(b.customers, id)
		}
	}
	b.agree(t, known, false)
	limited := 0
	for _, call := range s.server.Calls() {
		if call.Code == "invalid" {
			t.Errorf("%s was refused", call.Operation)
		}
		if call.Code == "THROTTLED" {
			limited++
		}
	}
	t.Logf("%d calls, %d of them throttled", len(s.server.Calls()), limited)
}

// A query that has given many things begins anew where it stands: Shopify ends
// one after 25,000.
func TestLongQueriesBeginAnew(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{ShortPages: 10}, shopifytest.Shop{})
	for range 60 {
		s.Order(shopifytest.Cart{})
	}
	b, anew := newLedger(), 0
	at := cursor{Mode: modeSince, Kinds: kindsOrders, Since: start, First: 10, Seen: pagedMost - 15}
	for next := at.String(); next != ""; {
		page, err := connector{}.Backfill(context.Background(), s.app, s.connected(), next, start)
		if err != nil {
			t.Fatal(err)
		}
		b.take(t, page.Payloads)
		next = page.Next
		if pos, err := parseCursor(next, start, start); err == nil && pos.After == "" && pos.Since.After(start) {
			anew++
		}
	}
	if anew != 1 {
		t.Errorf("it began anew %d times", anew)
	}
	b.agree(t, s.Truth(), false)
}

// Pages are made smaller until Shopify takes their cost.
func TestCostIsLearnt(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{MostCost: 60}, shopifytest.Shop{})
	s.Life(100, time.Hour)
	b := newLedger()
	s.walk(t, b, s.connected(), s.Now().Add(-1000*time.Hour), nil)
	b.agree(t, s.Truth(), false)
	refused := false
	for _, call := range s.server.Calls() {
		refused = refused || call.Code == "MAX_COST_EXCEEDED"
	}
	if !refused {
		t.Error("no query was too expensive")
	}
}

func TestLongOrdersAreWhole(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	c := s.Join()
	long := s.Order(shopifytest.Cart{Customer: c, Lines: 130, Gift: true, Tip: true, Code: "CERCLE10"})
	for i := range 60 {
		if i%2 == 0 {
			s.Refund(long, i, 1, 0)
		}
	}
	s.RefundAll(s.Order(shopifytest.Cart{Lines: 130}))
	for _, since := range []time.Time{{}, start} {
		b := newLedger()
		s.walk(t, b, s.connected(), since, nil)
		b.agree(t, s.Truth(), false)
	}
	met := map[string]bool{}
	for _, call := range s.server.Calls() {
		met[call.Operation] = true
	}
	if !met["Lines"] || !met["RefundLines"] {
		t.Errorf("no order was longer than a page: %v", met)
	}
}

func TestSixtyDays(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	old := s.Order(shopifytest.Cart{At: start.Add(-70 * 24 * time.Hour)})
	s.Order(shopifytest.Cart{})
	b := newLedger()
	c := s.connected("read_orders", "read_customers")
	s.walk(t, b, c, time.Time{}, nil)
	if len(b.orders) != 1 {
		t.Errorf("%d orders", len(b.orders))
	}
	// The books say from when on they are whole.
	for scope, want := range map[string]time.Time{"": {}, scopeAllOrders: s.Now().Add(-shownFor)} {
		granted := slices.DeleteFunc(slices.Clone(everyScope), func(g string) bool { return g == scope })
		page, err := connector{}.Books(context.Background(), s.app, s.connected(granted...), start.AddDate(0, -3, 0), s.Now().Add(time.Hour), "")
		if err != nil || !page.From.Equal(want) || len(page.Entries) != map[bool]int{true: 2, false: 1}[want.IsZero()] {
			t.Errorf("without %q: %d entries from %v, %v", scope, len(page.Entries), page.From, err)
		}
	}
	// What is not shown is not deleted.
	for all, scopes := range map[bool][]string{false: {"read_orders", "read_customers"}, true: everyScope} {
		got, err := connector{}.Fetch(context.Background(), s.app, s.connected(scopes...), []connectors.Entry{{ExternalID: id(gid("Order", idText(old.ID)))}, {ExternalID: "4"}})
		if err != nil {
			t.Fatal(err)
		}
		kinds := ""
		for _, p := range got {
			kinds += p.Kind + " "
		}
		if want := map[bool]string{false: "", true: "order order.deleted "}[all]; kinds != want {
			t.Errorf("all %v: %q, want %q", all, kinds, want)
		}
	}
}

// A right that is not there is an error and no empty shop; contacts that are held
// back are no error.
func TestRightsThatAreNotThere(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	s.Order(shopifytest.Cart{Customer: s.Join()})
	_, err := connector{}.Backfill(context.Background(), s.app, s.connected("read_orders"), "", start)
	if !hasCode(err, "ACCESS_DENIED") {
		t.Errorf("without the right to read customers: %v", err)
	}
	s = newStage(t, shopifytest.Config{HideContacts: true}, shopifytest.Shop{})
	s.Order(shopifytest.Cart{Customer: s.Join()})
	s.Refund(s.Order(shopifytest.Cart{}), 0, 1, 0)
	b := newLedger()
	s.walk(t, b, s.connected(), start, nil)
	if len(b.orders) != 2 || len(b.customers) != 1 {
		t.Errorf("%d orders, %d customers", len(b.orders), len(b.customers))
	}
	for _, o := range b.orders {
		if len(o.Guest.Emails) > 0 || o.Net.Minor == 0 {
			t.Errorf("order %+v", o)
		}
	}
}

func TestRevokedAndExpired(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{}, shopifytest.Shop{})
	c := s.connected()
	c.Credentials.Access = "shpat_unknown"
	if _, err := (connector{}).Backfill(context.Background(), s.app, c, "", start); !errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("a withdrawn token gave %v", err)
	}
	c.Credentials.Expires = s.Now()
	if _, err := (connector{}).Backfill(context.Background(), s.app, c, "", start); err == nil || errors.Is(err, connectors.ErrRevoked) {
		t.Errorf("an expired token gave %v", err)
	}
	c.ExternalID = "evil.example/atelier.myshopify.com"
	if _, err := (connector{}).Backfill(context.Background(), s.app, c, "", start); !errors.Is(err, errNoShop) {
		t.Errorf("no shop gave %v", err)
	}
	for _, at := range []string{"{", `{"m":"x","k":"orders"}`, `{"m":"bulk","k":"orders","o":-1}`} {
		if _, err := (connector{}).Backfill(context.Background(), s.app, s.connected(), at, start); !errors.Is(err, errCursor) {
			t.Errorf("cursor %s gave %v", at, err)
		}
	}
}

func TestBooksAgree(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{ShortPages: 11}, shopifytest.Shop{})
	s.Life(400, 2*time.Hour)
	from, to := start.Add(200*time.Hour), start.Add(600*time.Hour)
	want := map[string]shopifytest.OrderTruth{}
	for id, o := range s.Truth().Orders {
		if !o.At.Before(from) && o.At.Before(to) {
			want[id] = o
		}
	}
	c, cursor := s.connected(), ""
	var first connectors.Entry
	for got := 0; ; {
		page, err := connector{}.Books(context.Background(), s.app, c, from, to, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			o, ok := want[e.ExternalID]
			if !ok || e.Net.Minor != o.Net || e.Refunded.Minor != o.Refunded || int(e.State) != o.State || e.Test != o.Test || !e.At.Equal(o.At) || e.Net.Currency != "EUR" {
				t.Errorf("entry %+v, want %+v", e, o)
			}
			got, first = got+1, e
		}
		if cursor = page.Next; cursor == "" {
			if got != len(want) || got < 50 {
				t.Errorf("%d entries, want %d", got, len(want))
			}
			break
		}
	}
	list, err := connector{}.Fetch(context.Background(), s.app, c, []connectors.Entry{first})
	if err != nil || len(list) != 1 {
		t.Fatal(len(list), err)
	}
	b := newLedger()
	b.take(t, list)
	if o := b.orders[first.ExternalID]; o.Net != first.Net {
		t.Errorf("fetched %+v", o.Net)
	}
}

// Fetch of the most that may be asked for waits for the bucket by itself.
func TestFetchIsPatient(t *testing.T) {
	t.Parallel()
	s := newStage(t, shopifytest.Config{Points: 900, Restore: 4000}, shopifytest.Shop{})
	var entries []connectors.Entry
	for range 60 {
		o := s.Order(shopifytest.Cart{Lines: 8})
		s.Refund(o, 0, 1, 0)
		entries = append(entries, connectors.Entry{ExternalID: idText(o.ID)})
	}
	rand.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
	list, err := connector{}.Fetch(context.Background(), s.app, s.connected(), entries)
	if err != nil || len(list) != 60 {
		t.Fatal(len(list), err)
	}
	b := newLedger()
	b.take(t, list)
	b.agree(t, shopifytest.Truth{Orders: s.Truth().Orders}, false)
}
