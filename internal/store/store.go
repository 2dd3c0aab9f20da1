// Package store is all of Foyer's SQL: one file per noun, long queries in
// sql/<noun>_<verb>.sql. Every query names the organisation.
package store

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/foyer-app/foyer/internal/community"
)

//go:embed sql/*.sql
var files embed.FS

// Store reads and writes the database.
type Store struct {
	pool   *pgxpool.Pool
	makers *makers
	rates  Rater // nil: none
	keys   Keys  // nil: nobody can be erased, and no business data stored
}

// New returns a store over a migrated database.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool, makers: &makers{}} }

// Pool is the connection pool, for River and for transactions that span packages.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("store: ping: %w", err)
	}
	return nil
}

// query returns an embedded query; a missing file is a fault of the build,
// found by the test that prepares every query.
func query(name string) string {
	b, err := files.ReadFile("sql/" + name + ".sql")
	if err != nil {
		return "-- missing query " + name
	}
	return string(b)
}

// inTx runs f in a transaction and commits when it returns no error.
func (s *Store) inTx(ctx context.Context, f func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, s.pool, f)
}

// scoped returns the arguments that every query of a community has.
func scoped(sc community.Scope, more pgx.NamedArgs) pgx.NamedArgs {
	args := pgx.NamedArgs{"org": sc.Organisation, "com": sc.Community}
	for k, v := range more {
		args[k] = v
	}
	return args
}

// notFound turns "no rows" into community.ErrNotFound.
func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return community.ErrNotFound
	}
	return err
}
