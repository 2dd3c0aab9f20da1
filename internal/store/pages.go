package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// MemberFilter chooses one page of members.
type MemberFilter struct {
	Search     string // in names and handles; never in addresses, which are not shown
	Population *int   // nil: all
	After      int64  // the last id of the page before
	Limit      int
}

// MembersPage lists members by id: whoever comes while pages are read stands on a
// later one. Roles are not loaded.
func (s *Store) MembersPage(ctx context.Context, sc community.Scope, f MemberFilter) ([]Person, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, query("members_page"), scoped(sc, pgx.NamedArgs{
		"search": clean(f.Search), "population": f.Population, "after": f.After, "limit": f.Limit,
	}))
	if err != nil {
		return nil, fmt.Errorf("store: members page: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Person, error) {
		var p Person
		return p, row.Scan(&p.ID, &p.Name, &p.Handles, &p.Platforms, &p.Population, &p.By, &p.Messages, timeOrZero{&p.LastActive})
	})
	if err != nil {
		return nil, fmt.Errorf("store: members page: %w", err)
	}
	return list, nil
}

// ActivityFilter chooses one page of activities.
type ActivityFilter struct {
	Since, Until time.Time // the latter not included; zero: no bound
	AfterAt      time.Time // time and key of the last one of the page before; zero: from the beginning
	AfterKey     string
	Limit        int
}

// ActivityRow is an activity with names beside ids.
type ActivityRow struct {
	OccurredAt   time.Time
	ID           string
	Kind         string
	Platform     string
	Channel      string
	Member       int64 // 0: of nobody known
	Name         string
	Identity     string // the platform's id
	Population   int
	Answers      string
	Amount       int
	Length       int
	Question     bool
	Link         bool
	InferredTime bool
	Detail       string
}

// ActivitiesPage lists what exists by time and key: whatever arrives while pages
// are read moves nothing, and is seen if it lies behind the page that was read.
func (s *Store) ActivitiesPage(ctx context.Context, sc community.Scope, f ActivityFilter) ([]ActivityRow, error) {
	ctx = of(ctx, sc)
	rows, err := s.pool.Query(ctx, query("activity_page"), scoped(sc, pgx.NamedArgs{
		"since": nullTime(f.Since), "until": nullTime(f.Until), "after": nullTime(f.AfterAt), "key": clean(f.AfterKey), "limit": f.Limit,
	}))
	if err != nil {
		return nil, fmt.Errorf("store: activities page: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ActivityRow])
	if err != nil {
		return nil, fmt.Errorf("store: activities page: %w", err)
	}
	return list, nil
}
