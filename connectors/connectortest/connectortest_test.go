package connectortest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

func TestHonestConnectorPasses(t *testing.T) { Run(t, honest(), "testdata") }

// chatty emits on although it was told to stop, or ignores the context.
func chatty(ctx context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
	var failed error
	err := importLines(ctx, files, o, func(ctx context.Context, r connectors.Record) error {
		failed = errors.Join(failed, emit(ctx, r))
		return nil
	})
	return errors.Join(err, failed)
}

func deaf(_ context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
	return importLines(context.Background(), files, o, emit)
}

func TestBrokenConnectorsAreCaught(t *testing.T) {
	calls := 0
	shared := make([]byte, 64)
	abroad := time.FixedZone("", 3600)
	at := func(change func(*community.Activity)) fake {
		f := honest()
		f.normalize = doing(change)
		return f
	}
	batch := func(change func(*community.Batch)) fake {
		f := honest()
		f.normalize = sending(change)
		return f
	}
	reads := func(change func(int, *connectors.Record)) fake {
		f := honest()
		f.read = passing(change)
		return f
	}
	with := func(change func(*fake)) fake {
		f := honest()
		change(&f)
		return f
	}
	for _, c := range []struct {
		rule, says string
		broken     fake
	}{
		{"identity", "lower case", with(func(f *fake) { f.platform = "Fake!" })},
		{"identity", "no key", with(func(f *fake) { f.platform = "" })},
		{"golden", "differs", at(func(a *community.Activity) { a.Amount = 2 })},
		{"pure", "two different", at(func(a *community.Activity) { calls++; a.Amount = calls })},
		{"pure", "changed the body", with(func(f *fake) {
			f.normalize = func(p connectors.Payload) (community.Batch, error) {
				p.Body[0]++
				return line(p)
			}
		})},
		{"pure", "gave", with(func(f *fake) {
			f.normalize = func(p connectors.Payload) (community.Batch, error) {
				if calls++; calls%2 == 0 {
					return community.Batch{}, errors.New("not again")
				}
				return line(p)
			}
		})},
		{"cut", "panicked", with(func(f *fake) {
			f.normalize = func(p connectors.Payload) (community.Batch, error) {
				_ = p.Body[len(p.Body)-1]
				return line(p)
			}
		})},
		{"cut", "begin with", at(func(a *community.Activity) {
			if a.ExternalID != "fake/one" {
				a.ExternalID = "cut"
			}
		})},
		{"sound", "begin with", at(func(a *community.Activity) { a.ExternalID = "other/1" })},
		{"sound", "parent", at(func(a *community.Activity) { a.Parent = "other/1" })},
		{"sound", "without its time", at(func(a *community.Activity) { a.ParentAt = time.Time{} })},
		{"sound", "without its parent", at(func(a *community.Activity) { a.Parent = "" })},
		{"sound", "kind 0", at(func(a *community.Activity) { a.Kind = 0 })},
		{"sound", "kind 7", at(func(a *community.Activity) { a.Kind = 7 })},
		{"sound", "zero or not", at(func(a *community.Activity) { a.At = time.Time{} })},
		{"sound", "zero or not", at(func(a *community.Activity) { a.At = a.At.In(abroad) })},
		{"sound", "zero or not", at(func(a *community.Activity) { a.Keyed, a.At, a.Parent, a.ParentAt = true, time.Time{}, "", time.Time{} })},
		{"sound", "without its parent", at(func(a *community.Activity) { a.Keyed = true })},
		{"sound", "tombstone", at(func(a *community.Activity) { a.Keyed, a.Deleted, a.ParentAt = true, true, time.Time{} })},
		{"sound", "parent's time", at(func(a *community.Activity) { a.ParentAt = a.ParentAt.In(abroad) })},
		{"sound", "tombstone", at(func(a *community.Activity) { a.Deleted = true })},
		{"sound", "negative", at(func(a *community.Activity) { a.Amount = -1 })},
		{"sound", "addressed", at(func(a *community.Activity) { a.To = []string{""} })},
		{"sound", "longer", at(func(a *community.Activity) { a.ExternalID += strings.Repeat("x", longest) })},
		{"sound", "UTF-8", at(func(a *community.Activity) { a.Actor = "a\x00" })},
		{"sound", "twice", batch(func(b *community.Batch) { b.Append(*b) })},
		{"sound", "empty or", batch(func(b *community.Batch) { b.Channels[0].ExternalID = "" })},
		{"sound", "UTF-8", batch(func(b *community.Batch) { b.Identities[0].Name = "\xff" })},
		{"import", "not recognised", with(func(f *fake) { f.recognise = func(fs.FS) bool { return false } })},
		{"import", "not the source", reads(func(n int, r *connectors.Record) {
			if n == 0 {
				*r = connectors.Record{Cursor: "0"}
			}
		})},
		{"import", "is not one of", reads(func(n int, r *connectors.Record) { r.Cursor = ""; r.Payload = nil })},
		{"import", "is not one of", reads(func(n int, r *connectors.Record) {
			if n > 0 {
				r.Source = &community.Source{Platform: "fake", ExternalID: "1"}
			}
		})},
		{"import", "another platform", reads(func(n int, r *connectors.Record) {
			if r.Source != nil {
				r.Source.Platform = "other"
			}
		})},
		{"import", "without its file", reads(func(n int, r *connectors.Record) { r.File = "" })},
		{"import", "without reason", reads(func(n int, r *connectors.Record) {
			if r.Refusal != nil {
				r.Refusal.Reason = ""
			}
		})},
		{"import", "there twice", reads(func(n int, r *connectors.Record) { r.Cursor = "same" })},
		{"import", "neither a question", with(func(f *fake) {
			f.read = func(context.Context, fs.FS, connectors.ImportOptions, connectors.Emit) error { return fs.ErrInvalid }
		})},
		{"import twice", "record 0", reads(func(n int, r *connectors.Record) { calls++; r.Line = calls })},
		{"import payloads", "overwritten", reads(func(n int, r *connectors.Record) {
			if r.Payload != nil {
				shared = append(shared[:0], r.Payload.Body...)
				r.Payload.Body = shared
			}
		})},
		{"import payloads", "panicked", with(func(f *fake) {
			f.normalize = func(connectors.Payload) (community.Batch, error) { panic("no") }
		})},
		{"import payloads", "kind 9", at(func(a *community.Activity) { a.Kind = 9 })},
		{"import resumed", "record", with(func(f *fake) {
			f.read = func(ctx context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
				o.Resume = ""
				return importLines(ctx, files, o, emit)
			}
		})},
		{"import resumed", "begin with the source", with(func(f *fake) {
			f.read = func(ctx context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
				return importLines(ctx, files, o, func(ctx context.Context, r connectors.Record) error {
					if o.Resume != "" && r.Source != nil {
						return nil
					}
					return emit(ctx, r)
				})
			}
		})},
		{"import resumed", "source is", with(func(f *fake) {
			f.read = func(ctx context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
				return importLines(ctx, files, o, func(ctx context.Context, r connectors.Record) error {
					if o.Resume != "" && r.Source != nil {
						r.Source.Name = "other"
					}
					return emit(ctx, r)
				})
			}
		})},
		{"import stopped", "called again", with(func(f *fake) { f.read = chatty })},
		{"import stopped", "returned", with(func(f *fake) {
			f.read = func(ctx context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
				if err := importLines(ctx, files, o, emit); !errors.Is(err, errStop) {
					return err
				}
				return nil
			}
		})},
		{"import cancelled", "before it began", with(func(f *fake) { f.read = deaf })},
		{"import cancelled", "at its first record", with(func(f *fake) {
			f.read = func(ctx context.Context, files fs.FS, o connectors.ImportOptions, emit connectors.Emit) error {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				return deaf(ctx, files, o, emit)
			}
		})},
		{"import empty", "gave <nil>", with(func(f *fake) {
			f.read = func(context.Context, fs.FS, connectors.ImportOptions, connectors.Emit) error { return nil }
		})},
		{"import empty", "recognised", with(func(f *fake) { f.recognise = func(fs.FS) bool { return true } })},
		{"import foreign", "recognised", with(func(f *fake) {
			f.recognise = func(files fs.FS) bool {
				_, err := fs.Stat(files, "README.txt")
				return err == nil || headed(files)
			}
		})},
	} {
		calls = 0
		s := suite{connector: c.broken, dir: "testdata"}
		err := find(t, s, c.rule).check()
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("rule %q on a connector that %q: %v", c.rule, c.says, err)
		}
	}
}

func find(t *testing.T, s suite, name string) rule {
	t.Helper()
	for _, r := range s.rules() {
		if r.name == name {
			return r
		}
	}
	t.Fatalf("there is no rule %q", name)
	return rule{}
}

// bare is a connector that reads no files.
type bare struct{ f fake }

func (b bare) Platform() community.Platform                            { return b.f.platform }
func (b bare) Name() string                                            { return "Bare" }
func (b bare) Normalize(p connectors.Payload) (community.Batch, error) { return b.f.normalize(p) }

func TestConnectorWithoutFiles(t *testing.T) {
	Run(t, bare{honest()}, "testdata")
	for _, r := range (suite{connector: bare{honest()}, dir: "testdata"}).rules() {
		if strings.HasPrefix(r.name, "import") {
			t.Errorf("rule %q is asked of a connector that reads no files", r.name)
		}
	}
}

func TestCasesMustExist(t *testing.T) {
	s := suite{connector: honest(), dir: t.TempDir()}
	for _, name := range []string{"golden", "pure", "cut", "sound", "import", "import twice", "import resumed"} {
		if err := find(t, s, name).check(); err == nil {
			t.Errorf("rule %q passes without a case", name)
		}
	}
}

func TestUpdateWritesTheBatch(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "plain"), 0o755); err != nil {
		t.Fatal(err)
	}
	raw := []byte(`{"kind": "line", "scope": "talk", "body": "one"}`)
	if err := os.WriteFile(filepath.Join(dir, "plain", "payload.json"), raw, 0o644); err != nil {
		t.Fatal(err)
	}
	s := suite{connector: honest(), dir: dir}
	if err := s.golden(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without batch.json: %v", err)
	}
	s.update = true
	if err := s.golden(); err != nil {
		t.Errorf("update: %v", err)
	}
	s.update = false
	if err := s.golden(); err != nil {
		t.Errorf("after update: %v", err)
	}
	misspelt := []byte(`{"Activity": []}`)
	if err := os.WriteFile(filepath.Join(dir, "plain", "batch.json"), misspelt, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.golden(); err == nil || !strings.Contains(err.Error(), "unknown field") {
		t.Errorf("misspelt: %v", err)
	}
}

func TestBusinessChecks(t *testing.T) {
	t.Parallel()
	eur := func(n int64) community.Money { return community.Money{Minor: n, Currency: "EUR", Exponent: 2} }
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	good := community.Order{ExternalID: "1", At: at, Net: eur(100), Refunds: []community.Refund{{ExternalID: "r", At: at, Net: eur(10)}}}
	for name, spoil := range map[string]func(*community.Order){
		"no time":         func(o *community.Order) { o.At = time.Time{} },
		"other zone":      func(o *community.Order) { o.At = at.In(time.FixedZone("", 3600)) },
		"mixed":           func(o *community.Order) { o.Tax = community.Money{Minor: 1, Currency: "USD"} },
		"negative refund": func(o *community.Order) { o.Refunds[0].Net.Minor = -1 },
		"no currency":     func(o *community.Order) { o.Net.Currency = "" },
		"zero byte":       func(o *community.Order) { o.Guest.Emails = []string{"a\x00"} },
	} {
		o := good
		o.Refunds = []community.Refund{good.Refunds[0]}
		if err := check("x", community.Batch{Business: community.Business{Orders: []community.Order{o}}}); err != nil {
			t.Fatal(err)
		}
		spoil(&o)
		if err := check("x", community.Batch{Business: community.Business{Orders: []community.Order{o}}}); err == nil {
			t.Errorf("%s: passes", name)
		}
	}
}
