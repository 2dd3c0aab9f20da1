package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// The states of an import.
const (
	ImportWaiting   = "waiting"
	ImportRunning   = "running"
	ImportAsking    = "asking" // waits for the visitor's answer
	ImportDone      = "done"
	ImportFailed    = "failed"
	ImportCancelled = "cancelled"
)

// Import is the reading of export files, from the upload to its end.
type Import struct {
	community.Scope
	ID         int64
	State      string
	Source     community.Platform // empty: to be recognised
	TimeZone   string
	Paths      []string
	Names      []string // as the visitor knows them
	Owned      bool     // the paths are uploads of ours, removed at the end
	Answers    map[string]string
	Question   *Question
	Cursor     string
	Files      int
	BytesRead  int64
	BytesTotal int64
	Payloads   int64
	Activities int64
	Duplicates int64
	Refusals   int64
	Records    int64 // of business data: new or changed
	Decisions  map[string]string
	Reason     string // why it failed: a key of the catalogue
	ErrorFile  string
	Attempts   int
	Created    time.Time
	Started    time.Time // zero before
	Finished   time.Time // zero before
	Undone     time.Time // zero: it was not
}

// Ended says that nothing more will happen by itself.
func (i Import) Ended() bool {
	return i.State == ImportDone || i.State == ImportFailed || i.State == ImportCancelled
}

// Question is what the files cannot decide.
type Question struct {
	Key     string   `json:"key"`
	Options []string `json:"options"`
	File    string   `json:"file"`
	Sample  string   `json:"sample"`
}

// RefusalsKept bounds the refusals listed of one import; all are counted.
const RefusalsKept = 10_000

const importColumns = `organisation_id, community_id, id, state, source, time_zone, paths, names, owned, answers, question, cursor,
	files, bytes_read, bytes_total, payloads, activities, duplicates, refusals, records, decisions, error_reason, error_file, attempts,
	created_at, coalesce(started_at, 'epoch'), coalesce(finished_at, 'epoch'), coalesce(undone_at, 'epoch')`

func scanImport(row pgx.CollectableRow) (Import, error) {
	var i Import
	err := row.Scan(&i.Organisation, &i.Community, &i.ID, &i.State, &i.Source, &i.TimeZone, &i.Paths, &i.Names, &i.Owned,
		&i.Answers, &i.Question, &i.Cursor, &i.Files, &i.BytesRead, &i.BytesTotal, &i.Payloads, &i.Activities, &i.Duplicates,
		&i.Refusals, &i.Records, &i.Decisions, &i.Reason, &i.ErrorFile, &i.Attempts, &i.Created, &i.Started, &i.Finished, &i.Undone)
	for _, t := range []*time.Time{&i.Started, &i.Finished, &i.Undone} {
		if t.Unix() == 0 {
			*t = time.Time{}
		}
	}
	return i, err
}

// CreateImport records an import, inside the transaction that also inserts its job.
func (s *Store) CreateImport(ctx context.Context, tx pgx.Tx, i Import) (int64, error) {
	if i.Answers == nil {
		i.Answers = map[string]string{}
	}
	var id int64
	err := tx.QueryRow(ctx, `insert into import (organisation_id, community_id, state, source, time_zone, paths, names, owned, answers, bytes_total)
		values (@org, @com, 'waiting', @source, @zone, @paths, @names, @owned, @answers, @total) returning id`,
		scoped(i.Scope, pgx.NamedArgs{
			"source": i.Source, "zone": i.TimeZone, "paths": i.Paths, "names": i.Names,
			"owned": i.Owned, "answers": i.Answers, "total": i.BytesTotal,
		})).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store: create import: %w", err)
	}
	return id, nil
}

// Begin runs f in a transaction: for rows and River jobs that commit together.
func (s *Store) Begin(ctx context.Context, organisation int64, f func(pgx.Tx) error) error {
	return s.inTx(within(ctx, organisation), f)
}

// Import returns one import, or community.ErrNotFound.
func (s *Store) Import(ctx context.Context, sc community.Scope, id int64) (Import, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, `select `+importColumns+` from import
		where organisation_id = @org and community_id = @com and id = @id`, scoped(sc, pgx.NamedArgs{"id": id}))
	if err != nil {
		return Import{}, fmt.Errorf("store: import: %w", err)
	}
	i, err := pgx.CollectExactlyOneRow(rows, scanImport)
	if err != nil {
		return i, fmt.Errorf("store: import: %w", notFound(err))
	}
	return i, nil
}

// Imports lists a community's imports, newest first, at most 50.
func (s *Store) Imports(ctx context.Context, sc community.Scope) ([]Import, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, `select `+importColumns+` from import
		where organisation_id = @org and community_id = @com order by id desc limit 50`, scoped(sc, nil))
	if err != nil {
		return nil, fmt.Errorf("store: imports: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanImport)
	if err != nil {
		return nil, fmt.Errorf("store: imports: %w", err)
	}
	return list, nil
}

// UnfinishedImports lists, of all organisations, those that should be running:
// for the worker that revives what a dead process left.
func (s *Store) UnfinishedImports(ctx context.Context) ([]Import, error) {
	ctx = Across(ctx)
	rows, err := s.pool.Query(ctx, `select `+importColumns+` from import where state in ('waiting', 'running') order by id`)
	if err != nil {
		return nil, fmt.Errorf("store: unfinished imports: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanImport)
	if err != nil {
		return nil, fmt.Errorf("store: unfinished imports: %w", err)
	}
	return list, nil
}

// HoldImport takes the lock of an import for as long as the process lives or
// until release; false when another process holds it.
func (s *Store) HoldImport(ctx context.Context, i Import) (release func(), ok bool, err error) {
	return s.hold(ctx, fmt.Sprintf("import/%d", i.ID))
}

// StartImport says that the import is being read, from its cursor on.
func (s *Store) StartImport(ctx context.Context, i Import) error {
	ctx = of(ctx, i.Scope)
	_, err := s.pool.Exec(ctx, `update import set state = 'running', source = @source, files = @files, bytes_total = @total,
			started_at = coalesce(started_at, now()), attempts = attempts + 1, question = null
		where organisation_id = @org and community_id = @com and id = @id and state in ('waiting', 'running')`,
		scoped(i.Scope, pgx.NamedArgs{"id": i.ID, "source": i.Source, "files": i.Files, "total": i.BytesTotal}))
	if err != nil {
		return fmt.Errorf("store: start import: %w", err)
	}
	return nil
}

// Progress is what one portion of an import adds.
type Progress struct {
	Cursor     string
	BytesRead  int64 // in all
	Payloads   int64 // added, like what follows
	Activities int64
	Duplicates int64
	Records    int64
	Decisions  map[string]string
	Refusals   []community.Refusal
}

// AdvanceImport records progress in the transaction that stores the portion, so
// that a resumed import repeats and loses nothing. community.ErrNotFound when
// the import was cancelled or removed meanwhile.
func (s *Store) AdvanceImport(ctx context.Context, tx pgx.Tx, i Import, p Progress) error {
	if p.Decisions == nil {
		p.Decisions = map[string]string{}
	}
	var before int64
	err := tx.QueryRow(ctx, `update import set cursor = @cursor, bytes_read = greatest(bytes_read, @read), payloads = payloads + @payloads,
			activities = activities + @activities, duplicates = duplicates + @duplicates, refusals = refusals + @refusals,
			records = records + @records, decisions = decisions || @decisions
		where organisation_id = @org and community_id = @com and id = @id and state = 'running'
		returning refusals - @refusals`,
		scoped(i.Scope, pgx.NamedArgs{
			"id": i.ID, "cursor": p.Cursor, "read": p.BytesRead, "payloads": p.Payloads, "activities": p.Activities,
			"duplicates": p.Duplicates, "refusals": len(p.Refusals), "records": p.Records, "decisions": p.Decisions,
		})).Scan(&before)
	if err != nil {
		return fmt.Errorf("store: advance import: %w", notFound(err))
	}
	room := max(0, RefusalsKept-int(before))
	list := p.Refusals[:min(room, len(p.Refusals))]
	if len(list) == 0 {
		return nil
	}
	return s.insertRefusals(ctx, tx, i, list)
}

func (s *Store) insertRefusals(ctx context.Context, tx pgx.Tx, i Import, list []community.Refusal) error {
	n := len(list)
	files, reasons, details, lines, sealed := make([]string, n), make([]string, n), make([]string, n), make([]int32, n), make([][]byte, n)
	for k, r := range list {
		files[k], reasons[k], details[k], lines[k] = clean(r.File), clean(r.Reason), clean(r.Detail), int32(r.Line)
		sealed[k] = s.sealLines(r.Lines)
	}
	_, err := tx.Exec(ctx, `insert into refusal (organisation_id, community_id, import_id, file, line, reason, detail, lines)
		select @org, @com, @id, * from unnest(@files::text[], @lines::integer[], @reasons::text[], @details::text[], @sealed::bytea[])`,
		scoped(i.Scope, pgx.NamedArgs{"id": i.ID, "files": files, "lines": lines, "reasons": reasons, "details": details, "sealed": sealed}))
	if err != nil {
		return fmt.Errorf("store: advance import: refusals: %w", err)
	}
	return nil
}

// AskImport stops the import until the visitor has answered.
func (s *Store) AskImport(ctx context.Context, i Import, q Question) error {
	ctx = of(ctx, i.Scope)
	return s.setImport(ctx, i, `state = 'asking', question = @question`, pgx.NamedArgs{"question": q})
}

// AnswerImport records an answer and lets the import go on, inside the
// transaction that also inserts its job.
func (s *Store) AnswerImport(ctx context.Context, tx pgx.Tx, i Import, key, answer string) error {
	tag, err := tx.Exec(ctx, `update import set answers = answers || jsonb_build_object(@key::text, @answer::text), state = 'waiting', question = null
		where organisation_id = @org and community_id = @com and id = @id and state = 'asking'`,
		scoped(i.Scope, pgx.NamedArgs{"id": i.ID, "key": key, "answer": answer}))
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: answer import: %w", err)
	}
	return nil
}

// FinishImport says that everything readable went in.
func (s *Store) FinishImport(ctx context.Context, i Import) error {
	ctx = of(ctx, i.Scope)
	return s.setImport(ctx, i, `state = 'done', finished_at = now(), bytes_read = bytes_total`, nil)
}

// FailImport says why the import ended without being done. What went in stays.
func (s *Store) FailImport(ctx context.Context, i Import, reason, file string) error {
	ctx = of(ctx, i.Scope)
	return s.setImport(ctx, i, `state = 'failed', finished_at = now(), error_reason = @reason, error_file = @file`,
		pgx.NamedArgs{"reason": reason, "file": clean(file)})
}

// CancelImport ends an import that has not ended; what went in stays.
func (s *Store) CancelImport(ctx context.Context, i Import) error {
	ctx = of(ctx, i.Scope)
	return s.setImport(ctx, i, `state = 'cancelled', finished_at = now()`, nil)
}

func (s *Store) setImport(ctx context.Context, i Import, set string, more pgx.NamedArgs) error {
	ctx = of(ctx, i.Scope)
	args := scoped(i.Scope, more)
	args["id"] = i.ID
	_, err := s.pool.Exec(ctx, `update import set `+set+`
		where organisation_id = @org and community_id = @com and id = @id and state in ('waiting', 'running', 'asking')`, args)
	if err != nil {
		return fmt.Errorf("store: set import: %w", err)
	}
	return nil
}

// RefusalsOf lists what an import could not read, from an offset on.
func (s *Store) RefusalsOf(ctx context.Context, i Import, offset, limit int) ([]community.Refusal, error) {
	ctx = of(ctx, i.Scope)
	rows, err := s.pool.Query(ctx, `select file, line, reason, detail from refusal
		where organisation_id = @org and community_id = @com and import_id = @id order by id offset @offset limit @limit`,
		scoped(i.Scope, pgx.NamedArgs{"id": i.ID, "offset": offset, "limit": limit}))
	if err != nil {
		return nil, fmt.Errorf("store: refusals: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[community.Refusal])
	if err != nil {
		return nil, fmt.Errorf("store: refusals: %w", err)
	}
	return list, nil
}

// Census counts what exists in a community from one platform.
type Census struct {
	Activities, Messages, Reactions, Joins, Leaves int64
	Members, Bots, Channels                        int64
	First, Last                                    time.Time // of messages; zero when there is none
}

// Census counts what a community holds of a platform; of all when it is empty.
// It reads the activities: for the end of an import, not for pages.
func (s *Store) Census(ctx context.Context, sc community.Scope, platform community.Platform) (Census, error) {
	ctx = of(ctx, sc)
	var c Census
	err := s.pool.QueryRow(ctx, query("census"), scoped(sc, pgx.NamedArgs{"platform": platform})).Scan(
		&c.Activities, &c.Messages, &c.Reactions, &c.Joins, &c.Leaves, &c.First, &c.Last, &c.Members, &c.Bots, &c.Channels)
	if err != nil {
		return c, fmt.Errorf("store: census: %w", err)
	}
	if c.Messages == 0 {
		c.First, c.Last = time.Time{}, time.Time{}
	}
	return c, nil
}

// UploadsInUse are the names of the upload folders, of all organisations, that
// an import still has to read. Uploads lie at <folder>/<file>.
func (s *Store) UploadsInUse(ctx context.Context) (map[string]bool, error) {
	ctx = Across(ctx)
	rows, err := s.pool.Query(ctx, `select distinct regexp_replace(p, '^.*/([^/]+)/[^/]*$', '\1')
		from import, unnest(paths) p where owned and state in ('waiting', 'running', 'asking')`)
	if err != nil {
		return nil, fmt.Errorf("store: uploads in use: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("store: uploads in use: %w", err)
	}
	used := make(map[string]bool, len(list))
	for _, name := range list {
		used[name] = true
	}
	return used, nil
}
