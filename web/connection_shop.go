package web

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// booksBanner is from which difference to a source's own books the page says so.
const booksBanner = 0.005

// viewTrader says what a source of business data brought.
func (s *Server) viewTrader(l i18n.Locale, row *connectionRow, f connectionFacts) {
	row.CountLabel = l.T("connection.brought")
	var parts []string
	for _, part := range []struct {
		key string
		n   int64
	}{{"connection.orders", f.traded.Orders}, {"connection.subscriptions", f.traded.Subscriptions}} {
		if part.n > 0 {
			parts = append(parts, l.N(part.key, int(part.n)))
		}
	}
	if len(parts) == 0 {
		parts = []string{l.N("connection.customers", int(f.traded.Customers))}
	}
	row.Count = l.List(parts)
	if f.conn.Seen.IsZero() && !f.traded.Last.IsZero() {
		row.Seen = l.Date(f.traded.Last)
	}
}

// alsoOf are things about a source that are no state of it: a difference to its own
// books, somebody who asks what is kept of them, deliveries that it does not make.
func (s *Server) alsoOf(l i18n.Locale, f connectionFacts, path string, may bool) []ui.Banner {
	var list []ui.Banner
	platform := s.sourceName(l, f.conn.Platform)
	if m := f.gap; m != nil {
		money := func(minor int64) string {
			return moneyText(l, community.Money{Minor: minor, Currency: m.Currency, Exponent: m.Exponent})
		}
		list = append(list, ui.Banner{
			Tone: ui.Watch, Lead: l.T("connection.books", "platform", platform),
			Text: l.T("connection.books.text", "month", l.Month(m.Month.Month())+" "+strconv.Itoa(m.Month.Year()), "theirs", money(m.TheirsMinor), "ours", money(m.OursMinor), "share", l.Percent(m.Gap(), 1)),
		})
	}
	if id := f.conn.Settings["note_request"]; id != "" {
		b := ui.Banner{Tone: ui.Watch, Lead: l.T("connection.request"), Text: l.T("connection.request.text", "platform", platform, "customer", id)}
		if may {
			b.Action = &ui.Link{Label: l.T("connection.request.done"), URL: path + "/answered", Post: true}
		}
		list = append(list, b)
	}
	if p, ok := connectors.Find(s.Connectors, f.conn.Platform).(connectors.Polled); ok && f.conn.Settings["note_silent"] != "" && f.conn.State == store.ConnectionActive {
		list = append(list, ui.Banner{Tone: ui.Neutral, Lead: l.T("connection.silent", "platform", platform), Text: l.T("connection.silent.text", "time", l.Duration(p.Every()))})
	}
	return list
}

// moneyText writes an amount with the decimals that its currency is written with.
func moneyText(l i18n.Locale, m community.Money) string {
	if e, ok := community.ISOExponent(m.Currency); ok {
		if rounded, err := m.Round(e); err == nil {
			m = rounded
		}
	}
	return l.Money(m.Minor, m.Currency)
}

// answeredRequest notes that the brand has told somebody what is kept of them.
func (s *Server) answeredRequest(w http.ResponseWriter, r *http.Request) error {
	c, conn, err := s.theConnection(r)
	if err != nil {
		return err
	}
	if err := s.Store.NoteConnection(r.Context(), conn, "request", ""); err != nil {
		return fmt.Errorf("web: answered: %w", err)
	}
	return s.changed(w, r, c, conn, "answered")
}
