package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func paris(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func newCommunity(t testing.TB, pool *pgxpool.Pool, name string) (*store.Store, community.Community) {
	t.Helper()
	s := store.New(pool)
	org, err := s.LocalOrganisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.CreateCommunity(t.Context(), org, name, paris(t))
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func newIntake(t testing.TB, s *store.Store, c community.Community, src community.Source) *store.Intake {
	t.Helper()
	id, err := s.Connect(t.Context(), c.Scope, src)
	if err != nil {
		t.Fatal(err)
	}
	return s.NewIntake(c, id, src)
}

func rollUpAll(t testing.TB, s *store.Store, c community.Community) {
	t.Helper()
	for {
		n, err := s.RollUp(t.Context(), c, true)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// life generates what a small community does around some change of daylight
// saving time, with everything that makes rollups hard: replies that arrive
// before what they answer, edits, deletions, nameless reactions, rejoining.
func life(r *rand.Rand, platform string, n int) []community.Activity {
	base := time.Date(2024, 3, 20, 22, 0, 0, 0, time.UTC)
	person := func() string { return fmt.Sprintf("p%d", r.IntN(7)) }
	var list, messages []community.Activity
	for i := range n {
		at := base.Add(time.Duration(r.IntN(25*24*3600)) * time.Second)
		a := community.Activity{At: at, Actor: person(), Channel: fmt.Sprintf("c%d", r.IntN(2)), ExternalID: fmt.Sprintf("%s/%d", platform, i), Amount: 1}
		switch k := r.IntN(20); {
		case k < 11:
			a.Kind = community.Message
			a.Features.Question = r.IntN(3) == 0
			if len(messages) > 0 && r.IntN(2) == 0 {
				p := messages[r.IntN(len(messages))]
				a.Parent, a.ParentAt = p.ExternalID, p.At
			}
			if r.IntN(4) == 0 {
				a.To = []string{person()}
			}
			messages = append(messages, a)
		case k < 15 && len(messages) > 0:
			p := messages[r.IntN(len(messages))]
			a.Kind, a.At, a.Inferred = community.Reaction, p.At, true
			a.Parent, a.ParentAt = p.ExternalID, p.At
			emoji := r.IntN(2)
			a.ExternalID = fmt.Sprintf("%s/r/%s/%d/%s", platform, p.ExternalID, emoji, a.Actor)
			if r.IntN(3) == 0 {
				a.ExternalID = fmt.Sprintf("%s/r/%s/%d/", platform, p.ExternalID, emoji)
				a.Actor, a.Amount = "", 1+r.IntN(4)
				a.Revision = int64(a.Amount)
			}
		case k < 17:
			a.Kind, a.Channel = community.Join, ""
		case k < 18:
			a.Kind, a.Channel, a.Detail = community.Leave, "", community.DetailKicked
		case k < 19 && len(messages) > 0:
			a = messages[r.IntN(len(messages))]
			a.Revision = int64(1 + r.IntN(5))
			a.Features.Question = !a.Features.Question
		case len(messages) > 0:
			p := messages[r.IntN(len(messages))]
			a = community.Activity{Kind: community.Message, At: p.At, ExternalID: p.ExternalID, Deleted: true, Revision: community.Tombstone}
		default:
			a.Kind, a.Amount = community.Voice, 400
		}
		list = append(list, a)
	}
	return list
}

func rollupTables() []string {
	return []string{
		"member_day", "member_week", "membership", "pair_day", "community_tally", "community_day", "channel_day", "cohort_week", "member_share",
	}
}

// dump returns every row of every rollup of a community, as text.
func dump(t testing.TB, pool *pgxpool.Pool, sc community.Scope) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, table := range rollupTables() {
		rows, err := pool.Query(store.Across(t.Context()), `select row_to_json(x)::text from `+table+` x
			where organisation_id = $1 and community_id = $2 order by 1`, sc.Organisation, sc.Community)
		if err != nil {
			t.Fatal(err)
		}
		if out[table], err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestRollupsAreWhatARecomputationGives stores lives in random order, in random
// portions, partly twice, with rollups in between, and compares every table
// with a recomputation from nothing.
func TestRollupsAreWhatARecomputationGives(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	seen := map[string]int{}
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 1))
		s, c := newCommunity(t, pool, fmt.Sprintf("life %d", seed))
		intakes := []*store.Intake{
			newIntake(t, s, c, community.Source{Platform: "linked", ExternalID: "a", Measures: community.Measures{ReplyLinks: true}}),
			newIntake(t, s, c, community.Source{Platform: "turns", ExternalID: "b"}),
		}
		lives := [][]community.Activity{life(r, "linked", 150), life(r, "turns", 120)}
		for i := range lives {
			lives[i] = append(lives[i], lives[i][:40]...) // delivered twice
			r.Shuffle(len(lives[i]), func(a, b int) { lives[i][a], lives[i][b] = lives[i][b], lives[i][a] })
		}
		for len(lives[0])+len(lives[1]) > 0 {
			i := r.IntN(2)
			n := min(1+r.IntN(40), len(lives[i]))
			if _, err := intakes[i].Store(t.Context(), community.Batch{Activities: lives[i][:n]}, nil); err != nil {
				t.Fatal(err)
			}
			lives[i] = lives[i][n:]
			if r.IntN(3) == 0 {
				rollUpAll(t, s, c)
				readShares(t, s, c)
			}
		}
		rollUpAll(t, s, c)
		readShares(t, s, c)
		got := dump(t, pool, c.Scope)
		recomputeAll(t, pool, s, c)
		readShares(t, s, c)
		want := dump(t, pool, c.Scope)
		for _, table := range rollupTables() {
			if diff := difference(got[table], want[table]); diff != "" {
				t.Fatalf("seed %d: %s differs from a recomputation:\n%s", seed, table, diff)
			}
		}
		for table, rows := range want {
			seen[table] += len(rows)
		}
	}
	for _, table := range rollupTables() {
		if seen[table] == 0 {
			t.Errorf("no life had a row of %s: it is not tested", table)
		}
	}
}

// readShares has windows kept, so that a stale one is found.
func readShares(t testing.TB, s *store.Store, c community.Community) {
	t.Helper()
	first := community.NewDate(2024, 3, 20)
	whole, part := community.Window{From: first, To: first + 30}, community.Window{From: first + 5, To: first + 13}
	if _, err := s.Series(t.Context(), c, whole, whole, part); err != nil {
		t.Fatal(err)
	}
}

func recomputeAll(t testing.TB, pool *pgxpool.Pool, s *store.Store, c community.Community) {
	t.Helper()
	ctx := context.Background()
	if err := s.SetTimeZone(ctx, c.Scope, c.Location); err != nil {
		t.Fatal(err)
	}
	for _, table := range rollupTables() {
		if _, err := pool.Exec(store.Across(ctx), `delete from `+table+` where community_id = $1`, c.Scope.Community); err != nil {
			t.Fatal(err)
		}
	}
	rollUpAll(t, s, c)
}

func difference(got, want []string) string {
	has := func(list []string) map[string]bool {
		m := map[string]bool{}
		for _, s := range list {
			m[s] = true
		}
		return m
	}
	g, w := has(got), has(want)
	var b strings.Builder
	for _, s := range got {
		if !w[s] {
			fmt.Fprintln(&b, "  has  ", s)
		}
	}
	for _, s := range want {
		if !g[s] {
			fmt.Fprintln(&b, "  wants", s)
		}
	}
	return b.String()
}
