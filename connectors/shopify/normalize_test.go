package shopify

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/connectortest"
	"github.com/foyer-app/foyer/internal/community"
)

func TestConformance(t *testing.T) { connectortest.Run(t, New(), "testdata") }

func TestUnknownKind(t *testing.T) {
	t.Parallel()
	if _, err := New().Normalize(connectors.Payload{Kind: "invoice", Body: []byte("{}")}); err == nil {
		t.Error("an unknown kind is read")
	}
}

// normalizeSoundly holds what Normalize gives against the contract.
func normalizeSoundly(t *testing.T, p connectors.Payload) {
	t.Helper()
	kept := bytes.Clone(p.Body)
	b, err := New().Normalize(p)
	again, errAgain := New().Normalize(p)
	switch {
	case !reflect.DeepEqual(b, again) || (err == nil) != (errAgain == nil):
		t.Fatal("twice is not the same")
	case !bytes.Equal(kept, p.Body):
		t.Fatal("the body was changed")
	case err != nil && !reflect.DeepEqual(b, community.Batch{}):
		t.Fatal("an error and a batch")
	}
	for _, o := range b.Business.Orders {
		if o.Deleted {
			continue
		}
		switch {
		case o.ExternalID == "" || len(o.ExternalID) > 30 || o.At.IsZero() || o.At.Location() != time.UTC || o.Revision < 0:
			t.Fatalf("order %+v", o)
		case len(o.Net.Currency) != 3 || o.Discount.Minor < 0 || o.Customer != "" && !reflect.DeepEqual(o.Guest, community.Contact{}):
			t.Fatalf("order %+v", o)
		}
		for _, r := range o.Refunds {
			if r.Net.Minor < 0 || r.Tax.Minor < 0 || r.ExternalID == "" || r.At.IsZero() {
				t.Fatalf("refund %+v", r)
			}
		}
		for _, s := range append([]string{o.Number, o.Channel, o.Guest.Name}, o.Codes...) {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") || len(s) > 2*maxText {
				t.Fatalf("text %q", s)
			}
		}
	}
	for _, c := range b.Business.Customers {
		if c.ExternalID == "" || strings.Contains(c.ExternalID, "@") || c.Revision < 0 {
			t.Fatalf("customer %+v", c)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	names, err := filepath.Glob("testdata/*/payload.json")
	if err != nil || len(names) == 0 {
		f.Fatal(len(names), err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		var p struct {
			Kind string
			Body json.RawMessage
		}
		if err := json.Unmarshal(raw, &p); err != nil {
			f.Fatal(err)
		}
		f.Add(p.Kind, []byte(p.Body))
	}
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		normalizeSoundly(t, connectors.Payload{Kind: kind, Body: body})
	})
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency, text string
		want           int64
		bad            bool
	}{
		{"EUR", "10.0", 1000, false},
		{"EUR", "10.00", 1000, false},
		{"EUR", "10", 1000, false},
		{"EUR", "-0.5", -50, false},
		{"EUR", "", 0, false},
		{"JPY", "1200.0", 1200, false},
		{"KWD", "1.2345", 1235, false},
		{"EUR", "0.005", 1, false},
		{"EUR", "0.0049", 0, false},
		{"ISK", "100.00", 100, false},
		{"EUR", "1e3", 0, true},
		{"EUR", "NaN", 0, true},
		{"EUR", "-", 0, true},
		{"EUR", "1.2.3", 0, true},
		{"EUR", "99999999999999999999", 0, true},

		{"EUR", "1,5", 0, true},
		{"EUR", "5.", 0, true},
		{"XXX", "1.5", 150, false},
	} {
		p, err := newPurse(c.currency)
		if err != nil {
			t.Fatal(err)
		}
		var b bag
		b.ShopMoney.Amount = number(c.text)
		if got := p.minor(b); got != c.want || (p.err != nil) != c.bad {
			t.Errorf("%s %q is %d, %v", c.currency, c.text, got, p.err)
		}
	}
	for _, currency := range []string{"", "eur", "EURO", "€€"} {
		if _, err := newPurse(currency); err == nil {
			t.Errorf("%q is a currency", currency)
		}
	}
	for currency, minor := range map[string]int64{"EUR": -1205, "JPY": 7, "KWD": 5} {
		p, _ := newPurse(currency)
		var b bag
		b.ShopMoney.Amount = p.text(minor)
		if got := p.minor(b); got != minor {
			t.Errorf("%s %d is written %s", currency, minor, p.text(minor))
		}
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]int64{
		{100, 1, 3, 33},
		{100, 2, 3, 67},
		{-100, 2, 3, -67},
		{100, 0, 3, 0},
		{100, 3, 3, 100},
		{100, 5, 3, 100},
		{100, 1, 0, 100},
		{5, 1, 2, 3},
		{most, most - 1, most, most - 1},
		{100, -1, 3, 0},
	} {
		if got := share(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%d of %d parts of %d: %d", c[1], c[2], c[0], got)
		}
	}
}
