package store_test

import (
	"context"
	"encoding/json"
	"errors"
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
	"github.com/foyer-app/foyer/internal/vault"
)

func keys(t testing.TB) *vault.Ring {
	t.Helper()
	ring, err := vault.Parse(vault.Generate())
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// named gives the people of life() what an erasure has to take away.
func named(list []community.Activity) community.Batch {
	b := community.Batch{Activities: list}
	for i := range 7 {
		id := fmt.Sprintf("p%d", i)
		b.Identities = append(b.Identities, community.Identity{
			ExternalID: id, Name: "Quidam " + id, Handle: "handle-" + id, Email: id + "@personne.example", Roles: []string{"role-" + id}, Listed: i%2 == 0,
		})
	}
	return b
}

// memberOf is the member behind an external id.
func memberOf(t testing.TB, pool *pgxpool.Pool, c community.Community, external string) (id int64) {
	t.Helper()
	err := pool.QueryRow(store.Across(t.Context()), `select member_id from identity where community_id = $1 and external_id = $2`, c.Scope.Community, external).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// traces lists the tables in which a word is found, in whatever column.
func traces(t testing.TB, pool *pgxpool.Pool, word string) (found []string) {
	t.Helper()
	for _, table := range tenantTables(t, pool) {
		var n int
		err := pool.QueryRow(store.Across(t.Context()), `select count(*) from `+table+` x where strpos(x::text, $1) > 0 or strpos(x::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0`, word).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			found = append(found, fmt.Sprintf("%s: %d", table, n))
		}
	}
	return found
}

func TestErasureKeepsTheTotals(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Ours")
	s = s.WithKeys(keys(t))
	b := named(life(rand.New(rand.NewPCG(7, 7)), "x", 900))
	in := newIntake(t, s, c, community.Source{Platform: "x", ExternalID: "1", Measures: community.Measures{ReplyLinks: true, Joins: true}})
	put := func() store.Stored {
		t.Helper()
		done, err := in.Store(t.Context(), b, nil)
		if err != nil {
			t.Fatal(err)
		}
		rollUpAll(t, s, c)
		return done
	}
	put()
	raw := []community.Payload{{Key: "1", Kind: "k", Body: []byte(`{"user":"p3","email":"p3@personne.example"}`)}, {Key: "2", Kind: "k", Body: []byte(`{"user":"p4@"}`)}}
	if _, err := s.Accept(t.Context(), c.Scope, 1, raw); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(store.Across(t.Context()), `update inbox set drained_at = now() where key = '1'`); err != nil {
		t.Fatal(err)
	}
	before := dump(t, pool, c.Scope)
	member := memberOf(t, pool, c, "p3")
	done, err := s.EraseMember(t.Context(), c.Scope, member)
	if err != nil || done.Identities != 1 || done.Activities == 0 || done.Payloads != 2 {
		t.Fatalf("%+v, %v", done, err)
	}
	for _, word := range []string{"p3@personne.example", "Quidam p3", "handle-p3", "role-p3", "/p3"} {
		if found := traces(t, pool, word); len(found) > 0 {
			t.Errorf("%q is still in %v", word, found)
		}
	}
	if found := traces(t, pool, "Quidam p4"); len(found) < 2 {
		t.Errorf("somebody else was erased too: %v", found)
	}
	same := func(when string) {
		t.Helper()
		after := dump(t, pool, c.Scope)
		for table, rows := range before {
			if d := difference(after[table], rows); d != "" {
				t.Errorf("%s: %s: %s", when, table, d)
			}
		}
	}
	same("after the erasure")
	recomputeAll(t, pool, s, c)
	same("recomputed")
	if again := put(); again.Activities != 0 || again.LeftOut == 0 {
		t.Errorf("importing again: %+v", again)
	}
	same("imported again")
	recomputeAll(t, pool, s, c)
	same("imported again and recomputed")
	// A new stream knows nothing of the old one.
	in = newIntake(t, s, c, community.Source{Platform: "x", ExternalID: "1", Measures: community.Measures{ReplyLinks: true, Joins: true}})
	put()
	same("imported by another process")
	if people, err := s.People(t.Context(), c.Scope, "", nil, 0, 50); err != nil || len(people) != 6 {
		t.Errorf("%d people listed, %v", len(people), err)
	}
	if done, err = s.EraseMember(t.Context(), c.Scope, member); err != nil || !done.Already {
		t.Errorf("again: %+v, %v", done, err)
	}
	if n, err := s.Suppressed(t.Context(), c.Organisation); n != 1 || err != nil {
		t.Errorf("%d fingerprints, %v", n, err)
	}
	if err := s.MarkTeam(t.Context(), c.Scope, []int64{member}, true); err != nil {
		t.Fatal(err)
	}
	if err := s.SetTeamRules(t.Context(), c.Scope, store.TeamRules{}); err != nil {
		t.Fatal(err)
	}
	rollUpAll(t, s, c)
	same("after rules and marks")
}

func TestErasureNeedsKeys(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	bare, c := newCommunity(t, pool, "Ours")
	s := bare.WithKeys(keys(t))
	src := community.Source{Platform: "x", ExternalID: "1"}
	b := named(life(rand.New(rand.NewPCG(1, 1)), "x", 40))
	if _, err := newIntake(t, bare, c, src).Store(t.Context(), b, nil); err != nil {
		t.Fatal(err)
	}
	member := memberOf(t, pool, c, "p1")
	if _, err := bare.EraseMember(t.Context(), c.Scope, member); !errors.Is(err, store.ErrNoKeys) {
		t.Errorf("erased without keys: %v", err)
	}
	if _, err := s.EraseMember(t.Context(), community.Scope{Organisation: otherOrganisation(t, pool), Community: c.Scope.Community}, member); !errors.Is(err, community.ErrNotFound) {
		t.Errorf("the neighbour erases: %v", err)
	}
	cut, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.EraseMember(cut, c.Scope, member); err == nil {
		t.Error("a cancelled erasure says that it is done")
	}
	if found := traces(t, pool, "Quidam p1"); len(found) == 0 {
		t.Error("a cancelled erasure erases")
	}
	if _, err := s.EraseMember(t.Context(), c.Scope, member); err != nil {
		t.Fatal(err)
	}
	// Who has not the keys cannot tell who was erased, and stores nothing.
	if _, err := newIntake(t, bare, c, src).Store(t.Context(), b, nil); !errors.Is(err, store.ErrNoKeys) {
		t.Errorf("stored without keys: %v", err)
	}
}

// TestErasureDuringAnImport: an intake that remembers the person forgets them too.
func TestErasureDuringAnImport(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Ours")
	s = s.WithKeys(keys(t))
	in := newIntake(t, s, c, community.Source{Platform: "x", ExternalID: "1"})
	say := func(n int, who string, to ...string) {
		t.Helper()
		_, err := in.Store(t.Context(), community.Batch{
			Identities: []community.Identity{{ExternalID: who, Name: "Quidam " + who}},
			Activities: []community.Activity{{Kind: community.Message, ExternalID: fmt.Sprintf("x/%d", n), At: time.Date(2024, 5, 1, n, 0, 0, 0, time.UTC), Actor: who, To: to, Amount: 1}},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	say(1, "ada")
	say(2, "bob", "ada")
	if _, err := s.EraseMember(t.Context(), c.Scope, memberOf(t, pool, c, "ada")); err != nil {
		t.Fatal(err)
	}
	say(3, "ada")
	say(4, "bob", "ada")
	if found := traces(t, pool, "ada"); len(found) > 0 {
		t.Errorf("known again: %v", found)
	}
	var activities, people int
	err := pool.QueryRow(store.Across(t.Context()), `select (select count(*) from activity), (select count(*) from member)`).Scan(&activities, &people)
	if err != nil || activities != 3 || people != 2 {
		t.Errorf("%d activities of %d people, %v", activities, people, err)
	}
}

func TestExportMember(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Ours")
	came := joinOf("p2", 0, by("p1"))
	came.ExternalID = "x/j/p2"
	b := named(append(life(rand.New(rand.NewPCG(3, 3)), "x", 400), came))
	in := newIntake(t, s, c, community.Source{Platform: "x", ExternalID: "1", Measures: community.Measures{ReplyLinks: true}})
	if _, err := in.Store(t.Context(), b, nil); err != nil {
		t.Fatal(err)
	}
	rollUpAll(t, s, c)
	rows, section := map[string]int{}, ""
	var all strings.Builder
	begin := func(name string) error { section = name; return nil }
	row := func(r json.RawMessage) error {
		if !json.Valid(r) {
			t.Errorf("%s: %s", section, r)
		}
		rows[section]++
		all.Write(r)
		return nil
	}
	member := memberOf(t, pool, c, "p2")
	if err := s.ExportMember(t.Context(), c.Scope, member, begin, row); err != nil {
		t.Fatal(err)
	}
	for _, name := range store.MemberSections() {
		if rows[name] == 0 {
			t.Errorf("nothing in %s", name)
		}
	}
	if text := all.String(); !strings.Contains(text, "p2@personne.example") || strings.Contains(text, "Quidam p1") || strings.Contains(text, "p4@") {
		t.Error("the export lacks the member, or names somebody else")
	}
	for _, sc := range []community.Scope{{Organisation: c.Organisation, Community: c.Scope.Community + 1}, {Organisation: otherOrganisation(t, pool), Community: c.Scope.Community}} {
		err := s.ExportMember(t.Context(), sc, member, func(string) error { t.Error("began"); return nil }, row)
		if !errors.Is(err, community.ErrNotFound) {
			t.Errorf("%+v: %v", sc, err)
		}
	}
}

// tenantTables lists the tables with rows of organisations, from the catalogue.
func tenantTables(t testing.TB, pool *pgxpool.Pool) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `select c.relname from pg_class c
		where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace and exists (
			select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organisation_id' and not a.attisdropped) order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(list) < 25 {
		t.Fatalf("%d tables, %v", len(list), err)
	}
	return list
}

// TestErasureIsWhole is cut off at many moments: each time nothing has happened,
// or all of it.
func TestErasureIsWhole(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Ours")
	s = s.WithKeys(keys(t))
	in := newIntake(t, s, c, community.Source{Platform: "x", ExternalID: "1"})
	if _, err := in.Store(t.Context(), named(life(rand.New(rand.NewPCG(4, 4)), "x", 1500)), nil); err != nil {
		t.Fatal(err)
	}
	member, cut := memberOf(t, pool, c, "p5"), 0
	for after := 500 * time.Microsecond; ; after += 500 * time.Microsecond {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		_, err := s.EraseMember(ctx, c.Scope, member)
		cancel()
		prints, countErr := s.Suppressed(t.Context(), c.Organisation)
		if countErr != nil {
			t.Fatal(countErr)
		}
		names, keyed := len(traces(t, pool, "Quidam p5")), len(traces(t, pool, "/p5"))
		done := prints == 1 && names == 0 && keyed == 0
		if !done && (prints != 0 || names == 0 || keyed == 0) {
			t.Fatalf("after %s half is done: %d fingerprints, names in %d tables, keys in %d (%v)", after, prints, names, keyed, err)
		}
		if done {
			break
		}
		cut++
	}
	if cut == 0 {
		t.Error("it was never cut off")
	}
}
