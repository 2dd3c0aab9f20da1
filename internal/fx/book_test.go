package fx

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/outbound"
	"github.com/foyer-app/foyer/internal/store"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// bank stands in for the publisher on the loopback.
type bank struct {
	*httptest.Server
	text   atomic.Value // string; empty: it is down
	asked  atomic.Int32
	wholes atomic.Int32 // times that the whole history was asked for
}

func newBank(t *testing.T, text string) *bank {
	t.Helper()
	b := &bank{}
	b.text.Store(text)
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.asked.Add(1)
		if r.URL.Path == "/whole" {
			b.wholes.Add(1)
		}
		text, _ := b.text.Load().(string)
		if text == "" {
			http.Error(w, "closed", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(b.Close)
	return b
}

// book is one on a fresh database, at a moment that the test moves.
func book(t *testing.T, b *bank, now *time.Time) (*Book, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	loopback := outbound.Allow{Prefixes: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	got, err := New(Config{
		Store: store.New(dbtest.New(t)), HTTP: outbound.New(outbound.Config{Allow: loopback, MaxBody: MaxAnswer}),
		Log: slog.New(slog.NewTextHandler(log, nil)), Now: func() time.Time { return *now }, URL: b.URL + "/days?key=secret", History: b.URL + "/whole",
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, log
}

func moment(t *testing.T, s string) *time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return &at
}

func on(t *testing.T, b *Book, currency, d string) (string, error) {
	t.Helper()
	r, err := b.Rates(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	e, err := r.On(currency, day(t, d))
	return e.Decimal(), err
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	// The bundled history ends on a Monday: 2026-04-13.
	b := newBank(t, answer(ratesOf("2026-04-15", "USD", "1.1777"), ratesOf("2026-04-14", "USD", "1.1700", "NOK", "11.5"), ratesOf("2026-04-13", "USD", "9.9")))
	now := moment(t, "2026-04-15T16:00:00Z")
	k, log := book(t, b, now)
	if rate, err := on(t, k, "USD", "2026-04-13"); err != nil || rate != "1.1684" {
		t.Errorf("before: %s, %v", rate, err)
	}
	for range 2 {
		if err := k.Refresh(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.asked.Load(); n != 1 || b.wholes.Load() != 0 {
		t.Errorf("asked %d times for what is known", n)
	}
	for d, want := range map[string]string{"2026-04-13": "1.1684", "2026-04-14": "1.17", "2026-04-15": "1.1777", "2026-04-18": "1.1777"} {
		if rate, err := on(t, k, "USD", d); err != nil || rate != want {
			t.Errorf("%s: %s, %v, want %s", d, rate, err, want)
		}
	}
	// Another process finds them in the table.
	other, err := New(k.Config)
	if err != nil {
		t.Fatal(err)
	}
	if rate, err := on(t, other, "NOK", "2026-04-14"); err != nil || rate != "11.5" {
		t.Errorf("in another process: %s, %v", rate, err)
	}
	// On Thursday the bank answers nonsense, then nothing: what is known stays.
	*now = now.Add(24 * time.Hour)
	for _, text := range []string{answer(ratesOf("2026-04-16", "USD", "0")), ""} {
		b.text.Store(text)
		if err := k.Refresh(ctx); err != nil {
			t.Error(err)
		}
	}
	if rate, err := on(t, k, "USD", "2026-04-16"); err != nil || rate != "1.1777" {
		t.Errorf("while the source fails: %s, %v", rate, err)
	}
	if n := strings.Count(log.String(), "exchange rates not fetched"); n != 2 {
		t.Errorf("%d failures are logged:\n%s", n, log)
	}
	b.Close()
	if err := k.Refresh(ctx); err != nil || strings.Contains(log.String(), "secret") {
		t.Errorf("%v; the address is in the log: %s", err, log)
	}
	if _, err := on(t, k, "USD", "2026-05-01"); !errors.As(err, new(*community.NoRateError)) {
		t.Errorf("sixteen days later: %v", err)
	}
}

func TestRefreshOfALongGap(t *testing.T) {
	t.Parallel()
	b := newBank(t, answer(ratesOf("2026-11-24", "USD", "1.2"), ratesOf("2026-05-04", "USD", "1.1"), ratesOf("1999-01-04", "USD", "1.1789")))
	k, log := book(t, b, moment(t, "2026-11-25T09:00:00Z"))
	if err := k.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	if b.wholes.Load() != 1 || !strings.Contains(log.String(), "count=2") {
		t.Errorf("the whole history was asked for %d times: %s", b.wholes.Load(), log)
	}
	k.URL = ""
	if err := k.Refresh(context.Background()); err != nil || b.asked.Load() != 1 {
		t.Errorf("asked though switched off, %v", err)
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	k := &Book{}
	var err error
	if k.zone, err = time.LoadLocation("Europe/Berlin"); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2026-11-24T15:14:00Z": "2026-11-23", // Tuesday, a minute before a quarter past four
		"2026-11-24T15:15:00Z": "2026-11-24",
		"2026-07-14T14:15:00Z": "2026-07-14", // in summer time
		"2026-11-22T20:00:00Z": "2026-11-20", // Sunday
		"2026-11-23T09:00:00Z": "2026-11-20", // Monday morning
		"2026-11-20T23:30:00Z": "2026-11-20", // Saturday there
	} {
		now := *moment(t, at)
		k.Now = func() time.Time { return now }
		if got := k.due(); got.String() != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}

// TestRatesOutliveTheDatabase reads once, and then without the table.
func TestRatesOutliveTheDatabase(t *testing.T) {
	t.Parallel()
	now := moment(t, "2026-04-15T16:00:00Z")
	k, log := book(t, newBank(t, ""), now)
	if _, err := k.Rates(context.Background()); err != nil {
		t.Fatal(err)
	}
	*now = now.Add(time.Hour)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := k.Rates(gone); err != nil || r == nil || !strings.Contains(log.String(), "not read") {
		t.Errorf("%v, %s", err, log)
	}
	fresh, err := New(k.Config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fresh.Rates(gone); err == nil {
		t.Error("rates without the table's")
	}
}
