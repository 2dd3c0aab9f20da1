package ingest_test

import (
	"context"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// forgetful is a stall that shows nothing of before a moment.
type forgetful struct {
	*stall
	from time.Time
}

func (f forgetful) Books(ctx context.Context, app connectors.App, c connectors.Connection, from, to time.Time, cursor string) (connectors.BooksPage, error) {
	page, err := f.stall.Books(ctx, app, c, f.from, to, cursor)
	page.From = f.from
	return page, err
}

// What a source does not show any more is not missing there.
func TestBooksOfWhatIsShown(t *testing.T) {
	t.Parallel()
	s, shop, c := market(t, 10)
	s.walk(s.Ingest)
	s.drain(c)
	s.Connectors = []connectors.Connector{forgetful{shop, shop.orders["o6"].At}}
	shop.set("missed", time.Now().UTC().AddDate(0, 0, -5), 900, 1)
	if err := s.Audit(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, lines, err := s.Store.Books(t.Context(), c, 100)
	if err != nil || len(lines) != 0 {
		t.Errorf("lines %+v, %v", lines, err)
	}
	if n := s.count(`select count(*) from customer_order`); n != 11 {
		t.Errorf("%d orders, 11 expected", n)
	}
	if shop.fetched != 1 {
		t.Errorf("%d orders were fetched", shop.fetched)
	}
}
