package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// The jobs. Arguments carry ids, never payloads.
type (
	// ImportArgs reads the files of one import.
	ImportArgs struct {
		Organisation int64 `json:"organisation"`
		Community    int64 `json:"community"`
		Import       int64 `json:"import"`
	}
	// DrainArgs empties the inbox of one connection.
	DrainArgs struct {
		Organisation int64 `json:"organisation"`
		Community    int64 `json:"community"`
		Connection   int64 `json:"connection"`
	}
	// BackfillArgs walks on through the history of a connection.
	BackfillArgs struct {
		Organisation int64 `json:"organisation"`
		Community    int64 `json:"community"`
		Backfill     int64 `json:"backfill"`
	}
	// RollUpArgs recomputes dirty days.
	RollUpArgs struct{}
	// ArmArgs starts drains where payloads wait, and takes up again the imports
	// that a dead process left.
	ArmArgs struct{}
	// RetainArgs removes raw data whose time is over.
	RetainArgs struct{}
	// ChoreArgs does something that belongs to another package.
	ChoreArgs struct {
		Name string `json:"name"`
	}
)

// Kind names the job in River's table.
func (ImportArgs) Kind() string { return "import" }

// Kind names the job in River's table.
func (DrainArgs) Kind() string { return "drain" }

// Kind names the job in River's table.
func (BackfillArgs) Kind() string { return "backfill" }

// Kind names the job in River's table.
func (RollUpArgs) Kind() string { return "rollup" }

// Kind names the job in River's table.
func (ArmArgs) Kind() string { return "arm" }

// Kind names the job in River's table.
func (RetainArgs) Kind() string { return "retain" }

// Kind names the job in River's table.
func (ChoreArgs) Kind() string { return "chore" }

// The periodic jobs are not unique in River's sense: the row of one that a
// killed process was working on stays "running" for an hour, and nothing else
// would run meanwhile. Locks of the database, which go with the process, keep
// two from doing the same work; one that comes too many finds the lock taken.

// InsertOpts tries once: the next one comes in a moment.
func (DrainArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 1} }

// InsertOpts tries once: the next one comes in a moment. Walks have their own
// queue: they wait for platforms.
func (BackfillArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 1, Queue: historyQueue}
}

// InsertOpts tries once: the next one comes in a moment.
func (RollUpArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 1} }

// InsertOpts tries once: the next one comes in a moment.
func (ArmArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 1} }

// InsertOpts tries once: the next one comes in a moment.
func (ChoreArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 1} }

// Chore is work of another package that comes again and again. Two may run at
// once, in two processes: the work itself keeps them apart.
type Chore struct {
	Name  string
	Every time.Duration
	Do    func(context.Context) error
}

// Raw payloads are kept for RetainDays, drained ones longer nowhere.
const RetainDays = 7

// How often the periodic jobs run.
const (
	rollUpEvery = 2 * time.Second
	armEvery    = 2 * time.Second
	retainEvery = time.Hour
	reviveAfter = 20 * time.Second
)

// Client returns a River client. It inserts jobs; with work it also does them,
// once started.
func (in *Ingest) Client(work bool) (*river.Client[pgx.Tx], error) {
	config := &river.Config{
		Logger:     in.Log,
		Middleware: traced(),
		// A rollup and an arming every other second would fill the table.
		CompletedJobRetentionPeriod: 10 * time.Minute,
		JobTimeout:                  -1,
		SoftStopTimeout:             5 * time.Second,
		// Rebuilding indexes is the owner's, and the application owns no table.
		ReindexerSchedule: river.NeverSchedule(),
	}
	if work {
		workers := river.NewWorkers()
		river.AddWorker(workers, &importWorker{ingest: in})
		river.AddWorker(workers, &drainWorker{ingest: in})
		river.AddWorker(workers, &backfillWorker{ingest: in})
		river.AddWorker(workers, &rollUpWorker{ingest: in})
		river.AddWorker(workers, &armWorker{ingest: in, revived: map[int64]time.Time{}})
		river.AddWorker(workers, &retainWorker{ingest: in})
		config.Workers = workers
		config.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}, importQueue: {MaxWorkers: 2}, historyQueue: {MaxWorkers: 8}}
		river.AddWorker(workers, &choreWorker{chores: in.Chores})
		config.PeriodicJobs = periodic(in.Chores)
	}
	client, err := river.NewClient(riverpgxv5.New(in.Store.Pool()), config)
	if err != nil {
		return nil, fmt.Errorf("ingest: client: %w", err)
	}
	return client, nil
}

// importQueue keeps long imports from taking the workers of everything else.
const (
	importQueue  = "import"
	historyQueue = "history"
)

// InsertOpts sends imports to their own queue. Rows decide about retries.
func (ImportArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: importQueue} }

func periodic(chores []Chore) []*river.PeriodicJob {
	every := func(d time.Duration, args river.JobArgs) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(d),
			func() (river.JobArgs, *river.InsertOpts) { return args, nil }, &river.PeriodicJobOpts{RunOnStart: true})
	}
	list := []*river.PeriodicJob{
		every(rollUpEvery, RollUpArgs{}), every(armEvery, ArmArgs{}), every(retainEvery, RetainArgs{}),
	}
	for _, c := range chores {
		list = append(list, every(c.Every, ChoreArgs{Name: c.Name}))
	}
	return list
}

type choreWorker struct {
	river.WorkerDefaults[ChoreArgs]
	chores []Chore
}

func (w *choreWorker) Work(ctx context.Context, job *river.Job[ChoreArgs]) error {
	for _, c := range w.chores {
		if c.Name == job.Args.Name {
			return c.Do(ctx)
		}
	}
	return nil // of another version
}

type importWorker struct {
	river.WorkerDefaults[ImportArgs]
	ingest *Ingest
}

func (w *importWorker) Work(ctx context.Context, job *river.Job[ImportArgs]) error {
	sc := community.Scope{Organisation: job.Args.Organisation, Community: job.Args.Community}
	err := w.ingest.RunImport(ctx, sc, job.Args.Import)
	if errors.Is(err, ErrHeld) || errors.Is(err, community.ErrNotFound) {
		return nil
	}
	return err
}

type drainWorker struct {
	river.WorkerDefaults[DrainArgs]
	ingest *Ingest
}

func (w *drainWorker) Work(ctx context.Context, job *river.Job[DrainArgs]) error {
	_, err := w.ingest.Drain(ctx, store.Pending{
		Scope:      community.Scope{Organisation: job.Args.Organisation, Community: job.Args.Community},
		Connection: job.Args.Connection,
	})
	return err
}

type backfillWorker struct {
	river.WorkerDefaults[BackfillArgs]
	ingest *Ingest
}

func (w *backfillWorker) Work(ctx context.Context, job *river.Job[BackfillArgs]) error {
	sc := community.Scope{Organisation: job.Args.Organisation, Community: job.Args.Community}
	if err := w.ingest.Backfill(ctx, sc, job.Args.Backfill); !errors.Is(err, community.ErrNotFound) {
		return err
	}
	return nil
}

type rollUpWorker struct {
	river.WorkerDefaults[RollUpArgs]
	ingest *Ingest
}

func (w *rollUpWorker) Work(ctx context.Context, _ *river.Job[RollUpArgs]) error {
	_, err := w.ingest.RollUp(ctx)
	return err
}

type armWorker struct {
	river.WorkerDefaults[ArmArgs]
	ingest  *Ingest
	mu      sync.Mutex
	revived map[int64]time.Time // when an import was last given a job, in this process
}

func (w *armWorker) Work(ctx context.Context, _ *river.Job[ArmArgs]) error {
	client := river.ClientFromContext[pgx.Tx](ctx)
	pending, err := w.ingest.Store.PendingConnections(ctx)
	if err != nil {
		return err
	}
	for _, p := range pending {
		args := DrainArgs{Organisation: p.Organisation, Community: p.Community, Connection: p.Connection}
		if _, err := client.Insert(ctx, args, nil); err != nil {
			return fmt.Errorf("arm: %w", err)
		}
	}
	due, err := w.ingest.Store.DueBackfills(ctx)
	if err != nil {
		return err
	}
	for _, b := range due {
		release, free, err := w.ingest.Store.HoldBackfill(ctx, b.Connection)
		if err != nil {
			return err
		}
		if !free {
			continue // somebody walks it
		}
		release()
		args := BackfillArgs{Organisation: b.Organisation, Community: b.Community, Backfill: b.ID}
		if _, err := client.Insert(ctx, args, nil); err != nil {
			return fmt.Errorf("arm: %w", err)
		}
	}
	return w.revive(ctx, client)
}

// revive gives a job to imports that should be running and that nobody holds:
// their process died. A second job for one import does no harm, it finds it held.
func (w *armWorker) revive(ctx context.Context, client *river.Client[pgx.Tx]) error {
	list, err := w.ingest.Store.UnfinishedImports(ctx)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range list {
		if time.Since(w.revived[i.ID]) < reviveAfter || (i.State == store.ImportWaiting && time.Since(i.Created) < reviveAfter) {
			continue
		}
		release, free, err := w.ingest.Store.HoldImport(ctx, i)
		if err != nil {
			return err
		}
		if !free {
			continue
		}
		release()
		w.revived[i.ID] = time.Now()
		args := ImportArgs{Organisation: i.Organisation, Community: i.Community, Import: i.ID}
		if _, err := client.Insert(ctx, args, nil); err != nil {
			return fmt.Errorf("revive: %w", err)
		}
	}
	return nil
}

type retainWorker struct {
	river.WorkerDefaults[RetainArgs]
	ingest *Ingest
}

func (w *retainWorker) Work(ctx context.Context, _ *river.Job[RetainArgs]) error {
	n, err := w.ingest.Store.DropDrained(ctx, RetainDays*24*time.Hour)
	if err != nil {
		return err
	}
	if n > 0 {
		w.ingest.Log.InfoContext(ctx, "payloads dropped", slog.Int64("count", n))
	}
	return w.ingest.dropOrphans(ctx)
}

// dropOrphans removes uploads that no import will read: of an upload that broke
// off, or whose import ended while its files could not be removed.
func (in *Ingest) dropOrphans(ctx context.Context) error {
	entries, err := os.ReadDir(in.Uploads)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("retain: %w", err)
	}
	wanted, err := in.Store.UploadsInUse(ctx)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < 24*time.Hour || wanted[e.Name()] {
			continue
		}
		if err := os.RemoveAll(filepath.Join(in.Uploads, e.Name())); err != nil {
			return fmt.Errorf("retain: %w", err)
		}
	}
	return nil
}
