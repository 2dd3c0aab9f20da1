package store

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/linking"
)

// storeOrders writes the orders, and the lines and refunds of those that changed.
func (t *trading) storeOrders(ctx context.Context, b community.Business) error {
	list := b.Orders
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b community.Order) int { return compareTexts(a.ExternalID, b.ExternalID) })
	if err := t.rejoinGuests(ctx, list); err != nil {
		return err
	}
	written, err := t.upsert(ctx, "trade_order", t.orderArgs(list))
	if err != nil {
		return err
	}
	changed := slices.DeleteFunc(list, func(o community.Order) bool { return !written[clean(o.ExternalID)].Changed })
	if len(changed) == 0 {
		return nil
	}
	ids := make([]int64, len(changed))
	for i, o := range changed {
		ids[i] = written[clean(o.ExternalID)].ID
	}
	if err := t.writeParts(ctx, changed, ids); err != nil {
		return err
	}
	if _, err := t.in.store.convertOrders(ctx, t.tx, t.in.community.Scope, ids); err != nil {
		return err
	}
	return markDuplicates(ctx, t.tx, t.in.community.Scope, t.in.connection)
}

// orderArgs lays the orders out as columns.
func (t *trading) orderArgs(list []community.Order) pgx.NamedArgs {
	n := len(list)
	ids, numbers, currencies := make([]string, n), make([]string, n), make([]string, n)
	codes, channels, countries := make([]string, n), make([]string, n), make([]string, n)
	customers, ats, states := make([]*int64, n), make([]time.Time, n), make([]int16, n)
	tests, declared, removed := make([]bool, n), make([]bool, n), make([]bool, n)
	exponents, revisions := make([]int16, n), make([]int64, n)
	nets, shippings, discounts, refunds := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	taxes, prints := make([]*int64, n), make([][]byte, n)
	for i, o := range list {
		if o.Deleted { // nothing is kept of it but the id: an older version may not bring it back
			o = community.Order{ExternalID: o.ExternalID, Deleted: true, Revision: o.Revision, At: time.UnixMilli(max(o.Revision, 0))}
		}
		ids[i], numbers[i], channels[i], countries[i] = clean(o.ExternalID), clean(o.Number), clean(o.Channel), clean(o.Country)
		currencies[i], exponents[i] = o.Net.Currency, int16(o.Net.Exponent)
		customers[i], ats[i], states[i] = t.idOf(t.buyer(o.Customer, o.Guest)), o.At.UTC().Truncate(time.Microsecond), int16(o.State)
		tests[i], declared[i], removed[i], revisions[i] = o.Test, o.Declared, o.Deleted, o.Revision
		nets[i], shippings[i], discounts[i] = o.Net.Minor, o.Shipping.Minor, o.Discount.Minor
		if o.Tax != (community.Money{}) {
			taxes[i] = &o.Tax.Minor
		}
		for _, r := range o.Refunds {
			refunds[i] += r.Net.Minor
		}
		codes[i], prints[i] = textArray(o.Codes), partsPrint(o)
	}
	return pgx.NamedArgs{
		"ids": ids, "numbers": numbers, "customers": customers, "ats": ats, "states": states, "tests": tests, "declared": declared,
		"currencies": currencies, "exponents": exponents, "nets": nets, "taxes": taxes, "shippings": shippings, "discounts": discounts,
		"refunds": refunds, "codes": codes, "channels": channels, "countries": countries, "prints": prints, "revisions": revisions, "removed": removed,
	}
}

// partsPrint is a fingerprint of what an order consists of; empty for nothing.
func partsPrint(o community.Order) []byte {
	if len(o.Lines) == 0 && len(o.Refunds) == 0 {
		return []byte{}
	}
	h := fnv.New128a()
	_ = json.NewEncoder(h).Encode(struct { // plain values: they encode, and a hash takes all
		L []community.OrderLine
		R []community.Refund
	}{o.Lines, o.Refunds})
	return h.Sum(nil)
}

// rejoinGuests gives the orders of guests to the customer of the same source who
// has the same address, where there is exactly one.
func (t *trading) rejoinGuests(ctx context.Context, list []community.Order) error {
	var guests []string
	var keys [][]byte
	for _, o := range list {
		if o.Customer != "" {
			continue
		}
		id := t.in.guest(o.Guest)
		for _, k := range t.in.store.contactKeys(t.in.community.Scope, o.Guest, nil) {
			if k.kind == linking.Email && id != "" {
				guests, keys = append(guests, id), append(keys, k.key)
				break
			}
		}
	}
	if len(guests) == 0 {
		return nil
	}
	rows, err := t.tx.Query(ctx, `select g.guest, min(c.id) from unnest(@guests::text[], @keys::bytea[]) g (guest, key)
		join contact_key k on k.organisation_id = @org and k.community_id = @com and k.kind = @kind and k.key = g.key and k.customer_id is not null
		join customer c on c.organisation_id = @org and c.community_id = @com and c.id = k.customer_id and c.connection_id = @connection and not c.guest
		group by 1 having count(distinct c.id) = 1`, t.args(pgx.NamedArgs{"guests": guests, "keys": keys, "kind": linking.Email}))
	if err != nil {
		return err
	}
	var guest string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&guest, &id}, func() error {
		t.customers[guest] = id
		return nil
	})
	return err
}

// writeParts replaces the lines and refunds of orders.
func (t *trading) writeParts(ctx context.Context, list []community.Order, ids []int64) error {
	for _, sql := range []string{
		`delete from order_line where organisation_id = @org and community_id = @com and order_id = any (@ids)`,
		`delete from refund where organisation_id = @org and community_id = @com and order_id = any (@ids)`,
	} {
		if _, err := t.tx.Exec(ctx, sql, t.args(pgx.NamedArgs{"ids": ids})); err != nil {
			return err
		}
	}
	var lines, refunds [][]any
	sc := t.in.community.Scope
	for i, o := range list {
		if o.Deleted {
			continue
		}
		for n, l := range o.Lines {
			lines = append(lines, []any{sc.Organisation, sc.Community, ids[i], int32(n + 1), clean(l.SKU), clean(l.Name), l.Quantity, l.Net.Minor})
		}
		seen := map[string]bool{}
		for _, r := range o.Refunds {
			if id := clean(r.ExternalID); !seen[id] {
				seen[id] = true
				var tax *int64
				if r.Tax != (community.Money{}) {
					tax = &r.Tax.Minor
				}
				refunds = append(refunds, []any{sc.Organisation, sc.Community, ids[i], id, r.At.UTC(), r.Net.Minor, tax})
			}
		}
	}
	if len(lines) > 0 {
		if err := copyInto(ctx, t.tx, "order_line", []string{"organisation_id", "community_id", "order_id", "position", "sku", "name", "quantity", "net_minor"}, pgx.CopyFromRows(lines)); err != nil {
			return err
		}
		if err := t.grew(ctx, len(lines), "order_line"); err != nil {
			return err
		}
	}
	if len(refunds) == 0 {
		return nil
	}
	return copyInto(ctx, t.tx, "refund", []string{"organisation_id", "community_id", "order_id", "external_id", "at", "net_minor", "tax_minor"}, pgx.CopyFromRows(refunds))
}

// markDuplicates marks the orders of a connection, and of those it is paired
// with, that another source has under the same number and that the user said is
// the one to count.
func markDuplicates(ctx context.Context, tx pgx.Tx, sc community.Scope, connection int64) error {
	_, err := tx.Exec(ctx, query("trade_duplicates"), scoped(sc, pgx.NamedArgs{"connection": connection}))
	return err
}

// settleDuplicates marks the duplicates anew after orders went away: what was the
// same as an order that is gone counts by itself.
func settleDuplicates(ctx context.Context, tx pgx.Tx, sc community.Scope) error {
	if _, err := tx.Exec(ctx, `update customer_order o set duplicate_of = null where o.organisation_id = @org and o.community_id = @com and o.duplicate_of is not null
		and not exists (select from customer_order k where k.organisation_id = @org and k.community_id = @com and k.id = o.duplicate_of and not k.removed)`, scoped(sc, nil)); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `select other_id from same_orders where organisation_id = @org and community_id = @com`, scoped(sc, nil))
	if err != nil {
		return err
	}
	paired, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for _, other := range paired {
		if err := markDuplicates(ctx, tx, sc, other); err != nil {
			return err
		}
	}
	return nil
}
