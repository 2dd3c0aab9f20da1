package ingest_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
)

// walks lists a community's walks, the newest first.
func (s *station) walks() []store.Backfill {
	s.t.Helper()
	list, err := s.Store.Backfills(s.t.Context(), s.c.Scope)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// walk lets a process go on with every walk that runs.
func (s *station) walk(in *ingest.Ingest) {
	s.t.Helper()
	for _, b := range s.walks() {
		if b.State == "running" {
			if err := in.Backfill(s.t.Context(), b.Scope, b.ID); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

func (s *station) hasten() { s.set(`update backfill set due_at = now() - interval '1 second'`) }

func TestHistoryIsWalkedOnAfterEachDeath(t *testing.T) {
	t.Parallel()
	s := newStation(t, 95)
	c := s.install(s.c, "one", "")
	b := s.walks()[0]
	for death := 0; s.walks()[0].State == "running"; death++ {
		if death > 60 {
			t.Fatal("it comes to no end")
		}
		ctx, kill := context.WithCancel(t.Context())
		page := 0
		s.wire.before = func(int, connectors.Connection) error {
			if page++; page > 1+death%2 { // within the second page, or the third
				kill()
			}
			return nil
		}
		_ = s.process().Backfill(ctx, b.Scope, b.ID)
		kill()
		now := s.walks()[0]
		if now.Attempts != 0 || now.Reason != "" {
			t.Errorf("a death was taken for a failure: %+v", now)
		}
		if n := s.count(`select count(*) from inbox`); int64(n) != now.Payloads {
			t.Fatalf("%d payloads, the walk says %d", n, now.Payloads)
		}
	}
	if b = s.walks()[0]; b.State != "done" || b.Payloads != 95 || b.Progress != 1 || b.Finished.IsZero() {
		t.Errorf("%+v", b)
	}
	s.drain(c)
	if n := census(t, s.Ingest, s.c); n.Messages != 95 {
		t.Errorf("%+v", n)
	}
}

func TestLimitsSpendNoAttempts(t *testing.T) {
	t.Parallel()
	s := newStation(t, 30)
	c := s.install(s.c, "one", "")
	for range 12 {
		s.wire.before = func(int, connectors.Connection) error { return &connectors.RateLimitError{After: time.Hour} }
		s.walk(s.Ingest)
		b, now := s.walks()[0], s.connection(s.c, c.ID)
		if wait := time.Until(b.Due); b.State != "running" || b.Attempts != 0 || b.Reason != "limited" || wait < 50*time.Minute || time.Until(now.Limited) < 50*time.Minute {
			t.Fatalf("%+v, limited until %v", b, now.Limited)
		}
		pages := s.wire.pages
		if s.walk(s.Ingest); s.wire.pages != pages {
			t.Fatal("it did not wait")
		}
		s.hasten()
	}
	s.wire.before = nil
	s.walk(s.Ingest)
	if b := s.walks()[0]; b.State != "done" || b.Payloads != 30 {
		t.Errorf("%+v", b)
	}
	if now := s.connection(s.c, c.ID); !now.Limited.IsZero() {
		t.Errorf("limited until %v", now.Limited)
	}
}

func TestRevokedEndsEverything(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"page", "notice"} {
		t.Run(how, func(t *testing.T) {
			s := newStation(t, 30)
			c := s.install(s.c, "one", "firm")
			if how == "page" {
				s.wire.token = "another"
				s.walk(s.Ingest)
			} else {
				s.notice(connectors.Notice{Account: "firm", Kind: connectors.NoticeRevoked})
			}
			if now := s.connection(s.c, c.ID); now.State != store.ConnectionRevoked {
				t.Errorf("state %s", now.State)
			}
			if b := s.walks()[0]; b.State != "cancelled" {
				t.Errorf("%+v", b)
			}
			s.Ingest = s.process()
			s.take(delivery{"one", "k", "1714550400 ann hi"})
			if n := s.count(`select count(*) from inbox`); n != 0 {
				t.Errorf("%d payloads", n)
			}
		})
	}
}

func TestWalkFailsAfterItsTries(t *testing.T) {
	t.Parallel()
	s := newStation(t, 30)
	s.install(s.c, "one", "")
	fails := true
	s.wire.before = func(int, connectors.Connection) error {
		if fails {
			return errWire
		}
		return nil
	}
	try := func(n int) {
		t.Helper()
		for range n {
			s.hasten()
			s.walk(s.Ingest)
		}
	}
	try(7)
	if b := s.walks()[0]; b.State != "running" || b.Attempts != 7 || time.Until(b.Due) < time.Minute {
		t.Fatalf("%+v", b)
	}
	fails = false
	s.wire.before = func(page int, _ connectors.Connection) error { // one page comes
		if fails {
			return errWire
		}
		fails = true
		return nil
	}
	try(1)
	if b := s.walks()[0]; b.State != "running" || b.Attempts != 1 || b.Cursor != "10" {
		t.Fatalf("%+v", b)
	}
	try(7)
	if b := s.walks()[0]; b.State != "failed" || b.Attempts != 8 || b.Payloads != 10 || b.Finished.IsZero() {
		t.Errorf("%+v", b)
	}
}

// TestOneRenewsCredentials: what renews them can be used once, so two processes
// that need them must not both try, and what comes is kept before it is used.
func TestOneRenewsCredentials(t *testing.T) {
	t.Parallel()
	s := newStation(t, 30)
	s.wire.lifetime, s.wire.slow = time.Minute, 100*time.Millisecond
	c := s.install(s.c, "one", "")
	s.wire.before = func(_ int, used connectors.Connection) error {
		plain, err := s.Ring.Open(store.PurposeCredentials, s.connection(s.c, c.ID).Sealed)
		var kept connectors.Credentials
		if err != nil || json.Unmarshal(plain, &kept) != nil || kept.Access != used.Credentials.Access {
			t.Errorf("used before it was kept, %v", err)
		}
		return nil
	}
	b := s.walks()[0]
	var all sync.WaitGroup
	for _, in := range []*ingest.Ingest{s.process(), s.process()} {
		for range 3 {
			all.Go(func() {
				if err := in.Backfill(t.Context(), b.Scope, b.ID); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				if err := in.Reconcile(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	s.hasten()
	s.walk(s.Ingest)
	if s.wire.refreshes != 1 {
		t.Errorf("renewed %d times", s.wire.refreshes)
	}
	if now := s.connection(s.c, c.ID); now.State != store.ConnectionActive {
		t.Errorf("state %s", now.State)
	}
	if b := s.walks()[0]; b.State != "done" || b.Payloads != 30 || b.Attempts != 0 {
		t.Errorf("%+v", b)
	}
}

// TestGaps: a gap reaches back to before what has just come, and one that opens
// while another is walked is walked after it.
func TestGaps(t *testing.T) {
	t.Parallel()
	s := newStation(t, 30)
	c := s.install(s.c, "one", "")
	s.walk(s.Ingest)
	long := time.Now().Add(-3 * time.Hour).Truncate(time.Second)
	s.set(`update connection set seen_at = $1`, long)
	s.Ingest = s.process()
	gap := connectors.Notice{Account: "one", Kind: connectors.NoticeGap}
	s.notice(gap, delivery{"one", "new", "1714550400 ann hi"})
	s.notice(gap) // told twice: it has not begun
	if list := s.walks(); len(list) != 2 || list[0].Kind != "gap" || list[0].Since.After(long) {
		t.Fatalf("%+v", list)
	}
	s.wire.since = nil
	page := 0
	s.wire.before = func(int, connectors.Connection) error {
		if page++; page == 2 { // the newest is behind already
			s.set(`update connection set seen_at = $1`, long.Add(2*time.Hour))
			s.Ingest = s.process()
			s.notice(gap)
		}
		return nil
	}
	s.walk(s.process())
	b := s.walks()[0]
	if b.State != "done" || len(s.wire.since) != 6 {
		t.Fatalf("%d pages, %+v", len(s.wire.since), b)
	}
	if first, again := s.wire.since[2], s.wire.since[3]; first.After(long) || !again.After(long) || again.After(long.Add(2*time.Hour)) {
		t.Errorf("first since %v, then since %v", first, again)
	}
	if now := s.connection(s.c, c.ID); now.State != store.ConnectionActive {
		t.Errorf("state %s", now.State)
	}
	if !slices.IsSortedFunc(s.wire.since, time.Time.Compare) {
		t.Errorf("%v", s.wire.since)
	}
	// A paused connection is not walked.
	if err := s.Store.SetConnectionState(t.Context(), c, store.ConnectionPaused, ""); err != nil {
		t.Fatal(err)
	}
	s.Ingest = s.process()
	s.notice(gap)
	if list := s.walks(); len(list) != 2 {
		t.Errorf("%+v", list)
	}
}
