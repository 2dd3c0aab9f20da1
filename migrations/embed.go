// Package migrations holds the schema as forward-only SQL files, one change each.
package migrations

import "embed"

// Files are the migrations, in the order of their numbers.
//
//go:embed *.sql
var Files embed.FS
