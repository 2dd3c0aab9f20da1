package devpg

import (
	"fmt"
	"log/slog"
	"strings"
)

// Database is the database that Start creates when it is missing.
const Database = "foyer"

// role is what the application connects as; superuser creates it.
const (
	role      = "foyer"
	boundRole = "foyer_app" // what it acts as: owns nothing, so that it cannot pass by row-level security
	superuser = "postgres"
)

// oldest is the first major version of PostgreSQL that Foyer supports.
const oldest = 15

// Config says where the cluster lives and where its binaries may come from.
// Only DataDir is required.
type Config struct {
	DataDir    string       // Foyer's data directory; the cluster lives in DataDir/postgres
	BinDir     string       // directory of postgres and initdb (FOYER_PG_BINDIR); may be empty
	CacheDir   string       // where unpacked bundles live; empty: the user's cache directory
	Log        *slog.Logger // nil: silent
	Fast       bool         // tests only: a crash of the machine may lose the cluster
	AllowFetch bool         // may call npm for the bundle
}

// MissingError says that no usable PostgreSQL was found.
type MissingError struct {
	Major   int      // the only version that fits, zero: any from 15 on
	Tried   []string // what was looked at and why it did not do
	Command string   // what installs PostgreSQL on this system
}

func (e *MissingError) Error() string {
	var b strings.Builder
	if e.Major > 0 {
		fmt.Fprintf(&b, "the data directory was written by PostgreSQL %d and no PostgreSQL %d was found", e.Major, e.Major)
	} else {
		fmt.Fprintf(&b, "no PostgreSQL %d or newer was found", oldest)
	}
	fmt.Fprintf(&b, "; install it (%s), set FOYER_PG_BINDIR to the directory of its postgres and initdb, or set DATABASE_URL", e.Command)
	for _, t := range e.Tried {
		b.WriteString("\n  tried " + t)
	}
	return b.String()
}
