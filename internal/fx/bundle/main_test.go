package main

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/community"
)

const table = "Date,USD,HRK,\n2026-04-13,1.1684,N/A,\n2022-12-30,1.0666,7.5365,\n"

func TestRead(t *testing.T) {
	t.Parallel()
	list, err := read(strings.NewReader(table))
	if err != nil || len(list) != 3 {
		t.Fatalf("%v, %v", list, err)
	}
	if want := (community.ExchangeRate{Currency: "HRK", Day: community.NewDate(2022, 12, 30), Units: 75365, Decimals: 4}); list[2] != want {
		t.Errorf("%v, want %v", list[2], want)
	}
	for name, text := range map[string]string{
		"empty": "", "other head": "Day,USD\n", "day": "Date,USD\n13.4.2026,1\n", "rate": "Date,USD\n2026-04-13,x\n", "columns": "Date,USD\n2026-04-13\n",
	} {
		if _, err := read(strings.NewReader(text)); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	plain, packed := filepath.Join(dir, "rates.csv"), filepath.Join(dir, "rates.zip")
	if err := os.WriteFile(plain, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(packed)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.Create("rates.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(table)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var outs []string
	for _, in := range []string{plain, packed} {
		out := in + ".bin"
		if err := run([]string{in, out}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		outs = append(outs, string(text))
	}
	if outs[0] != outs[1] || !strings.HasPrefix(outs[0], "foyer rates 1\n") {
		t.Error("the table and its archive give two histories")
	}
	if err := run([]string{filepath.Join(dir, "none.zip"), plain}); err == nil {
		t.Error("a file that is not there passes")
	}
	if err := run(nil); err == nil {
		t.Error("no file passes")
	}
}
