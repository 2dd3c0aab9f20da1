package ingest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
)

// station is an Ingest with a live platform and one community.
type station struct {
	*ingest.Ingest
	t    *testing.T
	wire *wire
	c    community.Community
}

func newStation(t *testing.T, history int) *station {
	t.Helper()
	in, c := setup(t)
	w := newWire(history)
	in.Connectors = []connectors.Connector{w}
	in.Apps = map[community.Platform]connectors.App{"lines": {SigningSecret: "signed", Log: slog.New(slog.DiscardHandler), Now: time.Now}}
	return &station{Ingest: in, t: t, wire: w, c: c}
}

// process is another process over the same database.
func (s *station) process() *ingest.Ingest { return ingest.New(s.Config) }

func (s *station) install(c community.Community, account, owner string) store.Connection {
	s.t.Helper()
	id, err := s.Install(s.t.Context(), c, "lines", url.Values{"account": {account}, "owner": {owner}}, "")
	if err != nil {
		s.t.Fatal(err)
	}
	return s.connection(c, id)
}

func (s *station) connection(c community.Community, id int64) store.Connection {
	s.t.Helper()
	conn, err := s.Store.ConnectionByID(s.t.Context(), c.Scope, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return conn
}

func (s *station) community(name string) community.Community {
	s.t.Helper()
	c, err := s.Store.CreateCommunity(s.t.Context(), s.c.Organisation, name, time.UTC)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *station) deliver(signature string, d delivered) error {
	s.t.Helper()
	body, err := json.Marshal(d)
	if err != nil {
		s.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/hooks/lines", bytes.NewReader(body))
	r.Header.Set("Signature", signature)
	_, err = s.Receive(s.t.Context(), "lines", r)
	return err
}

func (s *station) take(parcels ...delivery) {
	s.t.Helper()
	if err := s.deliver("signed", delivered{Parcels: parcels}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *station) notice(n connectors.Notice, parcels ...delivery) {
	s.t.Helper()
	if err := s.deliver("signed", delivered{Parcels: parcels, Notices: []connectors.Notice{n}}); err != nil {
		s.t.Fatal(err)
	}
}

// count asks the database, across organisations.
func (s *station) count(sql string, args ...any) (n int) {
	s.t.Helper()
	if err := s.Store.Pool().QueryRow(store.Across(s.t.Context()), sql, args...).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *station) set(sql string, args ...any) {
	s.t.Helper()
	if _, err := s.Store.Pool().Exec(store.Across(s.t.Context()), sql, args...); err != nil {
		s.t.Fatal(err)
	}
}

func (s *station) drain(c store.Connection) {
	s.t.Helper()
	if _, err := s.Drain(s.t.Context(), store.Pending{Scope: c.Scope, Connection: c.ID}); err != nil {
		s.t.Fatal(err)
	}
}

func TestDeliveriesAreStoredBeforeTheyAreUnderstood(t *testing.T) {
	t.Parallel()
	s := newStation(t, 0)
	c := s.install(s.c, "one", "")
	good := delivery{"one", "k1", "1714550400 ann hello there"}
	if err := s.deliver("forged", delivered{Parcels: []delivery{good}}); !errors.Is(err, connectors.ErrSignature) {
		t.Errorf("a forged request: %v", err)
	}
	r := httptest.NewRequest("POST", "/hooks/nothing", nil)
	if _, err := s.Receive(t.Context(), "nothing", r); !errors.Is(err, ingest.ErrNotOffered) {
		t.Errorf("an unknown platform: %v", err)
	}
	if n := s.count(`select count(*) from inbox`); n != 0 {
		t.Fatalf("%d payloads of requests that were refused", n)
	}
	s.take(good, delivery{"stranger", "k9", "1714550400 bob hi"}, delivery{"one", "k2", "gibberish"}, good)
	s.take(good, delivery{"one", "k3", "1714550460 bob hi"})
	if n := s.count(`select count(*) from inbox where drained_at is null`); n != 3 {
		t.Errorf("%d payloads wait, want 3", n)
	}
	if seen := s.connection(s.c, c.ID).Seen; time.Since(seen) > time.Minute {
		t.Errorf("seen %v", seen)
	}
	s.drain(c)
	if n := census(t, s.Ingest, s.c); n.Messages != 2 {
		t.Errorf("%+v", n)
	}
	if n := s.count(`select count(*) from inbox where failure = 'no_id'`); n != 1 {
		t.Errorf("%d payloads were not understood, want 1", n)
	}
	if err := s.Store.SetConnectionState(t.Context(), c, store.ConnectionPaused, ""); err != nil {
		t.Fatal(err)
	}
	s.Ingest = s.process() // which has not read the list of accounts yet
	s.take(delivery{"one", "k4", "1714550520 bob again"})
	if n := s.count(`select count(*) from inbox`); n != 3 {
		t.Errorf("%d payloads, want 3: a paused connection takes nothing", n)
	}
}

// TestTwoCommunitiesOfOneAccount both get what arrives; text is kept only where
// both want it.
func TestTwoCommunitiesOfOneAccount(t *testing.T) {
	t.Parallel()
	s := newStation(t, 0)
	other := s.community("Other")
	one, two := s.install(s.c, "one", ""), s.install(other, "one", "")
	long := func(c store.Connection) int {
		s.drain(c)
		return s.count(`select coalesce(sum(length), 0) from activity where connection_id = $1`, c.ID)
	}
	s.take(delivery{"one", "k1", "1714550400 ann hello"})
	if a, b := long(one), long(two); a != 1 || b != 1 {
		t.Errorf("%d and %d characters, want the scrubbed one", a, b)
	}
	keep := func(c community.Community) {
		t.Helper()
		if err := s.Store.SetKeepQuestions(t.Context(), c.Scope, true); err != nil {
			t.Fatal(err)
		}
		s.Ingest = s.process()
	}
	keep(s.c)
	s.take(delivery{"one", "k2", "1714550460 ann hello"})
	if a, b := long(one), long(two); a != 2 || b != 2 {
		t.Errorf("%d and %d characters: one of them wants no text", a, b)
	}
	keep(other)
	s.take(delivery{"one", "k3", "1714550520 ann hello"})
	if a, b := long(one), long(two); a != 7 || b != 7 {
		t.Errorf("%d and %d characters: both want it", a, b)
	}
}

// TestManyRequestsAtOnce: what overlaps and comes from many is stored once each.
func TestManyRequestsAtOnce(t *testing.T) {
	t.Parallel()
	s := newStation(t, 0)
	other := s.community("Other")
	s.install(s.c, "one", "")
	s.install(other, "two", "")
	processes := []*ingest.Ingest{s.Ingest, s.process()}
	var all sync.WaitGroup
	for n := range 40 {
		all.Go(func() {
			for k := range 10 {
				var d delivered
				for i := range 6 {
					key := (n*7 + k*5 + i*3) % 200
					for _, account := range []string{"one", "two"} {
						d.Parcels = append(d.Parcels, delivery{account, fmt.Sprint(key), fmt.Sprintf("%d p hi", lineStart+key)})
					}
				}
				slices.Reverse(d.Parcels[:n%len(d.Parcels)])
				body, _ := json.Marshal(d)
				r := httptest.NewRequest("POST", "/hooks/lines", bytes.NewReader(body))
				r.Header.Set("Signature", "signed")
				if _, err := processes[n%2].Receive(t.Context(), "lines", r); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := s.count(`select count(*) from inbox`); n != 400 {
		t.Errorf("%d payloads, want 400", n)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	body, _ := json.Marshal(delivered{Parcels: []delivery{{"one", "late", "1714550400 p hi"}}})
	r := httptest.NewRequest("POST", "/hooks/lines", bytes.NewReader(body))
	r.Header.Set("Signature", "signed")
	if _, err := s.Receive(gone, "lines", r); err == nil && s.count(`select count(*) from inbox where key = 'late'`) == 0 {
		t.Error("what is not stored was acknowledged")
	}
}

// TestNothingReadableLies: neither text nor credentials stand in the tables.
func TestNothingReadableLies(t *testing.T) {
	t.Parallel()
	s := newStation(t, 25)
	if err := s.Store.SetKeepQuestions(t.Context(), s.c.Scope, true); err != nil {
		t.Fatal(err)
	}
	c := s.install(s.c, "one", "")
	s.take(delivery{"one", "k1", "1714550400 ann hello there"})
	s.walk(s.Ingest)
	for _, secret := range []string{"sesame-1", "renew-1", "hello there", "whisper", "ann "} {
		for _, table := range []string{"inbox", "connection", "backfill", "listener"} {
			column := map[string]string{"inbox": "body", "connection": "coalesce(sealed, '')", "backfill": "''::bytea", "listener": "state"}[table]
			if n := s.count(`select count(*) from `+table+` x where position(convert_to($1, 'UTF8') in `+column+`) > 0 or strpos(row_to_json(x)::text, $1) > 0`, secret); n != 0 {
				t.Errorf("%s: %d rows say %q", table, n, secret)
			}
		}
	}
	if n := s.count(`select count(*) from inbox where length(body) > 20`); n != 26 {
		t.Errorf("%d sealed payloads", n)
	}
	s.drain(c)
	if n := census(t, s.Ingest, s.c); n.Messages != 25 && n.Messages != 26 {
		t.Errorf("%+v: what is sealed is not opened again", n)
	}
	rules, err := s.Store.TeamRules(t.Context(), s.c.Scope)
	if err != nil || !slices.Equal(rules.Roles, []string{"staff"}) {
		t.Errorf("%+v, %v", rules, err)
	}
}

func TestDisconnectForgets(t *testing.T) {
	t.Parallel()
	s := newStation(t, 25)
	other := s.community("Other")
	one, two, three := s.install(s.c, "one", "firm"), s.install(other, "one", "firm"), s.install(other, "three", "firm")
	s.wire.returnErr = errWire // the platform does not answer: ours to forget all the same
	for i, c := range []store.Connection{one, two, three} {
		if err := s.Disconnect(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if want := i / 2; len(s.wire.returned) != want {
			t.Errorf("access was given back %d times after %d", len(s.wire.returned), i+1)
		}
		now := s.connection(community.Community{Scope: c.Scope}, c.ID)
		if now.Sealed != nil || now.State != store.ConnectionFile || now.Live() {
			t.Errorf("%+v", now)
		}
	}
	if len(s.wire.returned) != 1 || s.wire.returned[0] != "sesame-1" {
		t.Errorf("returned %v", s.wire.returned)
	}
	s.take(delivery{"one", "k", "1714550400 ann hi"})
	if n := s.count(`select count(*) from inbox`) + s.count(`select count(*) from backfill where state = 'running'`); n != 0 {
		t.Errorf("%d payloads and walks of nobody", n)
	}
}
