package all_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/connectors/sample"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/exportfs"
)

var sampleEnd = time.Date(2025, 11, 25, 18, 30, 5, 0, time.UTC)

// samplers are the connectors that write a part of the sample, with its place.
func samplers(t *testing.T) map[connectors.Connector]sample.Place {
	t.Helper()
	places := map[community.Platform]sample.Place{"discord": sample.Server, "slack": sample.Workspace, "whatsapp": sample.Group}
	found := map[connectors.Connector]sample.Place{}
	for _, c := range all.List() {
		if s, ok := c.(connectors.Sampler); ok {
			if found[c] = s.SamplePlace(); found[c] != places[c.Platform()] {
				t.Errorf("%s tells of place %d", c.Platform(), found[c])
			}
		}
	}
	if len(found) != len(places) {
		t.Fatalf("%d connectors write a sample, want %d", len(found), len(places))
	}
	return found
}

// written returns the name and bytes of a connector's sample.
func written(t *testing.T, c connectors.Connector, s sample.Story) (string, []byte) {
	t.Helper()
	name, write := c.(connectors.Sampler).Sample(s)
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return name, b.Bytes()
}

func TestSameStorySameBytes(t *testing.T) {
	t.Parallel()
	first, second := sample.Generate(5, sampleEnd), sample.Generate(5, sampleEnd)
	other := sample.Generate(6, sampleEnd)
	for c := range samplers(t) {
		name, a := written(t, c, first)
		again, b := written(t, c, second)
		if name != again || !bytes.Equal(a, b) {
			t.Errorf("%s differs from one time to the next", name)
		}
		if _, b := written(t, c, other); bytes.Equal(a, b) {
			t.Errorf("%s is the same for another seed", name)
		}
		if len(a) < 10<<10 || len(a) > 2<<20 {
			t.Errorf("%s has %d bytes", name, len(a))
		}
		t.Logf("%s: %d kB", name, len(a)>>10)
	}
}

// Each platform's importer reads from its sample what the story tells, no more
// and no less.
func TestSamplesAreRead(t *testing.T) {
	t.Parallel()
	s := sample.Generate(1, sampleEnd)
	for c, place := range samplers(t) {
		t.Run(string(c.Platform()), func(t *testing.T) {
			t.Parallel()
			fsys, archive := opened(t, c, s)
			for _, other := range all.List() {
				if i, ok := other.(connectors.Importer); ok && i.Recognises(fsys) != (other.Platform() == c.Platform()) {
					t.Errorf("recognised by %s: %v", other.Name(), other.Platform() != c.Platform())
				}
			}
			got := read(t, c, fsys, connectors.ImportOptions{Location: s.Location, Archive: archive})
			want := s.Count(place)
			if !got.source.Measures.Reactions {
				want.Reactions = 0
			}
			if !got.source.Measures.Joins { // then they are notices
				got.counts.Joins = got.notices
			}
			if !got.source.Measures.Leaves { // then who left is listed, or nothing is known
				got.counts.Leaves = got.departed
				if !got.source.Measures.MemberList {
					want.Leaves = 0
				}
			}
			if got.counts != want {
				t.Errorf("read %+v, want %+v", got.counts, want)
			}
			if got.source.Name != s.Spaces[place].Name {
				t.Errorf("the source is called %q", got.source.Name)
			}
			if n := teamOf(s, place); got.team != n && !got.source.Measures.Leaves {
				t.Errorf("%d people are known to be team, want %d", got.team, n)
			}
		})
	}
}

// opened writes a sample to the disk and opens it as an import does.
func opened(t *testing.T, c connectors.Connector, s sample.Story) (fsys *exportfs.FS, archive string) {
	t.Helper()
	name, data := written(t, c, s)
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	fsys, err := exportfs.Open([]string{path}, exportfs.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fsys.Close() })
	if filepath.Ext(name) == ".zip" {
		archive = name
	}
	return fsys, archive
}

func teamOf(s sample.Story, place sample.Place) int {
	team := map[int]bool{}
	for i := range s.Events {
		if e := &s.Events[i]; e.Place == place && s.People[e.Person].Team {
			team[e.Person] = true
		}
	}
	return len(team)
}

// reading is what an importer made of a sample.
type reading struct {
	source  community.Source
	counts  sample.Counts
	notices int // of newcomers
	// departed and team are of people, by their list or their roles.
	departed, team int
}

func read(t *testing.T, c connectors.Connector, fsys *exportfs.FS, o connectors.ImportOptions) reading {
	t.Helper()
	var r reading
	people, seen := map[string]community.Identity{}, map[string]bool{}
	err := c.(connectors.Importer).Import(t.Context(), fsys, o, func(_ context.Context, record connectors.Record) error {
		if record.Refusal != nil {
			t.Errorf("refused: %+v", *record.Refusal)
		}
		if record.Source != nil {
			r.source = *record.Source
		}
		if record.Payload == nil {
			return nil
		}
		batch, err := c.Normalize(*record.Payload)
		if err != nil {
			t.Errorf("%s:%d: %v", record.File, record.Line, err)
		}
		for _, p := range batch.Identities {
			if known := people[p.ExternalID]; len(known.Roles) > len(p.Roles) || known.Listed {
				continue
			}
			people[p.ExternalID] = p
		}
		for _, a := range batch.Activities {
			if seen[a.ExternalID] {
				t.Errorf("%s stands twice", a.ExternalID)
			}
			seen[a.ExternalID] = true
			r.count(a)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.people(people)
	return r
}

func (r *reading) count(a community.Activity) {
	switch a.Kind {
	case community.Message:
		r.counts.Messages++
	case community.Reaction:
		r.counts.Reactions++
	case community.Join:
		r.counts.Joins++
	case community.Leave:
		r.counts.Leaves++
	case community.Notice:
		if a.Detail == "channel_join" {
			r.notices++
		}
	}
}

func (r *reading) people(all map[string]community.Identity) {
	for _, p := range all {
		if p.Bot {
			r.counts.Bots++
			continue
		}
		r.counts.People++
		if p.Departed {
			r.departed++
		}
		if len(p.Roles) > 0 {
			r.team++
		}
	}
}
