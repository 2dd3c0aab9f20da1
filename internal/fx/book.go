package fx

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/outbound"
	"github.com/foyer-app/foyer/internal/store"
)

// Where the bank publishes.
const (
	DefaultURL     = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml"
	DefaultHistory = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.xml"
)

// MaxAnswer is how large an answer may be: the whole history is a third of it.
const MaxAnswer = 32 << 20

// CheckEvery is how often the book looks whether something new should be there.
const CheckEvery = 3 * time.Hour

const (
	shortReach = 80               // days that the short address surely covers
	fresh      = 10 * time.Minute // how long what was read from the table is believed
)

// Config is what a Book needs.
type Config struct {
	Store *store.Store
	HTTP  *http.Client // from outbound, with MaxAnswer
	Log   *slog.Logger
	Now   func() time.Time
	URL   string // of the last days; empty: nothing is fetched
	// History is where the whole history is, for a gap that URL does not cover; empty:
	// nowhere.
	History string
}

// Book gives the rates, bundled and fetched. All its methods can run in several
// goroutines and processes at once.
type Book struct {
	Config
	bundled *community.Rates
	end     community.Date // of what is bundled
	zone    *time.Location // the publisher's

	mu    sync.Mutex
	known *community.Rates
	read  time.Time
}

// New returns a book; an error when the program's own history or time zones are
// damaged.
func New(c Config) (*Book, error) {
	rates, err := Bundled()
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return nil, fmt.Errorf("fx: %w", err)
	}
	end, _ := rates.Latest()
	return &Book{Config: c, bundled: rates, end: end, zone: zone}, nil
}

// Rates returns all rates that are known, at most ten minutes old. When the table
// cannot be read, what was read before is the answer, if there is any.
func (b *Book) Rates(ctx context.Context) (*community.Rates, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known != nil && b.Now().Sub(b.read) < fresh {
		return b.known, nil
	}
	rates, err := b.load(ctx)
	if err != nil {
		if b.known == nil {
			return nil, err
		}
		b.Log.WarnContext(ctx, "exchange rates not read: the last known ones stay", slog.Any("error", err))
		return b.known, nil
	}
	b.known, b.read = rates, b.Now()
	return rates, nil
}

func (b *Book) load(ctx context.Context) (*community.Rates, error) {
	list, err := b.Store.RatesAfter(ctx, b.end)
	if err != nil {
		return nil, err
	}
	rates, err := b.bundled.With(list)
	if err != nil {
		return nil, fmt.Errorf("fx: load: %w", err)
	}
	return rates, nil
}

// Refresh fetches what should have been published since the last known day. A
// source that fails is logged and asked again at the next time: what is known stays.
// The error is of the database.
func (b *Book) Refresh(ctx context.Context) error {
	if b.URL == "" {
		return nil
	}
	rates, err := b.load(ctx)
	if err != nil {
		return err
	}
	last, _ := rates.Latest()
	today := community.DateOf(b.Now(), b.zone)
	if last >= b.due() {
		return nil
	}
	url := b.URL
	if today-last > shortReach && b.History != "" {
		url = b.History
	}
	list, err := b.fetch(ctx, url, today)
	if err != nil {
		b.Log.WarnContext(ctx, "exchange rates not fetched: the last known ones stay", slog.String("last", last.String()), slog.Any("error", err))
		return nil
	}
	n, err := b.Store.AddRates(ctx, list)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.read = time.Time{}
	b.mu.Unlock()
	if n > 0 {
		b.Log.InfoContext(ctx, "exchange rates fetched", slog.Int("count", n))
	}
	return nil
}

// due is the last day whose rates should be out: a working day, from a quarter past
// four in the afternoon. Holidays look due and answer with nothing new.
func (b *Book) due() community.Date {
	now := b.Now().In(b.zone)
	d := community.DateOf(now, b.zone)
	if now.Hour()*60+now.Minute() < 16*60+15 {
		d--
	}
	for d.Weekday() > 4 {
		d--
	}
	return d
}

func (b *Book) fetch(ctx context.Context, url string, today community.Date) ([]community.ExchangeRate, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	res, err := b.HTTP.Do(req)
	if err != nil {
		return nil, outbound.Redact(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the source answers %d", res.StatusCode)
	}
	return ParseXML(res.Body, b.end, today)
}
