package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// The intake of business data. It is part of Intake.Store: one transaction, and
// applying it twice changes nothing. Contacts are sealed, and kept as fingerprints
// by which people are recognised.

// For makes what the intake stores part of an import, so that undoing the import
// takes it away again.
func (in *Intake) For(importID int64) *Intake {
	in.importID = importID
	return in
}

// trade stores the business part of a batch.
func (in *Intake) trade(ctx context.Context, tx pgx.Tx, b community.Business, done *Stored) error {
	if b.Empty() {
		return nil
	}
	if in.store.keys == nil {
		return ErrNoKeys
	}
	t := &trading{in: in, tx: tx, customers: map[string]int64{}, done: done}
	// Versions that others replace name nobody.
	b.Orders = latest(b.Orders, func(o *community.Order) string { return clean(o.ExternalID) }, func(o *community.Order) int64 { return o.Revision })
	b.Answers = latest(b.Answers, func(a *community.Answer) string { return clean(a.ExternalID) }, never[community.Answer])
	for _, step := range []struct {
		what string
		run  func(context.Context, community.Business) error
	}{
		{"customers", t.storeCustomers},
		{"orders", t.storeOrders},
		{"subscriptions", t.storeSubscriptions},
		{"costs", t.storeCosts},
		{"answers", t.storeAnswers},
	} {
		if err := step.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	if !t.changed {
		return nil
	}
	return touchTrade(ctx, tx, in.community.Scope)
}

// touchTrade says that what was computed of the business data is stale.
func touchTrade(ctx context.Context, tx pgx.Tx, sc community.Scope) error {
	_, err := tx.Exec(ctx, `update community set traded = traded + 1 where organisation_id = @org and id = @com`, scoped(sc, nil))
	return err
}

// trading is the storing of one batch.
type trading struct {
	in        *Intake
	tx        pgx.Tx
	customers map[string]int64 // by the source's id, those of guests by theirs
	done      *Stored
	changed   bool
}

// count adds records to what the batch did.
func (t *trading) count(changed, known int) {
	t.done.Records += changed
	t.done.Duplicates += known
	t.changed = t.changed || changed > 0
}

func (t *trading) args(more pgx.NamedArgs) pgx.NamedArgs {
	args := scoped(t.in.community.Scope, more)
	args["connection"], args["import"] = t.in.connection, nil
	if t.in.importID != 0 {
		args["import"] = t.in.importID
	}
	return args
}

// upserted is what an upsert says of one row.
type upserted struct {
	ID      int64
	Changed bool
}

// upsert runs a query that answers with external ids.
func (t *trading) upsert(ctx context.Context, name string, args pgx.NamedArgs) (map[string]upserted, error) {
	rows, err := t.tx.Query(ctx, query(name), t.args(args))
	if err != nil {
		return nil, err
	}
	var (
		external string
		u        upserted
	)
	out := map[string]upserted{}
	changed := 0
	if _, err := pgx.ForEachRow(rows, []any{&external, &u.ID, &u.Changed}, func() error {
		out[external] = u
		if u.Changed {
			changed++
		}
		return nil
	}); err != nil {
		return nil, err
	}
	t.count(changed, len(out)-changed)
	tables := map[string][]string{"trade_order": {"customer_order"}, "trade_subscription": {"subscription", "subscription_state"}}
	return out, t.grew(ctx, changed, tables[name]...)
}

// grew gives the planner statistics of tables that the intake fills, each time
// they have doubled by it. Without them it takes them for empty, and what follows
// compares each row with each.
func (t *trading) grew(ctx context.Context, rows int, tables ...string) error {
	if t.in.grown == nil {
		t.in.grown, t.in.analyzed = map[string]int{}, map[string]int{}
	}
	for _, table := range tables {
		t.in.grown[table] += rows
		if t.in.grown[table] < max(manyPeople, t.in.analyzed[table]) {
			continue
		}
		t.in.analyzed[table] += t.in.grown[table]
		t.in.grown[table] = 0
		if _, err := t.tx.Exec(ctx, `select refresh_statistics($1)`, table); err != nil {
			return err
		}
	}
	return nil
}

// latest keeps of each id the version with the highest revision, the later one
// of equals, in the order of the ids.
func latest[T any](list []T, id func(*T) string, revision func(*T) int64) []T {
	at := map[string]int{}
	var out []T
	for i := range list {
		key := id(&list[i])
		if key == "" {
			continue
		}
		n, ok := at[key]
		switch {
		case !ok:
			at[key] = len(out)
			out = append(out, list[i])
		case revision(&list[i]) >= revision(&out[n]):
			out[n] = list[i]
		}
	}
	return out
}

// buyer names the customer of a record: the one that the source names, the guest
// behind a contact, or nobody.
func (t *trading) buyer(named string, guest community.Contact) string {
	if named != "" {
		return clean(named)
	}
	return t.in.guest(guest)
}

// guest is the id of the customer behind a contact: a fingerprint of the address,
// or of the phone where there is none. Empty when there is neither.
func (in *Intake) guest(c community.Contact) string {
	key := in.store.guestKey(in.community.Scope, c)
	if key == nil {
		return ""
	}
	return "guest/" + hex.EncodeToString(key[:16])
}

// idOf is the row of a customer; nil for nobody.
func (t *trading) idOf(external string) *int64 {
	id, ok := t.customers[external]
	if external == "" || !ok {
		return nil
	}
	return &id
}

// orNull is a time as a column that may be null.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// cleanAll cleans a list of texts.
func cleanAll(list []string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = clean(out[i])
	}
	return out
}
