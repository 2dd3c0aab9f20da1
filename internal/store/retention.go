package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Retention is how long an organisation keeps what is about people.
type Retention struct {
	Months      int // of activities; 0: until erased
	AuditMonths int // of the audit log
}

// Retention returns how long an organisation keeps.
func (s *Store) Retention(ctx context.Context, organisation int64) (Retention, error) {
	ctx = within(ctx, organisation)
	var r Retention
	err := s.pool.QueryRow(ctx, `select coalesce(retain_months, 0), audit_months from organisation where id = $1`, organisation).Scan(&r.Months, &r.AuditMonths)
	if err != nil {
		return r, fmt.Errorf("store: retention: %w", notFound(err))
	}
	return r, nil
}

// SetRetention changes how long an organisation keeps; the next Retain does what
// follows from it.
func (s *Store) SetRetention(ctx context.Context, organisation int64, r Retention) error {
	ctx = within(ctx, organisation)
	tag, err := s.pool.Exec(ctx, `update organisation set retain_months = nullif($2::integer, 0), audit_months = $3 where id = $1`,
		organisation, r.Months, r.AuditMonths)
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: set retention: %w", err)
	}
	return nil
}

// OlderThan counts the activities of an organisation from before a moment: what a
// retention would drop.
func (s *Store) OlderThan(ctx context.Context, organisation int64, before time.Time) (int64, error) {
	ctx = within(ctx, organisation)
	var n int64
	err := s.pool.QueryRow(ctx, `select count(*) from activity where organisation_id = $1 and occurred_at < $2`, organisation, before).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: older than: %w", err)
	}
	return n, nil
}

// Retained counts what Retain removed.
type Retained struct {
	Activities int64
	Members    int   // who keep no name
	Audit      int64 // entries
	Waiting    int   // communities whose old days have to be rolled up first
}

// InstanceAuditMonths is how long the instance's own audit log is kept.
const InstanceAuditMonths = 24

// anonymisedAtOnce bounds the members of a community that one Retain forgets.
const anonymisedAtOnce = 1000

// Retain drops, of all organisations, what they no longer keep: activities with
// their answers, names of people who did nothing since and are in no list of
// members, and entries of the audit log. Figures of the days stay as they were:
// those days are never recomputed again. Each step can be done again.
func (s *Store) Retain(ctx context.Context, now time.Time) (Retained, error) {
	ctx = Across(ctx)
	var done Retained
	release, ok, err := s.hold(ctx, "retention")
	if err != nil || !ok {
		return done, err
	}
	defer release()
	n, err := s.dropAudit(ctx, nil, now.AddDate(0, -InstanceAuditMonths, 0))
	if err != nil {
		return done, err
	}
	done.Audit += n
	list, err := s.Organisations(ctx)
	if err != nil {
		return done, err
	}
	for _, o := range list {
		r, err := s.Retention(ctx, o.ID)
		if err != nil {
			return done, err
		}
		if n, err = s.dropAudit(ctx, &o.ID, now.AddDate(0, -r.AuditMonths, 0)); err != nil {
			return done, err
		}
		done.Audit += n
		if r.Months == 0 {
			continue
		}
		if err := s.retainOrganisation(ctx, o.ID, now.AddDate(0, -r.Months, 0), &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

func (s *Store) dropAudit(ctx context.Context, organisation *int64, before time.Time) (n int64, err error) {
	if err = s.pool.QueryRow(ctx, `select drop_audit_before($1, $2)`, organisation, before).Scan(&n); err != nil {
		return 0, fmt.Errorf("store: drop audit: %w", err)
	}
	return n, nil
}

func (s *Store) retainOrganisation(ctx context.Context, organisation int64, before time.Time, done *Retained) error {
	communities, err := s.Communities(ctx, organisation)
	if err != nil {
		return err
	}
	for _, c := range communities {
		cut := community.DateOf(before, c.Location).Start(c.Location)
		settled, err := s.keepFrom(ctx, c, cut)
		if err != nil {
			return fmt.Errorf("store: retain: %w", err)
		}
		if !settled {
			done.Waiting++
			continue
		}
		n, err := s.dropActivities(ctx, c.Scope, cut)
		done.Activities += n
		if err != nil {
			return fmt.Errorf("store: retain: %w", err)
		}
		people, err := s.silent(ctx, c, cut)
		if err != nil {
			return fmt.Errorf("store: retain: %w", err)
		}
		for _, member := range people {
			if _, err := s.eraseMember(ctx, c.Scope, member, false); err != nil {
				return err
			}
			done.Members++
		}
	}
	return nil
}

// keepFrom says that nothing older is stored or recomputed any more; false while
// old days still wait to be rolled up, which comes first.
func (s *Store) keepFrom(ctx context.Context, c community.Community, cut time.Time) (settled bool, err error) {
	err = s.inTx(of(ctx, c.Scope), func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, intakeLock, scoped(c.Scope, nil)); err != nil {
			return err
		}
		if _, err := lockRollup(ctx, tx, c.Scope, true); err != nil {
			return err
		}
		// The zone may have changed since the community was read.
		tag, err := tx.Exec(ctx, `update community c set kept_from = greatest(kept_from, @cut)
			where organisation_id = @org and id = @com and time_zone = @zone and not exists (
				select from dirty_day d where d.organisation_id = @org and d.community_id = @com
					and d.day < @day::date and (c.kept_from is null or d.day::timestamp at time zone c.time_zone >= c.kept_from))`,
			scoped(c.Scope, pgx.NamedArgs{"cut": cut, "zone": c.Location.String(), "day": community.DateOf(cut, c.Location).UTC()}))
		settled = tag.RowsAffected() == 1
		return err
	})
	return settled, err
}

// dropActivities removes what happened before the cut, a week at a time.
func (s *Store) dropActivities(ctx context.Context, sc community.Scope, cut time.Time) (int64, error) {
	var total int64
	for {
		var first time.Time
		err := s.pool.QueryRow(ctx, `select occurred_at from activity where organisation_id = @org and community_id = @com and occurred_at < @cut
			order by occurred_at limit 1`, scoped(sc, pgx.NamedArgs{"cut": cut})).Scan(&first)
		if errors.Is(err, pgx.ErrNoRows) {
			break
		}
		if err != nil {
			return total, err
		}
		to := first.AddDate(0, 0, 7)
		if to.After(cut) {
			to = cut
		}
		tag, err := s.pool.Exec(ctx, `delete from activity where organisation_id = @org and community_id = @com and occurred_at < @to`,
			scoped(sc, pgx.NamedArgs{"to": to}))
		if err != nil {
			return total, err
		}
		total += tag.RowsAffected()
	}
	// An answer of later to an older message stays: it counts on its own day.
	for _, sql := range []string{
		`delete from reply where organisation_id = @org and community_id = @com and parent_at < @cut and occurred_at < @cut`,
		`delete from awaiting where organisation_id = @org and community_id = @com and parent_at < @cut`,
	} {
		if _, err := s.pool.Exec(ctx, sql, scoped(sc, pgx.NamedArgs{"cut": cut})); err != nil {
			return total, err
		}
	}
	return total, nil
}

// silent lists members of whom nothing is known since the cut and who are in no
// list of members now.
func (s *Store) silent(ctx context.Context, c community.Community, cut time.Time) ([]int64, error) {
	rows, err := s.pool.Query(ctx, query("member_silent"), scoped(c.Scope, pgx.NamedArgs{
		"day": community.DateOf(cut, c.Location).UTC(), "limit": anonymisedAtOnce,
	}))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// SetKeepQuestions says whether payloads of connected platforms keep the text of
// questions while they are kept. Switched off, kept payloads lose their body.
func (s *Store) SetKeepQuestions(ctx context.Context, sc community.Scope, keep bool) error {
	ctx = of(ctx, sc)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update community set keep_questions = @keep where organisation_id = @org and id = @com and deleted_at is null`,
			scoped(sc, pgx.NamedArgs{"keep": keep}))
		if err == nil && tag.RowsAffected() == 0 {
			err = community.ErrNotFound
		}
		if err != nil || keep {
			return err
		}
		// What was kept goes at once; what waits to be understood, right after.
		_, err = tx.Exec(ctx, `update inbox set brief = true, body = case when drained_at is null then body else '' end
			where organisation_id = @org and community_id = @com and not brief`, scoped(sc, nil))
		return err
	})
	if err != nil {
		return fmt.Errorf("store: keep questions: %w", err)
	}
	return nil
}

// KeepsQuestions tells which communities of an organisation keep the text of questions.
func (s *Store) KeepsQuestions(ctx context.Context, organisation int64) (map[int64]bool, error) {
	ctx = within(ctx, organisation)
	rows, err := s.pool.Query(ctx, `select id from community where organisation_id = $1 and keep_questions and deleted_at is null`, organisation)
	if err != nil {
		return nil, fmt.Errorf("store: keeps questions: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("store: keeps questions: %w", err)
	}
	keep := make(map[int64]bool, len(ids))
	for _, id := range ids {
		keep[id] = true
	}
	return keep, nil
}
