package store_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// TestReactionGivenAgainCountsOnce: the last of giving, taking back and giving
// again stands, in any order of arrival, and the day's figure says so each time.
func TestReactionGivenAgainCountsOnce(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Lisière")
	intake := newIntake(t, s, c, community.Source{Platform: "talk", ExternalID: "one"})
	at := time.Date(2024, 5, 6, 9, 0, 0, 0, time.UTC)
	day := community.DateOf(at, c.Location)
	reaction := func(key string, revision int64, deleted bool) community.Activity {
		return community.Activity{
			Kind: community.Reaction, ExternalID: "talk/r/" + key, At: at, Actor: "bo", Channel: "c", Parent: "talk/m", ParentAt: at,
			Amount: 1, Inferred: true, Revision: revision, Deleted: deleted,
		}
	}
	put := func(a ...community.Activity) {
		t.Helper()
		if _, err := intake.Store(t.Context(), named(a), nil); err != nil {
			t.Fatal(err)
		}
		rollUpAll(t, s, c)
	}
	count := func() int {
		t.Helper()
		series, err := s.Series(t.Context(), c, community.Window{From: day, To: day + 1})
		if err != nil {
			t.Fatal(err)
		}
		return series.Days[0].Members.Reactions
	}
	put(community.Activity{Kind: community.Message, ExternalID: "talk/m", At: at, Actor: "ana", Channel: "c", Amount: 1})
	for i, step := range []struct {
		revision int64
		deleted  bool
		want     int
	}{{10, false, 1}, {20, true, 0}, {20, true, 0}, {30, false, 1}, {10, false, 1}, {0, false, 1}, {20, true, 1}, {40, true, 0}, {30, false, 0}} {
		put(reaction("a", step.revision, step.deleted))
		if got := count(); got != step.want {
			t.Errorf("step %d: %d reactions, want %d", i, got, step.want)
		}
	}
	all := []community.Activity{reaction("b", 10, false), reaction("b", 20, true), reaction("b", 30, false)}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	put(append(all, all...)...)
	if got := count(); got != 1 {
		t.Errorf("%d reactions of one batch in any order, want 1", got)
	}
}

// TestChannelIsArchivedByItsID: an event that names a channel by its id alone
// archives it and opens it again, and leaves its name; a message in it does neither.
func TestChannelIsArchivedByItsID(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Lisière")
	source := community.Source{Platform: "talk", ExternalID: "one"}
	known := community.Channel{ExternalID: "c1", Name: "help", Kind: community.ForumChannel, Private: true}
	archive := func(yes bool) community.Batch {
		return community.Batch{Channels: []community.Channel{{ExternalID: "c1", Archived: yes}}}
	}
	message := func(key string) community.Batch {
		return community.Batch{Activities: []community.Activity{{
			Kind: community.Message, ExternalID: "talk/" + key, At: time.Date(2024, 5, 6, 9, 0, 0, 0, time.UTC), Channel: "c1", Amount: 1,
		}}}
	}
	intake := newIntake(t, s, c, source)
	for i, step := range []struct {
		batch    community.Batch
		restart  bool
		archived bool
	}{
		{community.Batch{Channels: []community.Channel{known, {ExternalID: "c1", Archived: true}}}, false, true},
		{archive(false), false, false},
		{archive(true), true, true},
		{message("1"), true, true},
		{archive(false), false, false}, // the message made the id known to this process
		{archive(true), false, true},
		{message("2"), false, true},
		{community.Batch{Channels: []community.Channel{known}}, false, false},
	} {
		if step.restart {
			intake = newIntake(t, s, c, source)
		}
		if _, err := intake.Store(t.Context(), step.batch, nil); err != nil {
			t.Fatal(err)
		}
		var name string
		var kind community.ChannelKind
		var archived, private bool
		err := pool.QueryRow(store.WithTenant(t.Context(), c.Organisation), `select name, kind, archived, private from channel where external_id = 'c1'`).Scan(&name, &kind, &archived, &private)
		if err != nil || archived != step.archived || name != "help" || kind != community.ForumChannel || !private {
			t.Errorf("step %d: %q of kind %d, archived %t, private %t, %v", i, name, kind, archived, private, err)
		}
	}
}
