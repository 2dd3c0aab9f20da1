package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// Drain turns the waiting payloads of one connection into activities, a portion
// a transaction, until none is left; nothing when another process is at it. A payload that cannot be understood is
// kept with the reason and holds nothing up.
func (in *Ingest) Drain(ctx context.Context, p store.Pending) (int, error) {
	release, ok, err := in.Store.HoldDrain(ctx, p)
	if err != nil || !ok {
		return 0, err
	}
	defer release()
	c, err := in.Store.Community(ctx, p.Scope)
	if err != nil {
		return 0, fmt.Errorf("ingest: drain: %w", err)
	}
	conn, err := in.Store.ConnectionByID(ctx, p.Scope, p.Connection)
	if err != nil {
		return 0, fmt.Errorf("ingest: drain: %w", err)
	}
	connector := connectors.Find(in.Connectors, conn.Platform)
	if connector == nil {
		return 0, fmt.Errorf("ingest: drain: no connector for %q", conn.Platform)
	}
	intake := in.Store.NewIntake(c, conn.ID, community.Source{Platform: conn.Platform, ExternalID: conn.ExternalID, Measures: conn.Measures})
	for total := 0; ; {
		n, err := in.drainPortion(ctx, p, connector, intake)
		if err != nil {
			return total, fmt.Errorf("ingest: drain: %w", err)
		}
		total += n
		if n < portionSize {
			return total, nil
		}
	}
}

func (in *Ingest) drainPortion(ctx context.Context, p store.Pending, connector connectors.Connector, intake *store.Intake) (int, error) {
	list, err := in.Store.PendingDeliveries(ctx, p, portionSize)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	var batch community.Batch
	ids, failures := make([]int64, len(list)), make([]string, len(list))
	for n, d := range list {
		ids[n] = d.ID
		payload, err := in.open(d)
		if err != nil {
			failures[n] = failureSealed
			continue
		}
		b, err := connector.Normalize(payload)
		if err != nil {
			failures[n] = failureOf(err)
			continue
		}
		batch.Append(b)
	}
	_, err = intake.Store(ctx, batch, func(tx pgx.Tx, _ store.Stored) error {
		return in.Store.MarkDrained(ctx, tx, p, ids, failures)
	})
	return len(list), err
}

// failureSealed is kept of a payload whose key is gone.
const failureSealed = "sealed"

// failureOf is what is kept of an error: a reason, never the content.
func failureOf(err error) string {
	var known *connectors.RefusedError
	if errors.As(err, &known) {
		return known.Error()
	}
	return connectors.ReasonNotJSON
}
