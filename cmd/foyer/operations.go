package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"golang.org/x/sync/errgroup"
	"riverqueue.com/riverui"

	"github.com/foyer-app/foyer/internal/metrics"
	"github.com/foyer-app/foyer/internal/store"
)

// checkMetrics says what is wrong with FOYER_METRICS_ADDR. Nobody is asked who
// they are there: an address that others reach must be written out.
func checkMetrics(addr string) string {
	if addr == "" {
		return ""
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host == "" || port == "" {
		return fmt.Sprintf("FOYER_METRICS_ADDR is %q: say 127.0.0.1:9090, or 0.0.0.0:9090 where others may read the metrics", addr)
	}
	return ""
}

// measure serves the metrics on their own address until the context ends; nil
// where none is set.
func (c config) measure(ctx context.Context, g *errgroup.Group, s *store.Store, log *slog.Logger) (*metrics.Metrics, error) {
	if c.MetricsAddr == "" {
		return nil, nil
	}
	m, err := metrics.New(s, version, log)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	listener, err := net.Listen("tcp", c.MetricsAddr)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	log.InfoContext(ctx, "metrics", slog.String("address", listener.Addr().String()))
	server := &http.Server{
		Handler: m.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 15 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	g.Go(func() error {
		done := make(chan error, 1)
		go func() { done <- server.Serve(listener) }()
		select {
		case err := <-done:
			return fmt.Errorf("metrics: %w", err)
		case <-ctx.Done():
			return server.Close()
		}
	})
	return m, nil
}

// jobPages are River's own pages about the jobs. They run until the context ends.
func jobPages(ctx context.Context, jobs *river.Client[pgx.Tx], log *slog.Logger) (http.Handler, error) {
	pages, err := riverui.NewHandler(&riverui.HandlerOpts{Endpoints: riverui.NewEndpoints(jobs, nil), Logger: log, Prefix: "/admin/river"})
	if err != nil {
		return nil, fmt.Errorf("job pages: %w", err)
	}
	if err := pages.Start(ctx); err != nil {
		return nil, fmt.Errorf("job pages: %w", err)
	}
	return pages, nil
}
