package store

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// The organisation that a context works for. Row-level security shows its rows
// and no others: a query that forgets its organisation finds nothing.

type tenantKey struct{}

// everyTenant is the tenant of work that goes from one organisation to the next.
const everyTenant = -1

// WithTenant returns a context that works for an organisation: the one that a
// visitor was let into. What the store is asked for another one then finds nothing.
func WithTenant(ctx context.Context, organisation int64) context.Context {
	return context.WithValue(ctx, tenantKey{}, organisation)
}

// Across returns a context that sees every organisation. It is for looking
// somebody up before it is known whose they are, and for background work.
func Across(ctx context.Context) context.Context {
	return context.WithValue(ctx, tenantKey{}, int64(everyTenant))
}

// within makes ctx work for the organisation that a call names, where nobody
// said before for whom it works.
func within(ctx context.Context, organisation int64) context.Context {
	if _, ok := ctx.Value(tenantKey{}).(int64); ok {
		return ctx
	}
	return WithTenant(ctx, organisation)
}

func tenantOf(ctx context.Context) int64 {
	organisation, _ := ctx.Value(tenantKey{}).(int64)
	return organisation
}

// prepare tells a connection for whom it works, each time it leaves the pool.
// A connection remembers what it was told.
func prepare(ctx context.Context, conn *pgx.Conn) (bool, error) {
	const key = "tenant"
	tenant := tenantOf(ctx)
	if told, ok := conn.PgConn().CustomData()[key].(int64); ok && told == tenant {
		return true, nil
	}
	if _, err := conn.Exec(ctx, `select set_config('foyer.organisation', $1, false)`, strconv.FormatInt(tenant, 10)); err != nil {
		return false, err
	}
	conn.PgConn().CustomData()[key] = tenant
	return true, nil
}

// of is within for the organisation of a community.
func of(ctx context.Context, sc community.Scope) context.Context {
	return within(ctx, sc.Organisation)
}
