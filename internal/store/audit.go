package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// AuditEntry says who did what, from where. It can be appended and read, never changed.
type AuditEntry struct {
	ID           int64
	Organisation int64 // 0: it concerns a person or the instance
	At           time.Time
	User         int64  // 0: nobody signed in, or a program
	Actor        string // the name at the time
	Action       string // such as "team.rules"
	Target       string
	Address      string
	Detail       map[string]string
}

// Audit appends an entry.
func (s *Store) Audit(ctx context.Context, e AuditEntry) error {
	detail := e.Detail
	if detail == nil {
		detail = map[string]string{}
	}
	// Who signs in or out works for nobody yet: the entry says whose it is.
	ctx = WithTenant(ctx, e.Organisation)
	if e.Organisation == 0 {
		ctx = Across(ctx)
	}
	_, err := s.pool.Exec(ctx, `insert into audit_entry (organisation_id, user_id, actor, action, target, address, detail)
		values (nullif(@org::bigint, 0), nullif(@user::bigint, 0), @actor, @action, @target, @address, @detail)`, pgx.NamedArgs{
		"org": e.Organisation, "user": e.User, "actor": clean(e.Actor), "action": e.Action, "target": clean(e.Target),
		"address": clean(e.Address), "detail": detail,
	})
	if err != nil {
		return fmt.Errorf("store: audit: %w", err)
	}
	return nil
}

// AuditFilter narrows the log; zero fields narrow nothing.
type AuditFilter struct {
	User   int64
	Action string // its beginning: "team" finds "team.rules"
	Search string // in actor and target
	From   time.Time
	To     time.Time // not included
	Before int64     // entries older than this one: the next page
	Limit  int
}

// AuditEntries lists an organisation's log, the newest first.
func (s *Store) AuditEntries(ctx context.Context, organisation int64, f AuditFilter) ([]AuditEntry, error) {
	ctx = within(ctx, organisation)
	rows, err := s.pool.Query(ctx, query("audit_entries"), pgx.NamedArgs{
		"org": organisation, "user": f.User, "action": f.Action, "search": clean(f.Search),
		"from": nullTime(f.From), "to": nullTime(f.To), "before": f.Before, "limit": f.Limit,
	})
	if err != nil {
		return nil, fmt.Errorf("store: audit entries: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (AuditEntry, error) {
		var e AuditEntry
		return e, row.Scan(&e.ID, &e.Organisation, &e.At, &e.User, &e.Actor, &e.Action, &e.Target, &e.Address, &e.Detail)
	})
	if err != nil {
		return nil, fmt.Errorf("store: audit entries: %w", err)
	}
	return list, nil
}
