package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/sample"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// Sample is somebody's organisation with the sample data.
type Sample struct {
	Organisation store.Organisation
	Made         bool // just now; false: it was there
	Main         community.Community
	Import       int64 // of the main community, which is still to be read; 0: all were
}

// ErrNoSample says that no connector writes a part of the sample.
var ErrNoSample = errors.New("there is no sample data")

// The sample is the same for everybody but for its last day.
const (
	sampleSeed  = 1
	sampleBytes = 256 << 20 // far above what a sample has
)

// MakeSample gives a person the organisation with the sample data: its
// communities, their team, and the exports queued as if they had been uploaded.
// What is there already stays, what is missing is added: two calls at once, and
// one after a call that was cut short, make one whole sample.
func (in *Ingest) MakeSample(ctx context.Context, client *river.Client[pgx.Tx], u store.User, language string) (Sample, error) {
	made, err := in.makeSample(ctx, client, u, language)
	if err != nil {
		return made, fmt.Errorf("ingest: make sample: %w", err)
	}
	return made, nil
}

func (in *Ingest) makeSample(ctx context.Context, client *river.Client[pgx.Tx], u store.User, language string) (made Sample, err error) {
	if !connectors.CanSample(in.Connectors) {
		return made, ErrNoSample
	}
	release, err := in.Store.HoldSample(ctx, u.ID)
	if err != nil {
		return made, err
	}
	defer release()
	made.Organisation, err = in.Store.SampleOf(ctx, u.ID)
	if errors.Is(err, community.ErrNotFound) {
		made.Made = true
		made.Organisation, err = in.Store.CreateOrganisation(ctx, store.Organisation{
			Name: sample.Name, Kind: "brand", Sample: true, TimeZone: "Europe/Paris", Currency: "EUR", Language: language,
		}, u.ID)
	}
	if err != nil {
		return made, err
	}
	ctx = store.WithTenant(ctx, made.Organisation.ID)
	// The story ends when it was first asked for, so that it is the same each time.
	story := sample.Generate(sampleSeed, made.Organisation.Created)
	for _, part := range story.Parts() {
		c, waits, err := in.bringPart(ctx, client, made.Organisation.ID, story, part)
		if err != nil {
			return made, err
		}
		if made.Main.Scope.Community == 0 {
			made.Main, made.Import = c, waits
		}
	}
	return made, nil
}

// bringPart makes a community of the story, where it is missing, and queues the
// exports that it lacks. It returns the largest import that has not ended, or 0;
// and no community for a part that no connector writes.
func (in *Ingest) bringPart(ctx context.Context, client *river.Client[pgx.Tx], org int64, story sample.Story, part sample.Part) (community.Community, int64, error) {
	list := in.samplers(part)
	if len(list) == 0 {
		return community.Community{}, 0, nil
	}
	c, err := in.Store.CreateCommunity(ctx, org, part.Name, story.Location)
	if errors.Is(err, store.ErrExists) {
		c, err = in.Store.CommunityNamed(ctx, org, part.Name)
	}
	if err != nil {
		return c, 0, err
	}
	imports, err := in.Store.Imports(ctx, c.Scope)
	if err != nil {
		return c, 0, err
	}
	if len(imports) == 0 { // later the visitor may have changed the rules
		rules := store.TeamRules{Domains: story.TeamDomains(), Roles: []string{strings.ToLower(story.TeamRole)}}
		if err := in.Store.SetTeamRules(ctx, c.Scope, rules); err != nil {
			return c, 0, err
		}
	}
	for _, s := range list {
		if err := in.bringExport(ctx, client, c, story, s, imports); err != nil {
			return c, 0, err
		}
	}
	waits, err := in.largestWaiting(ctx, c)
	return c, waits, err
}

// samplers are the connectors that write a part, in the order of its places.
func (in *Ingest) samplers(part sample.Part) []connectors.Connector {
	var list []connectors.Connector
	for _, place := range part.Places {
		for _, c := range in.Connectors {
			if s, ok := c.(connectors.Sampler); ok && s.SamplePlace() == place {
				list = append(list, c)
			}
		}
	}
	return list
}

// bringExport uploads a connector's export unless one was brought before.
func (in *Ingest) bringExport(ctx context.Context, client *river.Client[pgx.Tx], c community.Community, story sample.Story,
	from connectors.Connector, before []store.Import,
) error {
	sampler, ok := from.(connectors.Sampler)
	there := slices.ContainsFunc(before, func(i store.Import) bool {
		return i.Source == from.Platform() && i.State != store.ImportFailed && i.State != store.ImportCancelled
	})
	if !ok || there {
		return nil
	}
	name, write := sampler.Sample(story)
	files := &writtenFile{name: name, write: write}
	defer files.close()
	_, err := in.Upload(ctx, client, c, from.Platform(), story.Location, files, sampleBytes)
	return err
}

// largestWaiting is the import that takes longest of those that have not ended.
func (in *Ingest) largestWaiting(ctx context.Context, c community.Community) (int64, error) {
	list, err := in.Store.Imports(ctx, c.Scope)
	list = slices.DeleteFunc(list, store.Import.Ended)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return slices.MaxFunc(list, func(a, b store.Import) int { return cmp.Compare(a.BytesTotal, b.BytesTotal) }).ID, nil
}

// writtenFile is one file that is written while it is read.
type writtenFile struct {
	name  string
	write func(io.Writer) error
	pipe  *io.PipeReader
}

// Next implements Files.
func (f *writtenFile) Next() (string, io.Reader, error) {
	if f.pipe != nil {
		return "", nil, io.EOF
	}
	r, w := io.Pipe()
	f.pipe = r
	go func() { _ = w.CloseWithError(f.write(w)) }() // never fails; close ends the writing
	return f.name, r, nil
}

func (f *writtenFile) close() {
	if f.pipe != nil {
		_ = f.pipe.Close()
	}
}

// RemoveSample removes an organisation with sample data, which its owner asked
// for, and the files that were still to be read; community.ErrNotFound when it is
// gone, or holds other data.
func (in *Ingest) RemoveSample(ctx context.Context, user, organisation int64) error {
	if err := in.removeSample(store.WithTenant(ctx, organisation), user, organisation); err != nil {
		return fmt.Errorf("ingest: remove sample: %w", err)
	}
	return nil
}

func (in *Ingest) removeSample(ctx context.Context, user, organisation int64) error {
	release, err := in.Store.HoldSample(ctx, user)
	if err != nil {
		return err
	}
	defer release()
	o, err := in.Store.Organisation(ctx, organisation)
	if err != nil {
		return err
	}
	if !o.Sample {
		return community.ErrNotFound
	}
	// From the mark on nobody sees it; what is not finished here the jobs finish.
	if err := in.Store.MarkOrganisation(ctx, organisation); err != nil {
		return err
	}
	return in.finishDeletion(ctx, store.Deletion{Organisation: organisation})
}
