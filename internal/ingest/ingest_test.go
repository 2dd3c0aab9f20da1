package ingest_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/exportfs"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// setup returns an Ingest over a database of its own, and a community.
func setup(t testing.TB) (*ingest.Ingest, community.Community) {
	t.Helper()
	s := store.New(dbtest.New(t))
	org, err := s.LocalOrganisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.CreateCommunity(t.Context(), org, "Test", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return ingest.New(ingest.Config{
		Store: s, Connectors: []connectors.Connector{lines{}},
		Log: slog.New(slog.DiscardHandler), Uploads: t.TempDir(), Limits: exportfs.Limits{}, Ring: testRing(t),
	}), c
}

func testRing(t testing.TB) *vault.Ring {
	t.Helper()
	ring, err := vault.Ensure(filepath.Join(t.TempDir(), "keys", "ring"))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// export writes a file of n lines by some people, and returns its path.
func export(t testing.TB, name string, n int) string {
	t.Helper()
	var b strings.Builder
	base := time.Date(2024, 5, 1, 8, 0, 0, 0, time.UTC).Unix()
	for i := range n {
		fmt.Fprintf(&b, "%d p%d hello %d?\n", base+int64(i*60), i%17, i)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func newImport(t testing.TB, in *ingest.Ingest, c community.Community, paths ...string) store.Import {
	t.Helper()
	i := store.Import{Scope: c.Scope, TimeZone: "UTC", Paths: paths}
	for _, p := range paths {
		i.Names = append(i.Names, filepath.Base(p))
	}
	err := in.Store.Begin(t.Context(), i.Organisation, func(tx pgx.Tx) (err error) {
		i.ID, err = in.Store.CreateImport(t.Context(), tx, i)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func ended(t testing.TB, in *ingest.Ingest, i store.Import, state string) store.Import {
	t.Helper()
	now, err := in.Store.Import(t.Context(), i.Scope, i.ID)
	if err != nil {
		t.Fatal(err)
	}
	if now.State != state {
		t.Fatalf("import is %s (%s %s), want %s", now.State, now.Reason, now.ErrorFile, state)
	}
	return now
}

func census(t testing.TB, in *ingest.Ingest, c community.Community) store.Census {
	t.Helper()
	n, err := in.Store.Census(t.Context(), c.Scope, "")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestImportGoesInOnceAndSaysWhatItRefused(t *testing.T) {
	t.Parallel()
	in, c := setup(t)
	path := export(t, "a.lines", 12_345)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(f, "noon alice hi\n1714000000 nobody\n90000 alice too early\n")
	f.Close()
	i := newImport(t, in, c, path)
	if err := in.RunImport(t.Context(), c.Scope, i.ID); err != nil {
		t.Fatal(err)
	}
	done := ended(t, in, i, store.ImportDone)
	if done.Payloads != 12_348 || done.Activities != 12_345 || done.Refusals != 3 || done.BytesRead != done.BytesTotal {
		t.Errorf("got %d payloads, %d activities, %d refusals, %d of %d bytes", done.Payloads, done.Activities, done.Refusals, done.BytesRead, done.BytesTotal)
	}
	refusals, err := in.Store.RefusalsOf(t.Context(), done, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(refusals) != 3 || refusals[0] != (community.Refusal{File: "a.lines", Line: 12_346, Reason: "no_time", Detail: "time"}) {
		t.Errorf("refusals: %+v", refusals)
	}
	again := newImport(t, in, c, path)
	if err := in.RunImport(t.Context(), c.Scope, again.ID); err != nil {
		t.Fatal(err)
	}
	if second := ended(t, in, again, store.ImportDone); second.Activities != 0 || second.Duplicates != 12_345 {
		t.Errorf("the same file again: %d new, %d known", second.Activities, second.Duplicates)
	}
	if n := census(t, in, c); n.Messages != 12_345 || n.Members != 17 || n.Channels != 1 {
		t.Errorf("census: %+v", n)
	}
}

// TestImportResumesWithoutRepeating breaks the reading off again and again.
func TestImportResumesWithoutRepeating(t *testing.T) {
	t.Parallel()
	in, c := setup(t)
	i := newImport(t, in, c, export(t, "a.lines", 30_000), export(t, "b.lines", 20_000))
	breaks := []int{1, 2, 6_000, 7_777, 20_001, 4_000_000}
	try := 0
	in.Connectors = []connectors.Connector{lines{breakAt: func() int { return breaks[try] }}}
	for ; try < len(breaks); try++ {
		err := in.RunImport(t.Context(), c.Scope, i.ID)
		if broke := errors.Is(err, errBroken); broke == (try == len(breaks)-1) {
			t.Fatalf("try %d: %v", try, err)
		}
	}
	done := ended(t, in, i, store.ImportDone)
	if done.Payloads != 50_000 || done.Activities != 50_000 || done.Duplicates != 0 {
		t.Errorf("%d payloads, %d activities, %d duplicates after %d attempts", done.Payloads, done.Activities, done.Duplicates, done.Attempts)
	}
	if n := census(t, in, c); n.Messages != 50_000 {
		t.Errorf("census: %+v", n)
	}
}

func TestTwoImportsOfOneFileAtOnce(t *testing.T) {
	t.Parallel()
	in, c := setup(t)
	path := export(t, "a.lines", 20_000)
	one, two := newImport(t, in, c, path), newImport(t, in, c, path)
	var wg sync.WaitGroup
	errs := make([]error, 3)
	for n, id := range []int64{one.ID, two.ID, one.ID} {
		wg.Go(func() { errs[n] = in.RunImport(t.Context(), c.Scope, id) })
	}
	wg.Wait()
	for n, err := range errs {
		if err != nil && !errors.Is(err, ingest.ErrHeld) {
			t.Errorf("run %d: %v", n, err)
		}
	}
	a, b := ended(t, in, one, store.ImportDone), ended(t, in, two, store.ImportDone)
	if a.Activities+b.Activities != 20_000 || a.Duplicates+b.Duplicates != 20_000 {
		t.Errorf("new %d + %d, known %d + %d", a.Activities, b.Activities, a.Duplicates, b.Duplicates)
	}
	if n := census(t, in, c); n.Messages != 20_000 {
		t.Errorf("census: %+v", n)
	}
}

func TestImportAsksAndGoesOn(t *testing.T) {
	t.Parallel()
	in, c := setup(t)
	path := filepath.Join(t.TempDir(), "a.lines")
	if err := os.WriteFile(path, []byte("1714550400 a hi\nask\n1714550500 b yo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	i := newImport(t, in, c, path)
	if err := in.RunImport(t.Context(), c.Scope, i.ID); err != nil {
		t.Fatal(err)
	}
	asking := ended(t, in, i, store.ImportAsking)
	if asking.Question == nil || asking.Question.Key != "shade" {
		t.Fatalf("question: %+v", asking.Question)
	}
	client, err := in.Client(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Answer(t.Context(), client, asking, "shade", "dark"); err != nil {
		t.Fatal(err)
	}
	if err := in.RunImport(t.Context(), c.Scope, i.ID); err != nil {
		t.Fatal(err)
	}
	ended(t, in, i, store.ImportDone)
	if n := census(t, in, c); n.Messages != 2 {
		t.Errorf("census: %+v", n)
	}
}

func TestImportFailuresSayWhy(t *testing.T) {
	t.Parallel()
	in, c := setup(t)
	in.Limits = exportfs.Limits{MaxRatio: 20}
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w, _ := z.Create("a.lines")
	for range 40 {
		_, _ = w.Write(bytes.Repeat([]byte("1714550400 a hi\n"), 1<<16))
	}
	z.Close()
	cases := map[string]struct{ path, reason string }{
		"foreign": {write("x.html", []byte("<p>")), ingest.ReasonNotRecognised},
		"gone":    {filepath.Join(dir, "none"), exportfs.ReasonNotFound},
		"cut zip": {write("cut.zip", bomb.Bytes()[:bomb.Len()-30]), exportfs.ReasonTruncated},
		"bomb":    {write("bomb.zip", bomb.Bytes()), exportfs.ReasonBomb},
	}
	for name, test := range cases {
		i := newImport(t, in, c, test.path)
		if err := in.RunImport(t.Context(), c.Scope, i.ID); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if failed := ended(t, in, i, store.ImportFailed); failed.Reason != test.reason {
			t.Errorf("%s: reason %q, want %q", name, failed.Reason, test.reason)
		}
	}
}

// feed yields the files of an upload.
type feed struct{ files [][2]string }

func (f *feed) Next() (string, io.Reader, error) {
	if len(f.files) == 0 {
		return "", nil, io.EOF
	}
	next := f.files[0]
	f.files = f.files[1:]
	return next[0], strings.NewReader(next[1]), nil
}

func TestUploadIsReadByAJobAndRemoved(t *testing.T) {
	t.Parallel()
	in, c := setup(t)
	client, err := in.Client(true)
	if err != nil {
		t.Fatal(err)
	}
	// What a killed process was working on still says that it runs.
	for _, args := range []river.JobArgs{ingest.RollUpArgs{}, ingest.ArmArgs{}} {
		if _, err := client.Insert(t.Context(), args, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := in.Store.Pool().Exec(t.Context(), `update river_job set state = 'running', attempt = 1, attempted_at = now(), attempted_by = '{gone}'`); err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer client.Stop(context.Background())
	// Twice: the periodic jobs must come again.
	uploadAndWait(t, in, client, c, [][2]string{{"first.lines", "1714550300 z hi\n"}})
	uploadAndWait(t, in, client, c, [][2]string{
		{"../../etc/a.lines", "1714550400 a hi?\n"}, {`C:\x\A.lines`, "1714550460 b yo\n"},
	})
	series, err := in.Store.Series(t.Context(), c, community.Window{From: community.NewDate(2024, 5, 1), To: community.NewDate(2024, 5, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if got := series.Actives(series.Loaded, community.Members); got != 3 {
		t.Errorf("%d active members, want 3", got)
	}
	_, err = in.Upload(t.Context(), client, c, "", time.UTC, &feed{[][2]string{{"a.lines", strings.Repeat("x", 100)}}}, 50)
	if !errors.Is(err, ingest.ErrTooLarge) {
		t.Errorf("too large an upload: %v", err)
	}
	if left, _ := os.ReadDir(in.Uploads); len(left) != 0 {
		t.Errorf("a refused upload left %d folders", len(left))
	}
}

// uploadAndWait uploads, and waits until the job has read it, the figures have
// followed and the files are gone.
func uploadAndWait(t *testing.T, in *ingest.Ingest, client *river.Client[pgx.Tx], c community.Community, files [][2]string) {
	t.Helper()
	id, err := in.Upload(t.Context(), client, c, "", time.UTC, &feed{files}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		i, err := in.Store.Import(t.Context(), c.Scope, id)
		if err != nil {
			t.Fatal(err)
		}
		dirty, err := in.Store.DirtyDays(t.Context(), c.Scope)
		if err != nil {
			t.Fatal(err)
		}
		left, _ := os.ReadDir(in.Uploads)
		if i.State == store.ImportDone && dirty == 0 && len(left) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("state %s, %d dirty days, %d uploads left", i.State, dirty, len(left))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestDrain delivers twice, out of order and with something unreadable.
func TestDrain(t *testing.T) {
	t.Parallel()
	in, c := setup(t)
	id, err := in.Store.Connect(t.Context(), c.Scope, community.Source{Platform: "lines", ExternalID: "one"})
	if err != nil {
		t.Fatal(err)
	}
	var list []community.Payload
	for n := range 7_000 {
		at := 1714550400 + int64((n*7919)%7000)
		list = append(list, in.Seal(community.Payload{Key: fmt.Sprint(n), Kind: "line", Scope: "c", Body: fmt.Appendf(nil, "%d p%d hi", at, n%5)}))
	}
	list = append(list, in.Seal(community.Payload{Key: "bad", Kind: "line", Body: []byte("x")}))
	for range 2 {
		if _, err := in.Store.Accept(t.Context(), c.Scope, id, list); err != nil {
			t.Fatal(err)
		}
	}
	p := store.Pending{Scope: c.Scope, Connection: id}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := in.Drain(t.Context(), p); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, err := in.Drain(t.Context(), p); err != nil { // had the first one been told that another was at it
		t.Error(err)
	}
	if n := census(t, in, c); n.Messages != 7_000 {
		t.Errorf("census: %+v", n)
	}
	if pending, err := in.Store.PendingConnections(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("still pending: %v, %v", pending, err)
	}
}
