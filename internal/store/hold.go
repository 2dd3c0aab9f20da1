package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// holdWatched takes a lock as hold does, and calls lost, once and from another
// goroutine, when the connection that it goes with breaks before release.
func (s *Store) holdWatched(ctx context.Context, name string, lost func()) (release func(), ok bool, err error) {
	conn, ok, err := s.lock(ctx, name)
	if err != nil || !ok {
		return nil, false, err
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for watching.Err() == nil {
			// Nobody notifies on this connection: it returns when there is nothing to wait for.
			if _, err := conn.Conn().WaitForNotification(watching); err != nil && watching.Err() == nil {
				lost()
				return
			}
		}
	}()
	return func() {
		stop()
		<-done
		unlock(ctx, conn, name)
	}, true, nil
}

// hold takes a lock for as long as the process lives or until release; false
// when it is taken. It goes with the connection, so the dead hold nothing.
func (s *Store) hold(ctx context.Context, name string) (release func(), ok bool, err error) {
	conn, ok, err := s.lock(ctx, name)
	if err != nil || !ok {
		return nil, false, err
	}
	return func() { unlock(ctx, conn, name) }, true, nil
}

// lock returns the connection that the lock goes with.
func (s *Store) lock(ctx context.Context, name string) (conn *pgxpool.Conn, ok bool, err error) {
	if conn, err = s.pool.Acquire(ctx); err != nil {
		return nil, false, fmt.Errorf("store: hold %s: %w", name, err)
	}
	if err := conn.QueryRow(ctx, `select pg_try_advisory_lock(hashtextextended($1, 0))`, name).Scan(&ok); err != nil || !ok {
		conn.Release()
		if err != nil {
			err = fmt.Errorf("store: hold %s: %w", name, err)
		}
		return nil, false, err
	}
	return conn, true, nil
}

func unlock(ctx context.Context, conn *pgxpool.Conn, name string) {
	ctx = context.WithoutCancel(ctx)
	if _, err := conn.Exec(ctx, `select pg_advisory_unlock(hashtextextended($1, 0))`, name); err != nil {
		_ = conn.Conn().Close(ctx) // the lock goes with the connection
	}
	conn.Release()
}
