package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

func TestCheckRates(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"": true, "off": true, "https://rates.example/days.xml?key=1": true, "http://10.0.0.5:8080/x": true, "http://[::1]:8080/x": true,
		"on": false, "ftp://rates.example/x": false, "https://": false, "/file.xml": false, "https://user:word@rates.example/": false, "https://%zz/": false,
	} {
		problem := checkRates(address)
		if (problem == "") != want || strings.Contains(problem, "word") {
			t.Errorf("%q: %q", address, problem)
		}
	}
	if _, err := readConfig([]string{"FOYER_DATA_DIR=/x", "FOYER_FX_URL=nonsense"}); err == nil || !strings.Contains(err.Error(), "FOYER_FX_URL") {
		t.Errorf("nonsense passes: %v", err)
	}
}

// TestServeFetchesRates serves with a source on the loopback and waits for its rate.
func TestServeFetchesRates(t *testing.T) {
	t.Parallel()
	day := community.DateOf(time.Now().AddDate(0, 0, -1), time.UTC)
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<Envelope><Cube><Cube time="%s"><Cube currency="USD" rate="1.2345"/></Cube></Cube></Envelope>`, day)
	}))
	t.Cleanup(source.Close)
	pool := dbtest.New(t)
	s := startServe(t, pool.Config().ConnString(), t.TempDir(), "FOYER_FX_URL="+source.URL+"/days.xml")
	var list []community.ExchangeRate
	for end := time.Now().Add(30 * time.Second); len(list) == 0 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var err error
		if list, err = store.New(pool).RatesAfter(t.Context(), day-1); err != nil {
			t.Fatal(err)
		}
	}
	if want := (community.ExchangeRate{Currency: "USD", Day: day, Units: 12345, Decimals: 4}); len(list) != 1 || list[0] != want {
		t.Errorf("stored: %v", list)
	}
	s.stop()
	s.wait(t)
}
