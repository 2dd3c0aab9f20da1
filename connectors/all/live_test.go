package all_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/connectors/whatsapp"
	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// lived plays some weeks around one number, with somebody who changes theirs and
// the history of before.
func lived(w *whatsapptest.World, n *whatsapptest.Number, acts int) {
	l := whatsapptest.NewLife(w, n, 20, 3)
	for range acts {
		l.Act()
	}
	people := l.People()
	w.ChangeNumber(people[5], n)
	w.Write(people[5], n, nil, "c'est mon nouveau numéro")
	w.History(n, people[1:4], 5)
}

// TestWhatsAppLiveEndsAtTheTruth goes from signed requests, shuffled and partly
// twice, from several senders at once, through webhook, inbox, drain and rollup:
// the totals are what happened in the world.
func TestWhatsAppLiveEndsAtTheTruth(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	clock := time.Now().Add(-40 * 24 * time.Hour).Truncate(time.Second)
	o := whatsapptest.Options{
		AppID: "210000000000001", AppSecret: "app-secret", VerifyToken: "verify-token", ConfigID: "310000000000001", Seed: 7,
		Now: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			clock = clock.Add(11 * time.Minute)
			return clock
		},
	}
	w := whatsapptest.New(o)
	n := w.AddNumber("Atelier Lisière", "+33 1 00 00 00 00")
	graph := httptest.NewServer(w)
	defer graph.Close()
	s := store.New(dbtest.New(t))
	org, err := s.LocalOrganisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.CreateCommunity(t.Context(), org, "Atelier", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := vault.Ensure(filepath.Join(t.TempDir(), "keys", "ring"))
	if err != nil {
		t.Fatal(err)
	}
	in := ingest.New(ingest.Config{
		Store: s, Connectors: all.List(), Log: slog.New(slog.DiscardHandler), Uploads: t.TempDir(), Ring: ring,
		Apps: map[community.Platform]connectors.App{"whatsapp": {
			ID: o.AppID, Secret: o.AppSecret, VerifyToken: o.VerifyToken, Options: map[string]string{whatsapp.OptionConfig: o.ConfigID},
			Base: graph.URL, HTTP: graph.Client(), Log: slog.New(slog.DiscardHandler), Now: time.Now,
		}},
	})
	id, err := in.InstallManual(t.Context(), c, "whatsapp", map[string]string{
		"waba_id": w.Owner(), "phone_number_id": n.ID, "token": w.Token(whatsapptest.Permissions(), time.Time{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if rules, err := s.TeamRules(t.Context(), c.Scope); err != nil || !slices.Equal(rules.Roles, []string{whatsapp.RoleBusiness}) {
		t.Errorf("team rules %+v, %v", rules, err)
	}
	lived(w, n, 1500)
	requests(t, in, w, store.Pending{Scope: c.Scope, Connection: id})
	if err := in.RollUpNow(t.Context(), c.Scope); err != nil {
		t.Fatal(err)
	}
	want := w.Truth()
	if got := totals(t, s, c); got != want {
		t.Errorf(" got %+v\nwant %+v", got, want)
	}
	if want.Messages < 300 || want.Reactions < 20 || want.Joins == 0 || want.Leaves == 0 || want.Revoked == 0 {
		t.Errorf("too little happened: %+v", want)
	}
	var failed int
	if err := s.Pool().QueryRow(store.Across(t.Context()), `select count(*) from inbox where failure <> '' or drained_at is null`).Scan(&failed); err != nil || failed != 0 {
		t.Errorf("%d payloads were not understood, %v", failed, err)
	}
}

// requests delivers what waits in the world, from three senders, and drains and
// rolls up in between.
func requests(t *testing.T, in *ingest.Ingest, w *whatsapptest.World, p store.Pending) {
	t.Helper()
	bodies := w.Bodies(whatsapptest.Delivery{Batch: 4, Duplicates: 0.3, Shuffle: true})
	if len(bodies) < 200 {
		t.Fatalf("only %d requests", len(bodies))
	}
	var all sync.WaitGroup
	for sender := range 3 {
		all.Go(func() {
			for i := sender; i < len(bodies); i += 3 {
				r := httptest.NewRequest(http.MethodPost, "/hooks/whatsapp", bytes.NewReader(bodies[i]))
				r.Header.Set("X-Hub-Signature-256", w.Sign(bodies[i]))
				if _, err := in.Receive(t.Context(), "whatsapp", r); err != nil {
					t.Error(err)
				}
				if i%40 == 0 {
					drain(t, in, p)
				}
			}
		})
	}
	all.Wait()
	drain(t, in, p)
}

func drain(t *testing.T, in *ingest.Ingest, p store.Pending) {
	if _, err := in.Drain(t.Context(), p); err != nil {
		t.Error(err)
	}
	if err := in.RollUpNow(context.WithoutCancel(t.Context()), p.Scope); err != nil {
		t.Error(err)
	}
}

// totals reads from rollups what the world counts, and from the activities what
// no rollup has.
func totals(t *testing.T, s *store.Store, c community.Community) whatsapptest.Truth {
	t.Helper()
	today := community.DateOf(time.Now(), time.UTC)
	series, err := s.Series(t.Context(), c, community.Window{From: today - 400, To: today + 2})
	if err != nil {
		t.Fatal(err)
	}
	var out whatsapptest.Truth
	for _, d := range series.Days {
		out.Messages += d.Members.Messages
		out.Team += d.Team.Messages
		out.Reactions += d.Members.Reactions + d.Team.Reactions
		out.Questions += d.Questions.Asked()
	}
	census, err := s.Census(t.Context(), c.Scope, "whatsapp")
	if err != nil {
		t.Fatal(err)
	}
	out.Joins, out.Leaves = int(census.Joins), int(census.Leaves)
	err = s.Pool().QueryRow(store.Across(t.Context()), `select count(*) filter (where a.deleted), coalesce(sum(a.length) filter (where not a.deleted), 0),
			count(distinct i.member_id) filter (where m.population = 0)
		from activity a join identity i on i.id = a.identity_id join member m on m.id = i.member_id where a.kind = 1`).Scan(&out.Revoked, &out.Length, &out.Writers)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
