package ingest

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/exportfs"
	"github.com/foyer-app/foyer/internal/store"
)

// Reasons why an import as a whole fails: keys of the catalogue, "import.error.<reason>".
const (
	ReasonNotRecognised = "not_recognised"
	ReasonWrongPlatform = "wrong_platform"
	ReasonTimeZone      = "time_zone"
	ReasonDiskFull      = "disk_full"
	ReasonGone          = "files_gone"
	ReasonInternal      = "internal"
)

// maxAttempts bounds how often a reading that breaks off is taken up again.
const maxAttempts = 12

// ErrHeld says that another process is reading this import.
var ErrHeld = errors.New("another process is reading this import")

// RunImport reads an import to its end, from where an earlier attempt stopped.
// It returns nil when the import has ended or waits for an answer: the row says
// how. An error means that it can be tried again.
func (in *Ingest) RunImport(ctx context.Context, sc community.Scope, id int64) error {
	i, err := in.Store.Import(ctx, sc, id)
	if err != nil {
		return err
	}
	if i.Ended() || i.State == store.ImportAsking {
		return nil
	}
	release, ok, err := in.Store.HoldImport(ctx, i)
	if err != nil {
		return err
	}
	if !ok {
		return ErrHeld
	}
	defer release()
	// What another process did until it let go.
	if i, err = in.Store.Import(ctx, sc, id); err != nil || i.Ended() || i.State == store.ImportAsking {
		return err
	}
	if i.Attempts >= maxAttempts {
		return in.Store.FailImport(ctx, i, ReasonInternal, "")
	}
	err = in.settle(ctx, i, in.read(ctx, i))
	if err == nil {
		in.removeUploads(ctx, sc, id)
	}
	return err
}

// settle writes down how the reading ended. What can be tried again is returned.
func (in *Ingest) settle(ctx context.Context, i store.Import, err error) error {
	var (
		ask  *connectors.AskError
		file *connectors.FileError
		open *exportfs.Error
	)
	switch {
	case err == nil:
		return in.Store.FinishImport(ctx, i)
	case ctx.Err() != nil:
		return err // the process stops; the next one goes on
	case errors.Is(err, community.ErrNotFound):
		return nil // cancelled, or its community removed
	case errors.As(err, &ask):
		return in.Store.AskImport(ctx, i, store.Question{Key: ask.Question, Options: ask.Options, File: ask.File, Sample: ask.Sample})
	case diskFull(err):
		return in.Store.FailImport(ctx, i, ReasonDiskFull, "")
	case errors.As(err, &file):
		return in.Store.FailImport(ctx, i, file.Reason, file.File)
	case errors.As(err, &open):
		return in.Store.FailImport(ctx, i, open.Reason, open.Path)
	default:
		return err
	}
}

func diskFull(err error) bool {
	var pg *pgconn.PgError
	return errors.Is(err, syscall.ENOSPC) || (errors.As(err, &pg) && pg.Code == "53100")
}

// read opens the files, finds whose export they are and stores it in portions.
func (in *Ingest) read(ctx context.Context, i store.Import) error {
	c, err := in.Store.Community(ctx, i.Scope)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(i.TimeZone)
	if err != nil {
		return &connectors.FileError{Reason: ReasonTimeZone, File: i.TimeZone}
	}
	files, err := exportfs.Open(i.Paths, in.Limits)
	if err != nil {
		return err
	}
	defer files.Close()
	connector, err := in.recognise(files, i)
	if err != nil {
		return err
	}
	i.Source, i.Files, i.BytesTotal = connector.Platform(), files.Files(), files.Total()
	if err := in.Store.StartImport(ctx, i); err != nil {
		return err
	}
	reading := &reading{ingest: in, imp: i, community: c, connector: connector, files: files, portions: make(chan portion), decided: map[string]string{}}
	maps.Copy(reading.decided, i.Decisions)
	if i.Cursor == "" {
		for _, r := range files.Refused() {
			reading.next.refusals = append(reading.next.refusals, connectors.Refusal{File: r.Name, Reason: r.Reason})
		}
	}
	opts := connectors.ImportOptions{Location: zone, Answers: i.Answers, Resume: i.Cursor}
	if len(i.Names) == 1 && strings.EqualFold(filepath.Ext(i.Names[0]), ".zip") {
		opts.Archive = i.Names[0]
	}
	err = reading.run(ctx, opts)
	if bomb := files.Err(); bomb != nil {
		return bomb // whatever the importer made of it
	}
	return err
}

// recognise returns the connector whose export the files are.
func (in *Ingest) recognise(files *exportfs.FS, i store.Import) (connectors.Connector, error) {
	for _, c := range in.Connectors {
		imp, ok := c.(connectors.Importer)
		if !ok || (i.Source != "" && i.Source != c.Platform()) || !imp.Recognises(files) {
			continue
		}
		return c, nil
	}
	if i.Source != "" {
		return nil, &connectors.FileError{Reason: ReasonWrongPlatform, File: i.Names[0]}
	}
	return nil, &connectors.FileError{Reason: ReasonNotRecognised, File: i.Names[0]}
}

// reading is one run over the files of an import. Reading and understanding
// happen in one goroutine, storing in another.
type reading struct {
	ingest    *Ingest
	imp       store.Import
	community community.Community
	connector connectors.Connector
	files     *exportfs.FS
	portions  chan portion
	next      portion
	source    *community.Source
	cursor    string
	decided   map[string]string // by all sources so far
}

// portion is what one transaction stores.
type portion struct {
	source   *community.Source
	decided  map[string]string
	batch    community.Batch
	payloads int64
	bytes    int
	refusals []connectors.Refusal
	cursor   string
	read     int64
}

func (p *portion) empty() bool { return p.payloads == 0 && len(p.refusals) == 0 }

func (r *reading) run(ctx context.Context, opts connectors.ImportOptions) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(r.portions)
		r.cursor = opts.Resume
		// Recognise has checked that it is an importer.
		if err := r.connector.(connectors.Importer).Import(ctx, r.files, opts, r.emit); err != nil {
			return err
		}
		return r.flush(ctx)
	})
	g.Go(func() error {
		var intake *store.Intake
		var of *community.Source
		for p := range r.portions {
			if p.source != nil && p.source != of {
				id, err := r.ingest.Store.Connect(ctx, r.imp.Scope, *p.source)
				if err != nil {
					return err
				}
				intake, of = r.ingest.Store.NewIntake(r.community, id, *p.source).For(r.imp.ID), p.source
			}
			if err := r.ingest.store(ctx, r.imp, intake, p); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// emit takes one record of the importer and hands a full portion on. A portion
// ends where the importer can resume, so that no payload is counted twice.
func (r *reading) emit(ctx context.Context, rec connectors.Record) error {
	switch {
	case rec.Source != nil:
		if err := r.flush(ctx); err != nil {
			return err
		}
		r.source = rec.Source
		r.decide(rec.Source.Decisions)
	case rec.Payload != nil:
		batch, err := r.connector.Normalize(*rec.Payload)
		if err != nil {
			r.next.refusals = append(r.next.refusals, refusalOf(rec, err))
		} else {
			r.next.batch.Append(batch)
		}
		r.next.payloads++
		r.next.bytes += len(rec.Payload.Body)
	case rec.Refusal != nil:
		r.next.refusals = append(r.next.refusals, *rec.Refusal)
	}
	full := r.next.payloads >= portionSize || r.next.bytes >= portionBytes || len(r.next.refusals) >= portionSize
	if rec.Cursor != "" {
		r.cursor = rec.Cursor
	}
	if full && (rec.Cursor != "" || r.next.bytes >= 4*portionBytes || r.next.payloads >= 4*portionSize) {
		return r.flush(ctx)
	}
	return ctx.Err()
}

// Mixed stands for a decision that differs from file to file.
const Mixed = "mixed"

// decide notes what a source decided; where sources differ it says so.
func (r *reading) decide(decisions map[string]string) {
	for k, v := range decisions {
		if was, ok := r.decided[k]; ok && was != v {
			v = Mixed
		}
		r.decided[k] = v
	}
}

// refusalOf lists a payload that could not be understood, with its place.
func refusalOf(rec connectors.Record, err error) connectors.Refusal {
	refusal := connectors.Refusal{File: rec.File, Line: rec.Line, Reason: connectors.ReasonNotJSON, Lines: rec.Lines}
	var known *connectors.RefusedError
	if errors.As(err, &known) {
		refusal.Reason, refusal.Detail = known.Reason, known.Detail
	}
	return refusal
}

func (r *reading) flush(ctx context.Context) error {
	if r.next.empty() {
		return ctx.Err()
	}
	p := r.next
	p.source, p.decided, p.cursor, p.read = r.source, maps.Clone(r.decided), r.cursor, r.files.Read()
	r.next = portion{}
	select {
	case r.portions <- p:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
