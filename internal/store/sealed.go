package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// SealedColumn is a column that holds what the vault sealed.
type SealedColumn struct {
	Table   string
	Column  string
	Key     string // SQL for what names a row
	Purpose string // SQL for what it was sealed for
}

// The purposes that bind what is sealed to where it belongs.
const (
	PurposeTOTP        = "totp"
	PurposeLetter      = "letter"
	PurposeCredentials = "credentials"
	PurposePayload     = "payload"
	PurposeListener    = "listener"
	PurposeContact     = "contact"
	PurposeHook        = "hook"
	PurposeRefused     = "refused"
)

// SealedColumns lists every sealed column: what a rotation of the keys goes
// through. A test compares it with the catalogue.
func SealedColumns() []SealedColumn {
	return []SealedColumn{
		{"app_user", "totp", "id", `'` + PurposeTOTP + `'`},
		{"ticket", "data", "hash", `purpose`}, // its own
		{"outgoing", "sealed", "id", `'` + PurposeLetter + `'`},
		{"connection", "sealed", "id", `'` + PurposeCredentials + `'`},
		{"listener", "state", `platform || '/' || name`, `'` + PurposeListener + `'`},
		{"inbox", "body", "id", `'` + PurposePayload + `'`},
		{"customer", "contact", "id", `'` + PurposeContact + `'`},
		{"refusal", "lines", "id", `'` + PurposeRefused + `'`},
		{"import_before", "sealed", "id", `'` + PurposeContact + `'`},
		{"connection", "hook", "id", `'` + PurposeHook + `'`},
	}
}

// Sealer opens and seals; Stale says that a text is not sealed by the newest key.
type Sealer interface {
	Open(purpose string, sealed []byte) ([]byte, error)
	Seal(purpose string, plain []byte) []byte
	Stale(sealed []byte) bool
}

// Resealed counts what Reseal did with a column.
type Resealed struct {
	Sealed int // anew
	Closed int // could not be opened, and stayed as it was
	Missed int // changed meanwhile: look again
}

// Reseal seals anew, by the newest key, what older keys sealed in a column. Others
// may read and write meanwhile. Called again it goes on with what is left.
func (s *Store) Reseal(ctx context.Context, c SealedColumn, v Sealer) (Resealed, error) {
	ctx = Across(ctx)
	var done Resealed
	stale, err := s.staleRows(ctx, c, v)
	if err != nil {
		return done, fmt.Errorf("store: reseal %s: %w", c.Table, err)
	}
	for _, r := range stale {
		plain, err := v.Open(r.purpose, r.sealed)
		if err != nil {
			done.Closed++
			continue
		}
		tag, err := s.pool.Exec(ctx, `update `+pgx.Identifier{c.Table}.Sanitize()+` set `+pgx.Identifier{c.Column}.Sanitize()+` = $3
			where `+c.Key+` = $1 and `+pgx.Identifier{c.Column}.Sanitize()+` = $2`, r.key, r.sealed, v.Seal(r.purpose, plain))
		if err != nil {
			return done, fmt.Errorf("store: reseal %s: %w", c.Table, err)
		}
		if tag.RowsAffected() == 1 {
			done.Sealed++
		} else {
			done.Missed++
		}
	}
	return done, nil
}

// sealedRow is one sealed value.
type sealedRow struct {
	key     any
	purpose string
	sealed  []byte
}

// resealAtOnce bounds the rows that one call of Reseal holds.
const resealAtOnce = 2000

// sealedRest is what the vault adds behind the key's id: nonce and tag.
const sealedRest = 28

func (s *Store) staleRows(ctx context.Context, c SealedColumn, v Sealer) ([]sealedRow, error) {
	// What is sealed begins with the key's id: the rest is nonce, text and tag.
	newest := v.Seal("", nil)
	newest = newest[:len(newest)-sealedRest]
	column := pgx.Identifier{c.Column}.Sanitize()
	rows, err := s.pool.Query(ctx, `select `+c.Key+`, `+c.Purpose+`, `+column+` from `+pgx.Identifier{c.Table}.Sanitize()+`
		where `+column+` <> '' and substring(`+column+` from 1 for $1) <> $2 limit $3`, len(newest), newest, resealAtOnce)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []sealedRow
	for rows.Next() {
		var r sealedRow
		if err := rows.Scan(&r.key, &r.purpose, &r.sealed); err != nil {
			return nil, err
		}
		if v.Stale(r.sealed) {
			list = append(list, r)
		}
	}
	return list, rows.Err()
}
