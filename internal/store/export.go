package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// ExportedActivity is an activity with names instead of ids.
type ExportedActivity struct {
	OccurredAt   time.Time `json:"occurred_at"`
	Kind         string    `json:"kind"`
	Platform     string    `json:"platform"`
	Channel      string    `json:"channel,omitempty"`
	Member       string    `json:"member,omitempty"`
	Identity     string    `json:"identity,omitempty"` // the platform's id
	Team         bool      `json:"team"`
	Bot          bool      `json:"bot"`
	ID           string    `json:"id"`
	Answers      string    `json:"answers,omitempty"` // id of the message answered or reacted to
	Amount       int       `json:"amount"`
	Length       int       `json:"length"`
	Question     bool      `json:"question"`
	Link         bool      `json:"link"`
	InferredTime bool      `json:"inferred_time"`
	Detail       string    `json:"detail,omitempty"`
}

// ExportActivities streams what exists of the days of a window, oldest first;
// memory does not grow with it. write's error ends it and is returned.
func (s *Store) ExportActivities(ctx context.Context, c community.Community, w community.Window, write func(ExportedActivity) error) error {
	ctx = of(ctx, c.Scope)
	rows, err := s.pool.Query(ctx, query("activity_export"), scoped(c.Scope, pgx.NamedArgs{
		"from": w.From.Start(c.Location), "to": w.To.Start(c.Location),
	}))
	if err != nil {
		return fmt.Errorf("store: export activities: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		a, err := pgx.RowToStructByPos[ExportedActivity](rows)
		if err != nil {
			return fmt.Errorf("store: export activities: %w", err)
		}
		if err := write(a); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("store: export activities: %w", err)
	}
	return nil
}
