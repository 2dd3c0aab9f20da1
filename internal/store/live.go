package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// The states of a connection.
const (
	ConnectionFile    = "file"    // known from exports only
	ConnectionActive  = "active"  // installed
	ConnectionPaused  = "paused"  // installed, and nothing is fetched or taken
	ConnectionRevoked = "revoked" // the platform no longer takes our access
	ConnectionFailed  = "failed"  // something only a person can mend; Reason says what
)

// Installation is what connecting an account gave. Sealed are its credentials.
type Installation struct {
	Platform   community.Platform
	ExternalID string
	Name       string
	Measures   community.Measures
	Granted    []string
	Settings   map[string]string
	Sealed     []byte
}

// Install makes a connection live, or renews one that is, and returns its id.
func (s *Store) Install(ctx context.Context, sc community.Scope, n Installation) (int64, error) {
	ctx = of(ctx, sc)
	settings, granted := n.Settings, n.Granted
	if settings == nil {
		settings = map[string]string{}
	}
	if granted == nil {
		granted = []string{}
	}
	id, err := s.Connect(ctx, sc, community.Source{Platform: n.Platform, ExternalID: n.ExternalID, Name: n.Name, Measures: n.Measures})
	if err != nil {
		return 0, err
	}
	_, err = s.pool.Exec(ctx, `update connection set state = 'active', reason = '', sealed = @sealed, granted = @granted, settings = @settings,
			installed_at = coalesce(installed_at, now()), limited_until = null, roster_due = now(),
			subscribed_at = null -- what signed its deliveries went with the old credentials
		where organisation_id = @org and community_id = @com and id = @id`,
		scoped(sc, pgx.NamedArgs{"id": id, "sealed": n.Sealed, "granted": granted, "settings": settings}))
	if err != nil {
		return 0, fmt.Errorf("store: install: %w", err)
	}
	return id, nil
}

// SetCredentials replaces what the vault sealed of a connection.
func (s *Store) SetCredentials(ctx context.Context, c Connection, sealed []byte) error {
	return s.setConnection(ctx, "credentials", c, `sealed = @sealed`, pgx.NamedArgs{"sealed": sealed})
}

// SetConnectionState changes the life of a connection; reason only with ConnectionFailed.
func (s *Store) SetConnectionState(ctx context.Context, c Connection, state, reason string) error {
	return s.setConnection(ctx, "connection state", c, `state = @state, reason = @reason,
		limited_until = case when @state = 'active' then null else limited_until end`, pgx.NamedArgs{"state": state, "reason": reason})
}

// LimitConnection notes until when the platform asked to wait.
func (s *Store) LimitConnection(ctx context.Context, c Connection, until time.Time) error {
	return s.setConnection(ctx, "limit", c, `limited_until = @until`, pgx.NamedArgs{"until": nullTime(until)})
}

// Uninstall takes the credentials away; what was measured stays.
func (s *Store) Uninstall(ctx context.Context, c Connection) error {
	return s.setConnection(ctx, "uninstall", c, `state = 'file', reason = '', sealed = null, granted = '{}', limited_until = null,
		roster_due = null, installed_at = null`, pgx.NamedArgs{})
}

func (s *Store) setConnection(ctx context.Context, what string, c Connection, set string, args pgx.NamedArgs) error {
	args["id"] = c.ID
	tag, err := s.pool.Exec(of(ctx, c.Scope), `update connection set `+set+` where organisation_id = @org and community_id = @com and id = @id`,
		scoped(c.Scope, args))
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: set %s: %w", what, err)
	}
	return nil
}

// LiveConnections lists, of all organisations, what is installed of a platform.
func (s *Store) LiveConnections(ctx context.Context, platform community.Platform) ([]Connection, error) {
	return s.connectionsWhere(Across(ctx), `platform = @platform and state <> 'file'`, pgx.NamedArgs{"platform": platform})
}

// RosterDue lists, of all organisations, the connections whose member list should be read.
func (s *Store) RosterDue(ctx context.Context) ([]Connection, error) {
	return s.connectionsWhere(Across(ctx), `state = 'active' and roster_due <= now() and (limited_until is null or limited_until < now())`, pgx.NamedArgs{})
}

// SetRoster notes that a member list was read, and when it is due again.
func (s *Store) SetRoster(ctx context.Context, c Connection, count int, due time.Time) error {
	return s.setConnection(ctx, "roster", c, `roster_at = now(), roster_due = @due, roster_count = @count`, pgx.NamedArgs{"due": due, "count": count})
}

// Parcel is a payload on its way to the inbox of a connection.
type Parcel struct {
	community.Scope
	Connection int64
	community.Payload
}

// AcceptParcels stores what arrived for several connections in one statement,
// and notes that they are alive. A payload whose key is known is dropped; it
// returns how many were new.
func (s *Store) AcceptParcels(ctx context.Context, list []Parcel) (int, error) {
	n := 0
	err := s.inTx(Across(ctx), func(tx pgx.Tx) (err error) {
		n, err = acceptParcels(ctx, tx, list)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store: accept parcels: %w", err)
	}
	return n, nil
}

func acceptParcels(ctx context.Context, tx pgx.Tx, list []Parcel) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	orgs, coms, conns := make([]int64, len(list)), make([]int64, len(list)), make([]int64, len(list))
	keys, kinds, scopes := make([]string, len(list)), make([]string, len(list)), make([]string, len(list))
	bodies := make([][]byte, len(list))
	for i, p := range list {
		orgs[i], coms[i], conns[i] = p.Organisation, p.Community, p.Connection
		keys[i], kinds[i], scopes[i], bodies[i] = clean(p.Key), clean(p.Kind), clean(p.Payload.Scope), p.Body
	}
	var n int
	err := tx.QueryRow(ctx, query("inbox_accept"), pgx.NamedArgs{
		"orgs": orgs, "coms": coms, "conns": conns, "keys": keys, "kinds": kinds, "scopes": scopes, "bodies": bodies,
	}).Scan(&n)
	return n, err
}

// Backfill is a walk through the history of a connection.
type Backfill struct {
	community.Scope
	ID         int64
	Connection int64
	Kind       string // history, gap
	State      string // running, done, failed, cancelled
	Since      time.Time
	Cursor     string
	Progress   float64
	Left       time.Duration
	Payloads   int64
	Attempts   int
	Reason     string
	Due        time.Time
	Created    time.Time
	Finished   time.Time
}

const backfillColumns = `organisation_id, community_id, id, connection_id, kind, state, since, cursor, progress, remaining, payloads,
	attempts, reason, due_at, created_at, finished_at`

func scanBackfill(row pgx.CollectableRow) (Backfill, error) {
	var b Backfill
	return b, row.Scan(&b.Organisation, &b.Community, &b.ID, &b.Connection, &b.Kind, &b.State, timeOrZero{&b.Since}, &b.Cursor, &b.Progress,
		&b.Left, &b.Payloads, &b.Attempts, &b.Reason, &b.Due, &b.Created, timeOrZero{&b.Finished})
}

// StartBackfill begins a walk. One of its kind that is under way goes on: when it
// has not begun, as far back as both; else a gap is walked again after it, since
// the newest that is missing now lies behind it.
func (s *Store) StartBackfill(ctx context.Context, c Connection, kind string, since time.Time) error {
	_, err := s.pool.Exec(of(ctx, c.Scope), `insert into backfill as b (organisation_id, community_id, connection_id, kind, since)
		values (@org, @com, @id, @kind, @since)
		on conflict (organisation_id, community_id, connection_id, kind) where state = 'running' do update set
			since = case when b.cursor <> '' or b.payloads > 0 then b.since
				when b.since is not null and excluded.since is not null then least(b.since, excluded.since) end,
			again = case when b.kind = 'gap' and (b.cursor <> '' or b.payloads > 0) then least(b.again, coalesce(excluded.since, '-infinity')) else b.again end,
			due_at = case when b.kind = 'gap' then b.due_at else now() end`,
		scoped(c.Scope, pgx.NamedArgs{"id": c.ID, "kind": kind, "since": nullTime(since)}))
	if err != nil {
		return fmt.Errorf("store: start backfill: %w", err)
	}
	return nil
}

// DueBackfills lists, of all organisations, the walks that can go on now.
func (s *Store) DueBackfills(ctx context.Context) ([]Backfill, error) {
	return s.backfills(Across(ctx), `state = 'running' and due_at <= now()
		and exists (select from connection c where c.organisation_id = b.organisation_id and c.community_id = b.community_id
			and c.id = b.connection_id and c.state = 'active')`, pgx.NamedArgs{})
}

// Backfills lists the walks of a community, the newest first.
func (s *Store) Backfills(ctx context.Context, sc community.Scope) ([]Backfill, error) {
	return s.backfills(of(ctx, sc), `organisation_id = @org and community_id = @com`, scoped(sc, nil))
}

// Backfill returns one walk, or community.ErrNotFound.
func (s *Store) Backfill(ctx context.Context, sc community.Scope, id int64) (Backfill, error) {
	list, err := s.backfills(of(ctx, sc), `organisation_id = @org and community_id = @com and id = @id`, scoped(sc, pgx.NamedArgs{"id": id}))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("store: backfill %d: %w", id, community.ErrNotFound)
	}
	if err != nil {
		return Backfill{}, err
	}
	return list[0], nil
}

func (s *Store) backfills(ctx context.Context, where string, args pgx.NamedArgs) ([]Backfill, error) {
	rows, err := s.pool.Query(ctx, `select `+backfillColumns+` from backfill b where `+where+` order by id desc limit 1000`, args)
	if err != nil {
		return nil, fmt.Errorf("store: backfills: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanBackfill)
	if err != nil {
		return nil, fmt.Errorf("store: backfills: %w", err)
	}
	return list, nil
}

// HoldBackfill takes the lock of a connection's history; false when somebody walks it.
func (s *Store) HoldBackfill(ctx context.Context, connection int64) (release func(), ok bool, err error) {
	return s.hold(ctx, fmt.Sprintf("backfill/%d", connection))
}

// HoldWatched takes a named lock of the instance; false when somebody has it. lost
// is called when the lock goes before it is released: the database was away.
func (s *Store) HoldWatched(ctx context.Context, name string, lost func()) (release func(), ok bool, err error) {
	return s.holdWatched(ctx, "listener/"+name, lost)
}

// HoldNamed takes a named lock of the instance; false when somebody has it.
func (s *Store) HoldNamed(ctx context.Context, name string) (release func(), ok bool, err error) {
	return s.hold(ctx, "listener/"+name)
}

// AdvanceBackfill stores one page and where to go on, in one transaction: a page
// is there with its cursor, or neither is.
func (s *Store) AdvanceBackfill(ctx context.Context, b Backfill, parcels []Parcel, blind []community.Channel) error {
	ctx = of(ctx, b.Scope)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		n, err := acceptParcels(ctx, tx, parcels)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update backfill set cursor = @cursor, progress = greatest(progress, @progress), remaining = @left, payloads = payloads + @n,
				attempts = 0, reason = '', due_at = @due, state = @state, finished_at = case when @state <> 'running' then now() end
			where organisation_id = @org and community_id = @com and id = @id and state = 'running'`,
			scoped(b.Scope, pgx.NamedArgs{
				"id": b.ID, "cursor": b.Cursor, "progress": b.Progress, "left": b.Left, "n": n, "due": b.Due, "state": b.State,
			}))
		if err == nil && tag.RowsAffected() == 0 {
			err = community.ErrNotFound // cancelled meanwhile
		}
		if err == nil && b.State == "done" {
			_, err = tx.Exec(ctx, `update backfill set state = 'running', cursor = '', since = nullif(again, '-infinity'), again = null, progress = 0, finished_at = null
				where organisation_id = @org and community_id = @com and id = @id and again is not null`, scoped(b.Scope, pgx.NamedArgs{"id": b.ID}))
		}
		if err != nil || blind == nil {
			return err
		}
		ids, names := make([]string, len(blind)), make([]string, len(blind))
		for i, c := range blind {
			ids[i], names[i] = clean(c.ExternalID), clean(c.Name)
		}
		_, err = tx.Exec(ctx, query("channel_blind"), scoped(b.Scope, pgx.NamedArgs{"connection": b.Connection, "ids": ids, "names": names}))
		return err
	})
	if err != nil {
		return fmt.Errorf("store: advance backfill: %w", err)
	}
	return nil
}

// DelayBackfill notes that a step did not come, when to try again, and why.
// failed ends the walk.
func (s *Store) DelayBackfill(ctx context.Context, b Backfill, due time.Time, reason string, spent, failed bool) error {
	ctx = of(ctx, b.Scope)
	_, err := s.pool.Exec(ctx, `update backfill set due_at = @due, reason = @reason, attempts = attempts + @spent::boolean::integer,
			state = case when @failed then 'failed' else state end, finished_at = case when @failed then now() end
		where organisation_id = @org and community_id = @com and id = @id and state = 'running'`,
		scoped(b.Scope, pgx.NamedArgs{"id": b.ID, "due": due, "reason": reason, "spent": spent, "failed": failed}))
	if err != nil {
		return fmt.Errorf("store: delay backfill: %w", err)
	}
	return nil
}

// CancelBackfills ends the walks of a connection.
func (s *Store) CancelBackfills(ctx context.Context, c Connection) error {
	_, err := s.pool.Exec(of(ctx, c.Scope), `update backfill set state = 'cancelled', finished_at = now()
		where organisation_id = @org and community_id = @com and connection_id = @id and state = 'running'`,
		scoped(c.Scope, pgx.NamedArgs{"id": c.ID}))
	if err != nil {
		return fmt.Errorf("store: cancel backfills: %w", err)
	}
	return nil
}

// LoadListener returns what a gateway kept; nil when it kept nothing.
func (s *Store) LoadListener(ctx context.Context, platform community.Platform, name string) ([]byte, time.Time, error) {
	var (
		state []byte
		at    time.Time
	)
	err := s.pool.QueryRow(ctx, `select state, updated_at from listener where platform = $1 and name = $2`, platform, name).Scan(&state, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, at, nil
	}
	if err != nil {
		return nil, at, fmt.Errorf("store: load listener: %w", err)
	}
	return state, at, nil
}

// SaveListener keeps something for a gateway.
func (s *Store) SaveListener(ctx context.Context, platform community.Platform, name string, state []byte) error {
	_, err := s.pool.Exec(ctx, `insert into listener (platform, name, state) values ($1, $2, $3)
		on conflict (platform, name) do update set state = $3, updated_at = now()`, platform, name, state)
	if err != nil {
		return fmt.Errorf("store: save listener: %w", err)
	}
	return nil
}

// Volume is how many messages one connection brought on one day.
type Volume struct {
	Connection int64
	Day        community.Date
	Messages   int64
}

// VolumeByDay counts the messages that each connection of a community brought, by
// the day on which they were written, from a day on. Days without any are left out.
func (s *Store) VolumeByDay(ctx context.Context, sc community.Scope, from community.Date) ([]Volume, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, `select ch.connection_id, d.day, sum(d.messages)::bigint from channel_day d
		join channel ch on ch.organisation_id = d.organisation_id and ch.community_id = d.community_id and ch.id = d.channel_id
		where d.organisation_id = @org and d.community_id = @com and d.day >= @from group by 1, 2 order by 1, 2`,
		scoped(sc, pgx.NamedArgs{"from": from.UTC()}))
	if err != nil {
		return nil, fmt.Errorf("store: volume: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Volume, error) {
		var (
			v   Volume
			day time.Time
		)
		err := row.Scan(&v.Connection, &day, &v.Messages)
		v.Day = community.DateOf(day, time.UTC)
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("store: volume: %w", err)
	}
	return list, nil
}

// RawDelivery is what the operator may know of a payload: never what it says.
type RawDelivery struct {
	Organisation int64
	Community    int64
	Connection   int64
	Platform     community.Platform
	ID           int64
	Kind         string
	Bytes        int
	Received     time.Time
	Drained      time.Time // zero: it waits
	Failure      string
}

// RawDeliveries lists what lies in the inboxes of all organisations, the newest
// first; only what could not be understood when failed says so.
func (s *Store) RawDeliveries(ctx context.Context, platform community.Platform, failed bool, before int64, limit int) ([]RawDelivery, error) {
	rows, err := s.pool.Query(Across(ctx), `select i.organisation_id, i.community_id, i.connection_id, c.platform, i.id, i.kind, length(i.body), i.received_at,
			i.drained_at, i.failure
		from inbox i join connection c on c.organisation_id = i.organisation_id and c.community_id = i.community_id and c.id = i.connection_id
		where (@platform::text = '' or c.platform = @platform) and (not @failed::bool or i.failure <> '') and (@before::bigint = 0 or i.id < @before)
		order by i.id desc limit @limit`, pgx.NamedArgs{"platform": platform, "failed": failed, "before": before, "limit": limit})
	if err != nil {
		return nil, fmt.Errorf("store: raw deliveries: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (RawDelivery, error) {
		var d RawDelivery
		return d, row.Scan(&d.Organisation, &d.Community, &d.Connection, &d.Platform, &d.ID, &d.Kind, &d.Bytes, &d.Received, timeOrZero{&d.Drained}, &d.Failure)
	})
	if err != nil {
		return nil, fmt.Errorf("store: raw deliveries: %w", err)
	}
	return list, nil
}

// WaitingPayloads says how many payloads of each connection of a community wait, and since when.
type WaitingPayloads struct {
	Connection int64
	Waiting    int64
	Oldest     time.Time
}

// BacklogOf lists the connections of a community whose payloads wait to be understood.
func (s *Store) BacklogOf(ctx context.Context, sc community.Scope) ([]WaitingPayloads, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, `select connection_id, count(*), min(received_at) from inbox
		where organisation_id = @org and community_id = @com and drained_at is null group by 1`, scoped(sc, nil))
	if err != nil {
		return nil, fmt.Errorf("store: backlog: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (WaitingPayloads, error) {
		var b WaitingPayloads
		return b, row.Scan(&b.Connection, &b.Waiting, &b.Oldest)
	})
	if err != nil {
		return nil, fmt.Errorf("store: backlog: %w", err)
	}
	return list, nil
}
