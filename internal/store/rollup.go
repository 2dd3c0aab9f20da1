package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// rollupDays bounds the days that one transaction recomputes.
const rollupDays = 120

// Dirty lists the communities that have days to recompute, the longest waiting first.
func (s *Store) Dirty(ctx context.Context) ([]community.Scope, error) {
	ctx = Across(ctx)
	rows, err := s.pool.Query(ctx, `select organisation_id, community_id from dirty_day
		group by 1, 2 order by min(id)`)
	if err != nil {
		return nil, fmt.Errorf("store: dirty: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (community.Scope, error) {
		var sc community.Scope
		return sc, row.Scan(&sc.Organisation, &sc.Community)
	})
	if err != nil {
		return nil, fmt.Errorf("store: dirty: %w", err)
	}
	return list, nil
}

// DirtyDays counts the days of a community that wait for recomputation.
func (s *Store) DirtyDays(ctx context.Context, sc community.Scope) (int, error) {
	ctx = of(ctx, sc)
	var n int
	err := s.pool.QueryRow(ctx, `select count(distinct day) from dirty_day
		where organisation_id = @org and community_id = @com`, scoped(sc, nil)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: dirty days: %w", err)
	}
	return n, nil
}

// RollUp recomputes some of a community's dirty days and says how many; 0 when
// none is left, or when another process is at it and wait is false. A day is
// recomputed from the activities, so doing it twice, or dying in the middle,
// changes nothing.
func (s *Store) RollUp(ctx context.Context, c community.Community, wait bool) (int, error) {
	ctx = of(ctx, c.Scope)
	days := 0
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if ok, err := lockRollup(ctx, tx, c.Scope, wait); err != nil || !ok {
			return err
		}
		claimed, err := claimDays(ctx, tx, c.Scope)
		if err != nil || len(claimed) == 0 {
			return err
		}
		// The zone as it is now: a change marked every day, so nothing is mixed. The row
		// is not held: intake counts on it, and a recomputation may take its time.
		var zone string
		err = tx.QueryRow(ctx, `select time_zone from community where organisation_id = @org and id = @com and deleted_at is null`, scoped(c.Scope, nil)).Scan(&zone)
		if err != nil {
			return notFound(err)
		}
		if c.Location, err = time.LoadLocation(zone); err != nil {
			return err
		}
		days = len(claimed)
		return recompute(ctx, tx, c, claimed)
	})
	if err != nil {
		return 0, fmt.Errorf("store: roll up: %w", err)
	}
	return days, nil
}

// lockRollup makes one recomputation of a community happen at a time.
func lockRollup(ctx context.Context, tx pgx.Tx, sc community.Scope, wait bool) (bool, error) {
	const key = `hashtextextended(format('rollup/%s/%s', @org::bigint, @com::bigint), 0)`
	if wait {
		_, err := tx.Exec(ctx, `select pg_advisory_xact_lock(`+key+`)`, scoped(sc, nil))
		return true, err
	}
	var ok bool
	err := tx.QueryRow(ctx, `select pg_try_advisory_xact_lock(`+key+`)`, scoped(sc, nil)).Scan(&ok)
	return ok, err
}

// claimDays removes log entries and returns their days. What is appended
// meanwhile stays in the log, and what the removed ones speak of is committed.
func claimDays(ctx context.Context, tx pgx.Tx, sc community.Scope) ([]community.Date, error) {
	// What the days before were counted from is gone: their figures stay.
	_, err := tx.Exec(ctx, `delete from dirty_day d using community c
		where d.organisation_id = @org and d.community_id = @com and c.organisation_id = @org and c.id = @com
			and d.day::timestamp at time zone c.time_zone < c.kept_from`, scoped(sc, nil))
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `with due as (
			select distinct day from dirty_day where organisation_id = @org and community_id = @com
			order by day limit @most
		), gone as (
			delete from dirty_day where organisation_id = @org and community_id = @com and day in (select day from due)
		)
		select day from due order by day`, scoped(sc, pgx.NamedArgs{"most": rollupDays}))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, rowToDate)
}

func rowToDate(row pgx.CollectableRow) (community.Date, error) {
	var t time.Time
	err := row.Scan(&t)
	return community.DateOf(t, time.UTC), err
}

// rollupSteps are the queries of a recomputation, in their order. They hand on
// what they find in temporary tables of the connection.
func rollupSteps() []string {
	return []string{
		"rollup_activity", "rollup_exchange", "rollup_turns", "rollup_member", "rollup_diff",
		"rollup_member_replace", "rollup_member_remove", "rollup_prev_day", "rollup_person", "rollup_membership_remove",
		"rollup_membership", "rollup_touched", "rollup_pair", "rollup_pair_replace", "rollup_pair_remove", "rollup_mutual", "rollup_tally",
		"rollup_tally_derived", "rollup_tally_clean", "rollup_day", "rollup_day_mutual",
		"rollup_share_remove", "rollup_channel", "rollup_week_remove", "rollup_week", "rollup_cohort_remove", "rollup_cohort",
	}
}

func recompute(ctx context.Context, tx pgx.Tx, c community.Community, days []community.Date) error {
	if _, err := tx.Exec(ctx, query("rollup_scratch")); err != nil {
		return fmt.Errorf("scratch: %w", err)
	}
	dates, starts, ends := make([]time.Time, len(days)), make([]time.Time, len(days)), make([]time.Time, len(days))
	for i, d := range days {
		dates[i], starts[i], ends[i] = d.UTC(), d.Start(c.Location), (d + 1).Start(c.Location)
	}
	_, err := tx.Exec(ctx, `insert into roll_day select * from unnest(@days::date[], @starts::timestamptz[], @ends::timestamptz[])`,
		pgx.NamedArgs{"days": dates, "starts": starts, "ends": ends})
	if err != nil {
		return fmt.Errorf("days: %w", err)
	}
	args := scoped(c.Scope, pgx.NamedArgs{
		"zone": c.Location.String(), "gap": turnGap, "reach": threadReach,
		"first": starts[0], "last": ends[len(ends)-1], "weeks": cohortWeeks(),
	})
	for _, step := range rollupSteps() {
		if step == countedBefore {
			if err := countRollup(ctx, tx, c.Scope); err != nil {
				return fmt.Errorf("count: %w", err)
			}
		}
		if _, err := tx.Exec(ctx, query(step), args); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
		if err := analyze(ctx, tx, step, len(days)); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	return nil
}

// countedBefore is the step that removes what was kept of days that changed. The
// recomputation is counted before it: whoever keeps something then waits, and finds
// another count, and what was kept until then is removed.
const countedBefore = "rollup_share_remove"

// countRollup counts the recomputation, and ends it when the community is being
// deleted.
func countRollup(ctx context.Context, tx pgx.Tx, sc community.Scope) error {
	tag, err := tx.Exec(ctx, `update community set rolled = rolled + 1 where organisation_id = @org and id = @com and deleted_at is null`, scoped(sc, nil))
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	return err
}

// analyze gives the planner statistics of what a step has just filled. Without
// them it takes every table for empty and compares each row with each.
func analyze(ctx context.Context, tx pgx.Tx, step string, days int) error {
	tables := map[string]string{
		"rollup_activity": "roll_act", "rollup_turns": "roll_exchange", "rollup_member": "roll_member",
		"rollup_diff": "roll_diff", "rollup_person": "roll_person", "rollup_touched": "roll_touched", "rollup_pair": "roll_pair",
	}
	if days > rollupDays/4 { // much at once: the tables that last grow too
		tables["rollup_member_replace"], tables["rollup_pair_replace"] = "member_day", "pair_day"
		tables["rollup_tally_clean"] = "reply"
		tables["rollup_membership"], tables["rollup_week"] = "membership", "member_week"
	}
	table := tables[step]
	if table == "" {
		return nil
	}
	if !strings.HasPrefix(table, "roll_") { // not ours to analyze: the owner's function does
		_, err := tx.Exec(ctx, `select refresh_statistics($1)`, table)
		return err
	}
	_, err := tx.Exec(ctx, "analyze "+pgx.Identifier{table}.Sanitize())
	return err
}

func cohortWeeks() []int32 {
	weeks := community.CohortWeeks()
	list := make([]int32, len(weeks))
	for i, w := range weeks {
		list[i] = int32(w)
	}
	return list
}
