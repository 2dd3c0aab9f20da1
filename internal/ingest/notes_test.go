package ingest_test

import (
	"testing"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/store"
)

// TestRightsComeAndGo: several rights can be missing, each is said once and until
// it comes back; of a revocation the reason stays until the account is installed anew.
func TestRightsComeAndGo(t *testing.T) {
	t.Parallel()
	s := newStation(t, 0)
	conn := s.install(s.c, "one", "")
	told := func(key, want string) {
		t.Helper()
		if got := s.connection(s.c, conn.ID).Settings[key]; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	say := func(kind connectors.NoticeKind, detail string) {
		t.Helper()
		s.notice(connectors.Notice{Account: "one", Kind: kind, Detail: detail})
	}
	say(connectors.NoticeRestore, "content") // never missed
	told("note_degraded", "")
	say(connectors.NoticeDegrade, "content")
	say(connectors.NoticeDegrade, "members")
	say(connectors.NoticeDegrade, "content")
	told("note_degraded", "members content")
	say(connectors.NoticeRestore, "members")
	told("note_degraded", "content")
	say(connectors.NoticeRevoked, "primary_inactivity")
	told("note_revoked", "primary_inactivity")
	if got := s.connection(s.c, conn.ID).State; got != store.ConnectionRevoked {
		t.Errorf("the connection is %s", got)
	}
	s.install(s.c, "one", "")
	told("note_revoked", "")
	told("note_degraded", "")
}
