package ingest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// The daily look into a source's own books.
const (
	booksEvery = 24 * time.Hour
	booksBack  = 62 * 24 * time.Hour // how far it looks, from the start of that month
	booksTime  = 30 * time.Minute
	booksMost  = 500_000     // entries of one look
	booksFetch = 100         // entries fetched at once
	booksHeal  = 2_000       // entries fetched in one look; the next one goes on
	booksLines = 10_000      // kept of one look
	booksWait  = time.Minute // for another process to understand what was fetched
)

// Audit holds what is stored against the sources' own books: what differs is
// fetched anew, and what still differs then is kept line by line.
func (in *Ingest) Audit(ctx context.Context) error {
	return in.eachDue(ctx, store.TaskBooks, func(c connectors.Connector) (time.Duration, bool) {
		_, ok := c.(connectors.Bookkeeper)
		return booksEvery, ok
	}, in.audit)
}

func (in *Ingest) audit(ctx context.Context, c store.Connection, app connectors.App, _ time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, booksTime)
	defer cancel()
	keeper := connectors.Find(in.Connectors, c.Platform).(connectors.Bookkeeper)
	conn, err := in.fresh(ctx, c, app)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	from := now.Add(-booksBack)
	from = time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC)
	// Orders of the last hour may still be on their way.
	to := now.Add(-time.Hour)
	theirs, from, err := readBooks(ctx, keeper, app, conn, from, to)
	if err != nil {
		return err
	}
	ours, err := in.Store.OurBooks(ctx, c, from, to)
	if err != nil {
		return err
	}
	lines, wrong := compareBooks(theirs, ours)
	if len(wrong) > 0 {
		if err := in.heal(ctx, keeper, app, conn, c, wrong); err != nil {
			return err
		}
		if ours, err = in.Store.OurBooks(ctx, c, from, to); err != nil {
			return err
		}
		lines, _ = compareBooks(theirs, ours)
	}
	return in.Store.SaveBooks(context.WithoutCancel(ctx), c, from, lines[:min(len(lines), booksLines)], sumBooks(theirs, ours))
}

// readBooks fetches every page of the orders, and says from when on the source shows them.
func readBooks(ctx context.Context, keeper connectors.Bookkeeper, app connectors.App, conn connectors.Connection, from, to time.Time) ([]connectors.Entry, time.Time, error) {
	var out []connectors.Entry
	shown := from
	for cursor := ""; ; {
		page, err := keeper.Books(ctx, app, conn, from, to, cursor)
		if err != nil {
			return nil, shown, err
		}
		if page.From.After(shown) {
			shown = page.From
		}
		for _, e := range page.Entries {
			if !e.Subscription {
				out = append(out, e)
			}
		}
		if page.Next == "" {
			return slices.DeleteFunc(out, func(e connectors.Entry) bool { return e.At.Before(shown) }), shown, nil
		}
		if len(out) > booksMost || page.Next == cursor {
			return nil, shown, fmt.Errorf("books of more than %d entries, or without an end", booksMost)
		}
		cursor = page.Next
	}
}

// heal fetches entries anew and understands them at once.
func (in *Ingest) heal(ctx context.Context, keeper connectors.Bookkeeper, app connectors.App, conn connectors.Connection, c store.Connection, wrong []connectors.Entry) error {
	for group := range slices.Chunk(wrong[:min(len(wrong), booksHeal)], booksFetch) {
		payloads, err := keeper.Fetch(ctx, app, conn, group)
		if err != nil {
			return err
		}
		list := make([]store.Parcel, len(payloads))
		for i, p := range payloads {
			list[i] = store.Parcel{Scope: c.Scope, Connection: c.ID, Payload: in.Seal(p)}
		}
		if err := in.collector.accept(ctx, in.Store, list); err != nil {
			return err
		}
	}
	return in.drained(ctx, c)
}

// drained understands what waits of a connection, or waits while another process
// does.
func (in *Ingest) drained(ctx context.Context, c store.Connection) error {
	for end := time.Now().Add(booksWait); ; {
		if _, err := in.Drain(ctx, store.Pending{Scope: c.Scope, Connection: c.ID}); err != nil {
			return err
		}
		list, err := in.Store.BacklogOf(ctx, c.Scope)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(w store.WaitingPayloads) bool { return w.Connection == c.ID && w.Waiting > 0 }) || time.Now().After(end) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// compareBooks lists what differs, and the entries to fetch.
func compareBooks(theirs []connectors.Entry, ours map[string]store.OurOrder) ([]store.BooksLine, []connectors.Entry) {
	var lines []store.BooksLine
	var wrong []connectors.Entry
	seen := map[string]bool{}
	for _, e := range theirs {
		if seen[e.ExternalID] {
			continue
		}
		seen[e.ExternalID] = true
		o, ok := ours[e.ExternalID]
		switch {
		case !ok:
			lines = append(lines, store.BooksLine{External: e.ExternalID, At: e.At, Problem: store.BooksMissing, Theirs: &e.Net})
			wrong = append(wrong, e)
		case o.Net != e.Net || o.State != e.State || o.Test != e.Test || o.Refunded.Minor != e.Refunded.Minor:
			lines = append(lines, store.BooksLine{External: e.ExternalID, At: e.At, Problem: store.BooksDiffers, Theirs: &e.Net, Ours: &o.Net})
			wrong = append(wrong, e)
		}
	}
	for id, o := range ours {
		if !seen[id] {
			lines = append(lines, store.BooksLine{External: id, At: o.At, Problem: store.BooksSurplus, Ours: &o.Net})
			wrong = append(wrong, connectors.Entry{ExternalID: id, At: o.At})
		}
	}
	slices.SortFunc(lines, func(a, b store.BooksLine) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.External, b.External)) })
	return lines, wrong
}

// sumBooks adds up what both have, by month and currency: paid, not a test.
func sumBooks(theirs []connectors.Entry, ours map[string]store.OurOrder) []store.BooksMonth {
	type key struct {
		month    time.Time
		currency string
	}
	sums := map[key]*store.BooksMonth{}
	at := func(t time.Time, m community.Money) *store.BooksMonth {
		t = t.UTC()
		k := key{time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC), m.Currency}
		if sums[k] == nil {
			sums[k] = &store.BooksMonth{Month: k.month, Currency: k.currency, Exponent: m.Exponent}
		}
		return sums[k]
	}
	for _, e := range theirs {
		if e.State == community.OrderPaid && !e.Test {
			m := at(e.At, e.Net)
			m.TheirsCount++
			m.TheirsMinor += e.Net.Minor
		}
	}
	for _, o := range ours {
		if o.State == community.OrderPaid && !o.Test {
			m := at(o.At, o.Net)
			m.OursCount++
			m.OursMinor += o.Net.Minor
		}
	}
	out := make([]store.BooksMonth, 0, len(sums))
	for _, m := range sums {
		out = append(out, *m)
	}
	slices.SortFunc(out, func(a, b store.BooksMonth) int {
		return cmp.Or(b.Month.Compare(a.Month), cmp.Compare(a.Currency, b.Currency))
	})
	return out
}
