package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/dbtest"
)

func tableFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const twoOrders = "Ref;Le;Payé\n1;31/01/2024;12,00\n2;01/02/2024;24,00\nx;hier;1,00\n"

func TestImportTable(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	orders := tableFile(t, "ventes.csv", twoOrders)
	mapping := tableFile(t, "map.json", `{"kind": "orders", "columns": {"order": "Ref", "date": "Le", "amount": "#3"}, "tax": "included", "rate": "20"}`)

	_, _, err := foyer(t, url, "import", "--community", "Atelier", "--map", mapping, orders)
	if err == nil || !strings.Contains(err.Error(), "does not say: currency.") {
		t.Errorf("without a currency: %v", err)
	}
	r := report(t, url, "--community", "Atelier", "--map", mapping, "--currency", "EUR", orders)
	if r.Source != "spreadsheet" || r.Records != 2 || len(r.Refused) != 1 || r.Refused[0].Reason != "bad_date" || r.Refused[0].Line != 4 {
		t.Errorf("%+v", r)
	}
	if r := report(t, url, "--community", "Atelier", "--map", mapping, "--currency", "EUR", orders); r.Records != 0 || r.Duplicates != 2 {
		t.Errorf("again: %+v", r)
	}
	// What the headers say needs nothing but what they do not say.
	r = report(t, url, "--community", "Atelier", tableFile(t, "customers.csv", "id,email\n1,a@example.com\n"))
	if r.Records != 1 {
		t.Errorf("customers: %+v", r)
	}
	out, _, err := foyer(t, url, "import", "--community", "Autre", "--kind", "orders", "--tax", "excluded", "--currency", "EUR",
		tableFile(t, "orders.csv", "order id,date,amount\n1,2024-01-31,10.00\n"))
	if err != nil || !strings.Contains(out, "1 records are new or changed") || !strings.Contains(out, "Amounts without tax") {
		t.Errorf("%q, %v", out, err)
	}
}

func TestImportTableUsage(t *testing.T) {
	t.Parallel()
	url := dbtest.URL(t)
	orders := tableFile(t, "ventes.csv", twoOrders)
	for want, args := range map[string][]string{
		"--tax":         {"--tax", "maybe"},
		"no such file":  {"--map", "/does/not/exist.json"},
		"not a mapping": {"--map", tableFile(t, "bad.json", `{"kinds": 1}`)},
		"column.date":   {"--kind", "orders"},
	} {
		_, _, err := foyer(t, url, append([]string{"import", "--community", "X", orders}, args...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want something about %s", args, err, want)
		}
	}
}
