package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/devpg"
	"github.com/foyer-app/foyer/internal/store"
)

// database is an open, migrated database.
type database struct {
	store   *store.Store
	cluster *devpg.Cluster // nil: somebody else's server
	log     *slog.Logger
}

// open connects to DATABASE_URL, or starts or joins the private cluster, and
// brings the schema up to date.
func open(ctx context.Context, c config, log *slog.Logger) (*database, error) {
	db := &database{log: log}
	url := c.DatabaseURL
	if url == "" {
		cluster, err := devpg.Start(ctx, devpg.Config{DataDir: c.DataDir, BinDir: c.PGBinDir, Log: log, AllowFetch: c.PGFetch})
		if err != nil {
			return nil, err
		}
		db.cluster = cluster
		url = cluster.URL(devpg.Database)
	}
	if err := db.connect(ctx, url); err != nil {
		db.close()
		return nil, err
	}
	return db, nil
}

func (db *database) connect(ctx context.Context, url string) error {
	conf, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The parser's message quotes the address, and with it the password.
		return fmt.Errorf("DATABASE_URL cannot be read: say postgres://user:password@host/database")
	}
	conf.MaxConns = max(conf.MaxConns, 20)
	conf.ConnConfig.RuntimeParams["timezone"] = "UTC"
	conf.ConnConfig.RuntimeParams["application_name"] = "foyer"
	conf.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	start := time.Now()
	if db.store, err = store.Open(ctx, conf); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	db.log.InfoContext(ctx, "database ready", slog.Duration("migrations", time.Since(start)))
	return nil
}

// close leaves the cluster running for other processes that use it.
func (db *database) close() {
	if db.store != nil {
		db.store.Pool().Close()
	}
	if db.cluster == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := db.cluster.Stop(ctx); err != nil {
		db.log.Error("database not stopped", slog.Any("error", err))
	}
}

// migrate brings the schema up to date and says so.
func migrate(ctx context.Context, _ []string, c config, t terminal) error {
	db, err := open(ctx, c, c.logger(t, true))
	if err != nil {
		return err
	}
	defer db.close()
	_, err = fmt.Fprintln(t.out, t.locale.T("cli.migrated"))
	return err
}
