package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	var bad []string
	for n := range 120 {
		bad = append(bad, fmt.Sprintf("x broken %d", n))
	}
	i := s.run(c, s.brought(c, fire(2, bad...)), true)
	path := importPath(i, "/refusals")
	s.has(s.page(s.get(path), http.StatusOK), "120 lignes n'ont pas pu être lues.", "N'a pas de date, ou une date illisible", "1 à 100 sur 120", path+"?page=2")
	page := s.page(s.get(path+"?page=2"), http.StatusOK)
	s.has(page, "101 à 120 sur 120", path+"?page=1")
	if strings.Contains(page, "page=3") {
		t.Error("there is a page after the last")
	}
	s.has(s.page(s.get(path+"?page=-7"), http.StatusOK), "1 à 100 sur 120")
	s.has(s.page(s.get(path+"?page=99"), http.StatusOK), "Rien à signaler.")

	a := s.get(path + ".csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 121 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := rows[1]; got[0] != "a.txt" || got[1] != "4" || got[2] != "no_time" || got[4] != "'=at" {
		t.Errorf("%q", got)
	}
	if a.header.Get("Content-Disposition") == "" || a.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%v", a.header)
	}
}

func TestPlainCell(t *testing.T) {
	for in, want := range map[string]string{
		"a": "a", "": "", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx", "é=1": "é=1",
	} {
		if got := plainCell(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
