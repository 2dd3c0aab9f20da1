package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Backlog is how much of one kind is in one state, over all organisations.
type Backlog struct {
	Kind   string // jobs, inbox, dirty_days, imports, letters
	State  string
	Count  int64
	Oldest time.Duration // how long the first one has waited; 0 where nothing waits
}

// Backlogs counts what waits, for whoever watches over the instance. What is in
// no state at all is not listed.
func (s *Store) Backlogs(ctx context.Context) ([]Backlog, error) {
	rows, err := s.pool.Query(Across(ctx), query("backlog"))
	if err != nil {
		return nil, fmt.Errorf("store: backlogs: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Backlog, error) {
		var (
			b       Backlog
			seconds float64
		)
		err := row.Scan(&b.Kind, &b.State, &b.Count, &seconds)
		b.Oldest = time.Duration(seconds * float64(time.Second))
		return b, err
	})
	if err != nil {
		return nil, fmt.Errorf("store: backlogs: %w", err)
	}
	return list, nil
}
