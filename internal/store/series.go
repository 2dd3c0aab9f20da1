package store

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Series loads the rollups of the days of a window, and of the windows whose
// contributions by member are wanted. It reads rows by day, never activities.
func (s *Store) Series(ctx context.Context, c community.Community, loaded community.Window, shares ...community.Window) (*community.Series, error) {
	ctx = of(ctx, c.Scope)
	out := &community.Series{Community: c, Loaded: loaded}
	days := map[community.Date]*community.Day{}
	args := scoped(c.Scope, pgx.NamedArgs{"from": loaded.From.UTC(), "to": loaded.To.UTC()})
	var keep func(context.Context) error
	// One transaction, so that a recomputation in between is seen whole or not at all.
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for _, load := range []func(context.Context, pgx.Tx, pgx.NamedArgs, *community.Series, map[community.Date]*community.Day) error{
			loadTallies, loadDays, loadBefore, loadCohorts, loadMeasures,
		} {
			if err := load(ctx, tx, args, out, days); err != nil {
				return err
			}
		}
		var err error
		out.Shares, keep, err = s.shares(ctx, tx, c.Scope, shares)
		return err
	})
	if err == nil {
		err = keep(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("store: series: %w", err)
	}
	for _, d := range days {
		out.Days = append(out.Days, *d)
	}
	sort.Slice(out.Days, func(i, j int) bool { return out.Days[i].Date < out.Days[j].Date })
	return out, nil
}

func dayOf(days map[community.Date]*community.Day, t time.Time) *community.Day {
	date := community.DateOf(t, time.UTC)
	d := days[date]
	if d == nil {
		d = &community.Day{Date: date}
		days[date] = d
	}
	return d
}

func loadTallies(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs, _ *community.Series, days map[community.Date]*community.Day) error {
	rows, err := tx.Query(ctx, query("series_tally"), args)
	if err != nil {
		return err
	}
	var (
		day        time.Time
		population int
		hours      []int32
	)
	defer rows.Close()
	for rows.Next() {
		var t community.Tally
		if err := rows.Scan(&day, &population, &t.Messages, &t.Reactions, &hours, &t.ToMembers, &t.ToTeam,
			&t.Active, &t.Actives.Gap, &t.Actives.Tail, &t.Talkers.Gap, &t.Talkers.Tail,
			&t.Joins, &t.Inferred, &t.Returns, &t.Leaves, &t.Kicked, &t.InferredEnded, &t.Activated,
			&t.Arrivals.Gap, &t.Arrivals.Tail); err != nil {
			return fmt.Errorf("tally: %w", err)
		}
		for i, n := range hours {
			t.Hours[i%24] = int(n)
		}
		if d := dayOf(days, day); population == 0 {
			d.Members = t
		} else {
			d.Team = t
		}
	}
	return rows.Err()
}

func loadDays(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs, _ *community.Series, days map[community.Date]*community.Day) error {
	rows, err := tx.Query(ctx, query("series_day"), args)
	if err != nil {
		return err
	}
	var (
		day        time.Time
		peer, team []int32
	)
	defer rows.Close()
	for rows.Next() {
		var d community.Day
		if err := rows.Scan(&day, &d.Anonymous, &d.Bots, &d.Unlinked, &d.Turns, &d.MutualNew.Gap, &d.MutualNew.Tail,
			&d.MutualOld.Gap, &d.MutualOld.Tail, &peer, &team, &d.Questions.Waiting); err != nil {
			return fmt.Errorf("day: %w", err)
		}
		to := dayOf(days, day)
		d.Date, d.Members, d.Team = to.Date, to.Members, to.Team
		d.Questions.PeerDelays, d.Questions.TeamDelays = ints(peer), ints(team)
		*to = d
	}
	return rows.Err()
}

func ints(list []int32) []int {
	if len(list) == 0 {
		return nil
	}
	out := make([]int, len(list))
	for i, n := range list {
		out[i] = int(n)
	}
	return out
}

func loadBefore(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs, out *community.Series, _ map[community.Date]*community.Day) error {
	return tx.QueryRow(ctx, query("series_before"), args).Scan(&out.PresentBefore, &out.TeamBefore, &out.InferredBefore, &out.Undated)
}

func loadCohorts(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs, out *community.Series, _ map[community.Date]*community.Day) error {
	rows, err := tx.Query(ctx, `select week, size, stayed, active from cohort_week
		where organisation_id = @org and community_id = @com and week >= @from and week < @to order by week`, args)
	if err != nil {
		return err
	}
	var (
		week           time.Time
		size           int
		stayed, active []int32
	)
	_, err = pgx.ForEachRow(rows, []any{&week, &size, &stayed, &active}, func() error {
		c := community.Cohort{Week: community.DateOf(week, time.UTC), Size: size}
		for i := range c.Stayed {
			c.Stayed[i], c.Active[i] = int(stayed[i]), int(active[i])
		}
		out.Cohorts = append(out.Cohorts, c)
		return nil
	})
	return err
}

// loadMeasures tells what the sources can measure together, and until when;
// cohort weeks that end after that are not over.
func loadMeasures(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs, out *community.Series, _ map[community.Date]*community.Day) error {
	var first, horizon *time.Time
	m := &out.Measures
	err := tx.QueryRow(ctx, query("series_measures"), args).Scan(
		&m.Joins, &m.Leaves, &m.Reactions, &m.ReplyLinks, &m.MemberList, &out.Turns, &first, &horizon)
	if err != nil {
		return fmt.Errorf("measures: %w", err)
	}
	m.ThreadLinks = m.ReplyLinks
	out.Empty = first == nil
	if first != nil {
		out.First = community.DateOf(*first, time.UTC)
	}
	if horizon != nil {
		out.Horizon = *horizon
	}
	over := community.DateOf(out.Horizon, out.Community.Location)
	for i := range out.Cohorts {
		c := &out.Cohorts[i]
		for j, k := range community.CohortWeeks() {
			if c.Week+community.Date(7*k+7) > over {
				c.Stayed[j], c.Active[j] = -1, -1
			}
		}
	}
	return nil
}

// keptShares bounds the windows that are kept computed of one community.
const keptShares = 200

// shares returns the messages by member over the windows. What had to be summed
// is kept until a day of it is recomputed: the usual windows end with the last
// full week and are asked for again and again.
func (s *Store) shares(ctx context.Context, tx pgx.Tx, sc community.Scope, windows []community.Window) (map[community.Window][]int, func(context.Context) error, error) {
	out := map[community.Window][]int{}
	fresh := map[community.Window][]int32{}
	for _, w := range windows {
		var list []int32
		err := tx.QueryRow(ctx, `select shares from member_share
			where organisation_id = @org and community_id = @com and from_day = @from and to_day = @to`,
			scoped(sc, pgx.NamedArgs{"from": w.From.UTC(), "to": w.To.UTC()})).Scan(&list)
		if errors.Is(err, pgx.ErrNoRows) {
			list, err = sumShares(ctx, tx, sc, w)
			fresh[w] = list
		}
		if err != nil {
			return nil, nil, fmt.Errorf("shares: %w", err)
		}
		out[w] = ints(list)
	}
	if len(fresh) == 0 {
		return out, func(context.Context) error { return nil }, nil
	}
	var rolled int64
	err := tx.QueryRow(ctx, `select rolled from community where organisation_id = @org and id = @com`, scoped(sc, nil)).Scan(&rolled)
	if errors.Is(err, pgx.ErrNoRows) {
		return out, func(context.Context) error { return nil }, nil
	}
	return out, func(ctx context.Context) error { return s.keepShares(ctx, sc, rolled, fresh) }, err
}

func (s *Store) keepShares(ctx context.Context, sc community.Scope, rolled int64, fresh map[community.Window][]int32) error {
	ctx = of(ctx, sc)
	var kept int
	if err := s.pool.QueryRow(ctx, `select count(*) from member_share where organisation_id = @org and community_id = @com`,
		scoped(sc, nil)).Scan(&kept); err != nil || kept >= keptShares {
		return err
	}
	for w, list := range fresh {
		if list == nil {
			list = []int32{}
		}
		if _, err := s.pool.Exec(ctx, query("share_keep"), scoped(sc, pgx.NamedArgs{
			"from": w.From.UTC(), "to": w.To.UTC(), "shares": list, "rolled": rolled,
		})); err != nil {
			return err
		}
	}
	return nil
}

func sumShares(ctx context.Context, tx pgx.Tx, sc community.Scope, w community.Window) ([]int32, error) {
	// Whole weeks from the rows by week, the edges from those by day.
	from, to := (w.From + 6).Monday(), w.To.Monday()
	if from > to {
		from, to = w.To, w.To
	}
	rows, err := tx.Query(ctx, query("series_shares"), scoped(sc, pgx.NamedArgs{
		"from": w.From.UTC(), "week_from": from.UTC(), "week_to": to.UTC(), "to": w.To.UTC(),
	}))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int32])
}

// ChannelCount is what happened in one channel over some days.
type ChannelCount struct {
	ID       int64
	Name     string
	Platform community.Platform
	Messages int
	Previous int // in the window of the same length before
}

// Channels counts messages by channel over a window, largest first; threads
// count with the channel they belong to.
func (s *Store) Channels(ctx context.Context, sc community.Scope, w community.Window) ([]ChannelCount, error) {
	ctx = of(ctx, sc)
	before := w.Previous()
	rows, err := s.pool.Query(ctx, query("channel_counts"), scoped(sc, pgx.NamedArgs{
		"before": before.From.UTC(), "from": w.From.UTC(), "to": w.To.UTC(),
	}))
	if err != nil {
		return nil, fmt.Errorf("store: channels: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ChannelCount])
	if err != nil {
		return nil, fmt.Errorf("store: channels: %w", err)
	}
	return list, nil
}
