package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// copyInto writes many rows. PostgreSQL copies into no table with row-level
// security, so the rows go to a temporary twin and are inserted from there, where
// the policy sees each of them.
func copyInto(ctx context.Context, tx pgx.Tx, table string, columns []string, rows pgx.CopyFromSource) error {
	twin := "copy_" + table
	name, from := pgx.Identifier{table}.Sanitize(), pgx.Identifier{twin}.Sanitize()
	_, err := tx.Exec(ctx, `create temporary table if not exists `+from+` (like `+name+` including defaults) on commit delete rows`)
	if err != nil {
		return err
	}
	// Empty but for a second time in one transaction: the commit empties it.
	if _, err := tx.Exec(ctx, `delete from `+from); err != nil {
		return err
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{twin}, columns, rows); err != nil {
		return err
	}
	list := strings.Join(columns, ", ") // names of ours, never input
	_, err = tx.Exec(ctx, `insert into `+name+` (`+list+`) select `+list+` from `+from)
	return err
}
