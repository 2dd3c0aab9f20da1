package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// storeArrivals keeps by which invitation people joined, where the source looked.
func (in *Intake) storeArrivals(ctx context.Context, tx pgx.Tx, list []community.Activity) error {
	var (
		who, inviters []int64
		at            []time.Time
		known         []bool
		codes         []string
	)
	for i := range list {
		a := &list[i]
		joiner, ok := in.identities[a.Actor]
		if a.Kind != community.Join || a.Invitation == nil || a.Actor == "" || !ok {
			continue
		}
		who, at = append(who, joiner.id), append(at, a.At)
		known, codes = append(known, a.Invitation.Known), append(codes, clean(a.Invitation.Code))
		inviters = append(inviters, in.identities[a.Invitation.Inviter].id) // 0: nobody
	}
	if len(who) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, query("arrival_upsert"), scoped(in.community.Scope, pgx.NamedArgs{
		"connection": in.connection, "who": who, "at": at, "known": known, "codes": codes, "inviters": inviters,
	}))
	return err
}

// Arrival is how a member came, the last time that somebody looked.
type Arrival struct {
	At    time.Time
	Known bool // false: the source looked and cannot tell
	Code  string
	// Inviter is the member who made the invitation; 0 for nobody.
	Inviter int64
	Name    string // of the inviter; empty when they were erased
}

// Arrivals says of members how they came. Those of whom nobody looked are left out.
func (s *Store) Arrivals(ctx context.Context, sc community.Scope, members []int64) (map[int64]Arrival, error) {
	rows, err := s.pool.Query(of(ctx, sc), query("arrival_latest"), scoped(sc, pgx.NamedArgs{"members": members}))
	if err != nil {
		return nil, fmt.Errorf("store: arrivals: %w", err)
	}
	out := map[int64]Arrival{}
	var member int64
	var a Arrival
	if _, err := pgx.ForEachRow(rows, []any{&member, &a.At, &a.Known, &a.Code, &a.Inviter, &a.Name}, func() error {
		out[member] = a
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store: arrivals: %w", err)
	}
	return out, nil
}

// Inviter is a member whose invitations brought others.
type Inviter struct {
	Member  int64
	Name    string
	Invited int // members who joined in the window by an invitation of theirs
	Stayed  int // of them, those who were still there after the time asked for
	Young   int // of them, those who are there and of whom it is too early to tell
}

// InvitesThatStayed lists who brought members in a window, and how many of those
// were still there so many days later; the most that stayed first. Team and bots
// are left out on both sides, and joins whose invitation is not known.
func (s *Store) InvitesThatStayed(ctx context.Context, c community.Community, w community.Window, days int, now time.Time) ([]Inviter, error) {
	rows, err := s.pool.Query(of(ctx, c.Scope), query("arrival_stayed"), scoped(c.Scope, pgx.NamedArgs{
		"from": w.From.Start(c.Location), "to": w.To.Start(c.Location), "stay": time.Duration(days) * 24 * time.Hour, "now": now,
	}))
	if err != nil {
		return nil, fmt.Errorf("store: invites that stayed: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Inviter])
	if err != nil {
		return nil, fmt.Errorf("store: invites that stayed: %w", err)
	}
	return list, nil
}
