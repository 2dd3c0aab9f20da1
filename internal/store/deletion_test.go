package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// two organisations with two communities each, every table filled for all of them.
type two struct {
	seeder
	s      *store.Store
	tables []string
	own    [2]community.Community // to be deleted, or the first of them
	other  community.Community    // of the neighbour
	user   int64
}

func newTwo(t *testing.T) two {
	t.Helper()
	pool := dbtest.New(t)
	s, own := newCommunity(t, pool, "Ours")
	second, err := s.CreateCommunity(t.Context(), own.Organisation, "Ours too", paris(t))
	if err != nil {
		t.Fatal(err)
	}
	neighbour, err := s.CreateCommunity(t.Context(), otherOrganisation(t, pool), "Theirs", paris(t))
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.CreateUser(t.Context(), store.User{Email: "zoe@atelier.example", Handle: []byte("z")})
	if err != nil {
		t.Fatal(err)
	}
	w := two{seeder: seeder{t, dbtest.Owner(t, pool)}, s: s, own: [2]community.Community{own, second}, other: neighbour, user: u.ID}
	// The owner too is bound, by force.
	owner := w.owner.Config()
	owner.ConnConfig.RuntimeParams["foyer.organisation"] = "-1"
	if w.owner, err = pgxpool.NewWithConfig(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.owner.Close)
	for _, table := range tenantTables(t, pool) {
		if table != "community" {
			w.tables = append(w.tables, table)
		}
	}
	for _, c := range []community.Community{own, second, neighbour} {
		in := newIntake(t, s, c, community.Source{Platform: "x", ExternalID: "1", Measures: community.Measures{ReplyLinks: true}})
		if _, err := in.Store(t.Context(), named(life(rand.New(rand.NewPCG(5, uint64(c.Scope.Community))), "x", 200)), nil); err != nil {
			t.Fatal(err)
		}
		rollUpAll(t, s, c)
	}
	if _, err := w.owner.Exec(t.Context(), `select make_activity_partition('2024-05-01')`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []community.Community{own, neighbour} {
		w.fill(w.tables, c.Organisation, c.Scope.Community)
	}
	w.tables = append(w.tables, "community")
	for _, id := range []community.Community{own, second, neighbour} {
		_, err := w.owner.Exec(t.Context(), `insert into river_job (kind, args, max_attempts, priority, queue, state)
			values ('import', jsonb_build_object('organisation', $1::bigint, 'community', $2::bigint), 1, 1, 'default', 'available')`, id.Organisation, id.Scope.Community)
		if err != nil {
			t.Fatal(err)
		}
	}
	for table, rows := range w.rows(w.tables, own.Organisation, "") {
		if len(rows) == 0 {
			t.Fatalf("%s has no row of ours", table)
		}
	}
	return w
}

func (w two) jobs(c community.Community) (n int) {
	w.Helper()
	err := w.owner.QueryRow(w.Context(), `select count(*) from river_job where args ->> 'organisation' = $1::bigint::text and args ->> 'community' = $2::bigint::text`,
		c.Organisation, c.Scope.Community).Scan(&n)
	if err != nil {
		w.Fatal(err)
	}
	return n
}

func TestDeleteOrganisation(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	theirs := w.rows(w.tables, w.other.Organisation, "")
	org := w.own[0].Organisation
	if err := w.s.MarkOrganisation(t.Context(), org); err != nil {
		t.Fatal(err)
	}
	// From here on nobody sees it, and nothing is written any more.
	if _, err := w.s.Organisation(t.Context(), org); !errors.Is(err, community.ErrNotFound) {
		t.Errorf("still there: %v", err)
	}
	if seats, err := w.s.Seats(t.Context(), w.user); err != nil || len(seats) > 1 {
		t.Errorf("seats %v, %v", seats, err)
	}
	for _, c := range w.own {
		if _, err := w.s.Community(t.Context(), c.Scope); !errors.Is(err, community.ErrNotFound) {
			t.Errorf("a community is still there: %v", err)
		}
		in := w.s.NewIntake(c, 1, community.Source{Platform: "x", ExternalID: "1"})
		if _, err := in.Store(t.Context(), named(life(rand.New(rand.NewPCG(9, 9)), "y", 5)), nil); !errors.Is(err, community.ErrNotFound) {
			t.Errorf("written after the mark: %v", err)
		}
	}
	if err := w.s.MarkOrganisation(t.Context(), org); !errors.Is(err, community.ErrNotFound) {
		t.Errorf("marked twice: %v", err)
	}
	// Killed some times, then by two at once.
	list, err := w.s.Deletions(t.Context())
	if err != nil || len(list) != 1 || list[0] != (store.Deletion{Organisation: org}) {
		t.Fatalf("%v, %v", list, err)
	}
	for _, after := range []time.Duration{0, 3 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		_, _ = w.s.FinishDeletion(ctx, list[0])
		cancel()
	}
	var g sync.WaitGroup
	for range 2 {
		g.Go(func() {
			if _, err := w.s.FinishDeletion(t.Context(), list[0]); err != nil {
				t.Error(err)
			}
		})
	}
	g.Wait()
	for table, rows := range w.rows(w.tables, org, "") {
		if len(rows) != 0 {
			t.Errorf("%d rows are left in %s", len(rows), table)
		}
	}
	if after := w.rows(w.tables, w.other.Organisation, ""); !reflect.DeepEqual(after, theirs) {
		for table := range theirs {
			if d := difference(after[table], theirs[table]); d != "" {
				t.Errorf("the neighbour's %s: %s", table, d)
			}
		}
	}
	if ours, other := w.jobs(w.own[0])+w.jobs(w.own[1]), w.jobs(w.other); ours != 0 || other != 1 {
		t.Errorf("%d of our jobs, %d of theirs", ours, other)
	}
	if _, err := w.s.User(t.Context(), w.user); err != nil {
		t.Errorf("the person is gone: %v", err)
	}
	if list, err := w.s.Deletions(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestDeleteCommunity(t *testing.T) {
	t.Parallel()
	w := newTwo(t)
	gone, stays := w.own[0], w.own[1]
	if _, err := w.owner.Exec(t.Context(), `update api_key set communities = array[$2::bigint] where organisation_id = $1`, gone.Organisation, gone.Scope.Community); err != nil {
		t.Fatal(err)
	}
	of := func(c community.Community) map[string][]string {
		return w.rows(w.tables, c.Organisation, fmt.Sprintf("and community_id = %d", c.Scope.Community))
	}
	kept, theirs := of(stays), w.rows(w.tables, w.other.Organisation, "")
	if err := w.s.DeleteCommunity(t.Context(), gone.Scope); err != nil {
		t.Fatal(err)
	}
	for table, rows := range of(gone) {
		if len(rows) != 0 {
			t.Errorf("%d rows are left in %s", len(rows), table)
		}
	}
	if !reflect.DeepEqual(of(stays), kept) || !reflect.DeepEqual(w.rows(w.tables, w.other.Organisation, ""), theirs) {
		t.Error("another community was touched")
	}
	if w.jobs(gone) != 0 || w.jobs(stays) != 1 {
		t.Error("the jobs are not those that should be left")
	}
	if list, err := w.s.Communities(t.Context(), gone.Organisation); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	var open int
	if err := w.owner.QueryRow(t.Context(), `select count(*) from api_key where organisation_id = $1 and revoked_at is null`, gone.Organisation).Scan(&open); err != nil || open != 0 {
		t.Errorf("a key for this community alone opens %d others, %v", open, err)
	}
	if err := w.s.DeleteCommunity(t.Context(), gone.Scope); !errors.Is(err, community.ErrNotFound) {
		t.Errorf("again: %v", err)
	}
	if _, err := w.s.CreateCommunity(t.Context(), gone.Organisation, "Ours", paris(t)); err != nil {
		t.Errorf("its name is not free: %v", err)
	}
}
