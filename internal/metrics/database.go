package metrics

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/foyer-app/foyer/internal/store"
)

// askTime bounds what a scrape asks the database.
const askTime = 5 * time.Second

// The descriptions of what the database and its pool tell. Each process tells the
// same backlog: take the maximum over them.
var (
	up          = desc("foyer_database_up", "1 when the database answered.")
	connections = desc("foyer_database_connections", "Connections of the pool: used, idle, and how many there may be.", "state")
	waited      = desc("foyer_database_wait_seconds_total", "Time that work waited for a connection.")
	backlog     = desc("foyer_backlog", "How much of a kind is in a state.", "kind", "state")
	oldest      = desc("foyer_backlog_oldest_seconds", "How long the first of a kind has waited in a state.", "kind", "state")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// states are what is told of each kind also when there is none of it, and all
// that is told: a row in another state makes no label.
func states() map[string][]string {
	return map[string][]string{
		"jobs":       {"available", "cancelled", "completed", "discarded", "pending", "retryable", "running", "scheduled"},
		"inbox":      {"waiting"},
		"dirty_days": {"waiting"},
		"imports":    {"waiting", "running", "asking", "done", "failed", "cancelled"},
		"letters":    {"waiting", "failed", "kept"},
	}
}

// database asks when it is scraped.
type database struct {
	store *store.Store
	log   *slog.Logger
}

// Describe implements prometheus.Collector.
func (d *database) Describe(out chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{up, connections, waited, backlog, oldest} {
		out <- one
	}
}

// Collect implements prometheus.Collector. Without the database the rest is still told.
func (d *database) Collect(out chan<- prometheus.Metric) {
	gauge := func(of *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(of, prometheus.GaugeValue, v, labels...)
	}
	pool := d.store.Pool().Stat()
	gauge(connections, float64(pool.AcquiredConns()), "used")
	gauge(connections, float64(pool.IdleConns()), "idle")
	gauge(connections, float64(pool.MaxConns()), "most")
	out <- prometheus.MustNewConstMetric(waited, prometheus.CounterValue, pool.AcquireDuration().Seconds())
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	list, err := d.store.Backlogs(ctx)
	if err != nil {
		d.log.WarnContext(ctx, "backlog not counted", slog.Any("error", err))
		gauge(up, 0)
		return
	}
	gauge(up, 1)
	found := map[[2]string]store.Backlog{}
	for _, b := range list {
		found[[2]string{b.Kind, b.State}] = b
	}
	for kind, names := range states() {
		for _, state := range names {
			b := found[[2]string{kind, state}]
			gauge(backlog, float64(b.Count), kind, state)
			gauge(oldest, b.Oldest.Seconds(), kind, state)
		}
	}
}
