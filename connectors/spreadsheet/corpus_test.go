package spreadsheet_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/spreadsheet"
	"github.com/foyer-app/foyer/internal/community"
)

// outcome is what an import gave.
type outcome struct {
	sources  []community.Source
	batch    community.Batch
	refusals []connectors.Refusal
	payloads int
	err      error
}

func importFiles(ctx context.Context, files fs.FS, answers map[string]string) outcome {
	var out outcome
	c := spreadsheet.New()
	out.err = c.(connectors.Importer).Import(ctx, files, connectors.ImportOptions{Location: time.UTC, Answers: answers},
		func(_ context.Context, r connectors.Record) error {
			switch {
			case r.Source != nil:
				out.sources = append(out.sources, *r.Source)
			case r.Refusal != nil:
				out.refusals = append(out.refusals, *r.Refusal)
			case r.Payload != nil:
				out.payloads++
				b, err := c.Normalize(*r.Payload)
				if err != nil {
					out.refusals = append(out.refusals, connectors.Refusal{File: r.File, Line: r.Line, Reason: err.Error(), Lines: r.Lines})
					return nil
				}
				out.batch.Append(b)
			}
			return nil
		})
	return out
}

func said(m connectors.Mapping) map[string]string {
	return map[string]string{connectors.QuestionMapping: m.JSON()}
}

// corpus is the folder of real order files, with their truth.
func corpus(t *testing.T, name string) (dir string, truth map[string]any) {
	t.Helper()
	root := os.Getenv("FOYER_CORPUS")
	if root == "" {
		t.Skip("FOYER_CORPUS is not set: THE REAL ORDER FILES ARE NOT TESTED")
	}
	dir = filepath.Join(root, "orders", name)
	raw, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatalf("the corpus has no orders: %v", err)
	}
	var file struct{ Truth map[string]any }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return dir, file.Truth
}

func oneFile(t *testing.T, dir, name string) fs.FS {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{name: {Data: raw}}
}

func number(t *testing.T, truth map[string]any, key string) int {
	t.Helper()
	n, ok := truth[key].(float64)
	if !ok {
		t.Fatalf("the truth has no %s", key)
	}
	return int(n)
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestCorpusCDNOW(t *testing.T) {
	t.Parallel()
	dir, truth := corpus(t, "cdnow")
	out := importFiles(t.Context(), oneFile(t, dir, "CDNOW_master.txt"), said(connectors.Mapping{Kind: "orders", Tax: connectors.TaxExcluded, Currency: "USD"}))
	if out.err != nil || len(out.refusals) > 0 {
		t.Fatal(out.err, out.refusals[:min(3, len(out.refusals))])
	}
	customers, ids, days := map[string]int{}, map[string]bool{}, map[string]int{}
	var cents, pieces int64
	zero := 0
	for _, o := range out.batch.Business.Orders {
		customers[o.Customer]++
		ids[o.ExternalID] = true
		days[o.At.Format(time.DateOnly)]++
		cents += o.Net.Minor
		if o.Net.Minor == 0 {
			zero++
		}
		for _, l := range o.Lines {
			pieces += l.Quantity
		}
	}
	equal(t, "orders", len(ids), number(t, truth, "orders"))
	equal(t, "customers", len(customers), number(t, truth, "customers"))
	equal(t, "cents", cents, 250031563)
	equal(t, "zero", zero, number(t, truth, "zero_value_orders"))
	equal(t, "days", len(days), number(t, truth, "active_days"))
	for day, n := range truth["orders_per_day"].(map[string]any) {
		equal(t, day, days[day], int(n.(float64)))
	}
	equal(t, "pieces", pieces, int64(1000*number(t, truth, "cds")))
}

func TestCorpusCDNOWSample(t *testing.T) {
	t.Parallel()
	dir, _ := corpus(t, "cdnow")
	out := importFiles(t.Context(), oneFile(t, dir, "CDNOW_sample.txt"), said(connectors.Mapping{
		Kind: "orders", Tax: connectors.TaxExcluded, Currency: "USD",
		Columns: map[string]string{"customer": "#1", "date": "#3", "quantity": "#4", "amount": "#5"},
	}))
	if out.err != nil || len(out.refusals) > 0 {
		t.Fatal(out.err, out.refusals[:min(3, len(out.refusals))])
	}
	customers := map[string]bool{}
	var cents int64
	for _, o := range out.batch.Business.Orders {
		customers[o.Customer] = true
		cents += o.Net.Minor
	}
	equal(t, "lines", len(out.batch.Business.Orders), 6919)
	equal(t, "customers", len(customers), 2357)
	equal(t, "cents", cents, 24409194)
}

func TestCorpusChinook(t *testing.T) {
	t.Parallel()
	dir, truth := corpus(t, "chinook")
	out := importFiles(t.Context(), oneFile(t, dir, "customers.csv"), said(connectors.Mapping{}))
	if out.err != nil || len(out.refusals) > 0 {
		t.Fatal(out.err, out.refusals)
	}
	countries, emails, phones := map[string]bool{}, map[string]bool{}, 0
	for _, c := range out.batch.Business.Customers {
		countries[c.Contact.Country] = true
		if len(c.Contact.Phones) > 0 {
			phones++
		}
		for _, e := range c.Contact.Emails {
			emails[e] = true
		}
	}
	equal(t, "customers", len(out.batch.Business.Customers), number(t, truth, "customers"))
	equal(t, "phones", phones, number(t, truth, "customers_with_phone"))
	equal(t, "emails", len(emails), number(t, truth, "distinct_emails"))
	equal(t, "countries", len(countries), number(t, truth, "countries"))
	equal(t, "countries without a code", countries[""], false)

	out = importFiles(t.Context(), oneFile(t, dir, "invoices.csv"), said(connectors.Mapping{Tax: connectors.TaxExcluded, Currency: "USD"}))
	if out.err != nil || len(out.refusals) > 0 {
		t.Fatal(out.err, out.refusals)
	}
	var cents int64
	orders := out.batch.Business.Orders
	for _, o := range orders {
		cents += o.Net.Minor
	}
	equal(t, "invoices", len(orders), number(t, truth, "invoices"))
	equal(t, "cents", cents, int64(number(t, truth, "revenue_cents")))
	equal[any](t, "first", orders[0].At.Format(time.DateTime), truth["first"])
	equal[any](t, "last", orders[len(orders)-1].At.Format(time.DateTime), truth["last"])
}

func TestCorpusTelco(t *testing.T) {
	t.Parallel()
	dir, truth := corpus(t, "telco-churn")
	asOf := time.Date(2020, 6, 30, 0, 0, 0, 0, time.UTC)
	out := importFiles(t.Context(), oneFile(t, dir, "wa_churn.csv"), said(connectors.Mapping{Tax: connectors.TaxExcluded, Currency: "USD", AsOf: asOf.Format(time.DateOnly)}))
	if out.err != nil || len(out.refusals) > 0 {
		t.Fatal(out.err, out.refusals)
	}
	ended, months := 0, 0
	for _, s := range out.batch.Business.Subscriptions {
		if !s.Ended.IsZero() {
			ended++
		}
		months += (asOf.Year()-s.Started.Year())*12 + int(asOf.Month()) - int(s.Started.Month())
	}
	equal(t, "customers", len(out.batch.Business.Subscriptions), number(t, truth, "customers"))
	equal(t, "churned", ended, int(truth["churn"].(map[string]any)["Yes"].(float64)))
	equal(t, "months", months, number(t, truth, "tenure_sum"))
}
