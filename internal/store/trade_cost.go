package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

func never[T any](*T) int64 { return 0 }

// storeCosts writes what was spent.
func (t *trading) storeCosts(ctx context.Context, b community.Business) error {
	list := latest(b.Costs, func(c *community.Cost) string { return clean(c.ExternalID) }, never[community.Cost])
	n := len(list)
	if n == 0 {
		return nil
	}
	ids, kinds, froms, tos := make([]string, n), make([]int16, n), make([]time.Time, n), make([]time.Time, n)
	categories, channels, currencies := make([]string, n), make([]string, n), make([]string, n)
	exponents, amounts, minutes, removed := make([]int16, n), make([]int64, n), make([]int64, n), make([]bool, n)
	for i, c := range list {
		ids[i], kinds[i], froms[i], tos[i] = clean(c.ExternalID), int16(c.Kind), c.From, c.To
		categories[i], channels[i], currencies[i] = clean(c.Category), clean(c.Channel), c.Amount.Currency
		exponents[i], amounts[i], minutes[i], removed[i] = int16(c.Amount.Exponent), c.Amount.Minor, c.Minutes, c.Deleted
	}
	return t.counted(ctx, "trade_cost", n, pgx.NamedArgs{
		"ids": ids, "kinds": kinds, "froms": froms, "tos": tos, "categories": categories, "channels": channels,
		"currencies": currencies, "exponents": exponents, "amounts": amounts, "minutes": minutes, "removed": removed,
	})
}

// storeAnswers writes what people said of how they heard.
func (t *trading) storeAnswers(ctx context.Context, b community.Business) error {
	list := b.Answers
	n := len(list)
	if n == 0 {
		return nil
	}
	ids, customers, orders, ats := make([]string, n), make([]*int64, n), make([]string, n), make([]time.Time, n)
	choices, skipped, removed := make([]string, n), make([]bool, n), make([]bool, n)
	for i, a := range list {
		ids[i], customers[i], orders[i], ats[i] = clean(a.ExternalID), t.idOf(t.buyer(a.Customer, a.Guest)), clean(a.Order), a.At.UTC()
		choices[i], skipped[i], removed[i] = clean(a.Choice), a.Skipped, a.Deleted
	}
	return t.counted(ctx, "trade_answer", n, pgx.NamedArgs{
		"ids": ids, "customers": customers, "orders": orders, "ats": ats, "choices": choices, "skipped": skipped, "removed": removed,
	})
}

// counted runs a query that answers how many rows it changed.
func (t *trading) counted(ctx context.Context, name string, of int, args pgx.NamedArgs) error {
	var changed int
	if err := t.tx.QueryRow(ctx, query(name), t.args(args)).Scan(&changed); err != nil {
		return err
	}
	t.count(changed, of-changed)
	return nil
}
