package store_test

import (
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
)

// TestLaterVersionsReachOtherDays: what changes an act may change what an earlier
// day says, which was recomputed before.
func TestLaterVersionsReachOtherDays(t *testing.T) {
	t.Parallel()
	at := func(day, hour, minute int) time.Time { return time.Date(2024, 3, day, hour, minute, 0, 0, paris(t)) }
	said := func(id, who string, when time.Time, parent string, asks bool) community.Activity {
		return community.Activity{
			Kind: community.Message, ExternalID: id, At: when, Actor: who, Channel: "c", Parent: parent, Amount: 1, Keyed: true,
			Features: community.Features{Length: 9, Question: asks},
		}
	}
	gone := func(id string) community.Activity {
		return community.Activity{Kind: community.Message, ExternalID: id, Revision: community.Tombstone, Deleted: true, Keyed: true}
	}
	edited := func(id string, asks bool) community.Activity {
		return community.Activity{Kind: community.Message, ExternalID: id, Revision: 7, Features: community.Features{Length: 3, Question: asks}, Keyed: true}
	}
	of := func(a community.Activity, parent community.Activity) community.Activity { // with its moment
		a.Keyed, a.ParentAt = false, parent.At
		return a
	}
	first, question, answer := said("m/1", "a", at(10, 9, 0), "", false), said("m/2", "b", at(12, 9, 0), "m/1", true), said("m/3", "c", at(15, 9, 0), "m/1", false)
	plain := first
	plain.Keyed = false
	plainEdit, plainGone := plain, of(answer, first)
	plainEdit.Revision, plainEdit.Features.Length = 7, 4
	plainGone.Revision, plainGone.Deleted = community.Tombstone, true
	tests := []struct {
		name  string
		links bool
		steps [][]community.Activity
	}{
		{"an answer is taken back", true, [][]community.Activity{
			{said("m/1", "a", at(10, 9, 0), "", true), said("m/2", "b", at(14, 9, 0), "m/1", false)}, {gone("m/2")},
		}},
		{"an answer waits for its question", true, [][]community.Activity{
			{said("m/2", "b", at(14, 9, 0), "m/1", false)}, {said("m/1", "a", at(10, 9, 0), "", true)},
		}},
		{"an answer inside a thread is taken back with an edit of its first message", true, [][]community.Activity{
			{first, question, answer}, {edited("m/1", true), gone("m/3")},
		}},
		{"the same by moments", true, [][]community.Activity{
			{plain, of(question, first), of(answer, first)}, {plainEdit, plainGone},
		}},
		{"inside a thread that comes last", true, [][]community.Activity{
			{question}, {answer}, {first},
		}},
		{"inside a thread whose first message nobody signed", true, [][]community.Activity{
			{of(question, first)}, {of(answer, first), of(said("m/1", "", at(10, 9, 0), "", false), community.Activity{})},
		}},
		{"the one who spoke next after midnight is taken back", false, [][]community.Activity{
			{said("m/1", "a", at(10, 23, 50), "", true), said("m/2", "b", at(11, 0, 5), "", false)}, {gone("m/2")},
		}},
		{"the one who spoke before midnight is taken back", false, [][]community.Activity{
			{said("m/1", "a", at(10, 23, 50), "", true), said("m/2", "b", at(11, 0, 5), "", false)}, {gone("m/1")},
		}},
	}
	pool := dbtest.New(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, c := newCommunity(t, pool, test.name)
			measures := community.Measures{ReplyLinks: test.links}
			in := newIntake(t, s, c, community.Source{Platform: "k", ExternalID: "one", Measures: measures})
			before := map[string][]string{}
			for i, step := range test.steps {
				if i == len(test.steps)-1 { // by another source, which has links
					before = dump(t, pool, c.Scope)
					in = newIntake(t, s, c, community.Source{Platform: "k", ExternalID: "two", Measures: community.Measures{ReplyLinks: true}})
				}
				if _, err := in.Store(t.Context(), community.Batch{Activities: step}, nil); err != nil {
					t.Fatal(err)
				}
				rollUpAll(t, s, c)
			}
			got := dump(t, pool, c.Scope)
			recomputeAll(t, pool, s, c)
			want := dump(t, pool, c.Scope)
			for _, table := range rollupTables() {
				if diff := difference(got[table], want[table]); diff != "" {
					t.Errorf("%s differs from a recomputation:\n%s", table, diff)
				}
			}
			if difference(before["community_day"], got["community_day"]) == "" {
				t.Error("the last step changed no day")
			}
		})
	}
}

// TestOnePersonByHand: what was said by hand of one of them holds for both.
func TestOnePersonByHand(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Hand")
	in := newIntake(t, s, c, community.Source{Platform: "k", ExternalID: "one", Measures: community.Measures{ReplyLinks: true}})
	store := func(list ...community.Identity) {
		t.Helper()
		if _, err := in.Store(t.Context(), community.Batch{Identities: list}, nil); err != nil {
			t.Fatal(err)
		}
	}
	store(community.Identity{ExternalID: "old"}, community.Identity{ExternalID: "other", Name: "Zoé"})
	store(community.Identity{ExternalID: "new", Name: "Zoé L."})
	people := func() map[string]int64 {
		t.Helper()
		list, err := s.People(t.Context(), c.Scope, "", nil, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]int64{}
		for _, p := range list {
			out[p.Name] = p.ID
		}
		return out
	}
	if err := s.MarkTeam(t.Context(), c.Scope, []int64{people()["Zoé L."]}, true); err != nil {
		t.Fatal(err)
	}
	for range 2 { // again: nothing more happens
		store(community.Identity{ExternalID: "new", SameAs: "old"}, community.Identity{ExternalID: "old", SameAs: "new"})
	}
	list, err := s.People(t.Context(), c.Scope, "Zoé L.", nil, 0, 10)
	if err != nil || len(list) != 1 || list[0].Population != 1 || list[0].By != "hand" {
		t.Fatalf("%+v, %v", list, err)
	}
	if all := people(); len(all) != 2 {
		t.Errorf("%v", all)
	}
}
