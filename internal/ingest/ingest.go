// Package ingest brings what platforms say into the store: imports of export
// files, the draining of the inbox, and the rollups. Its work runs as River
// jobs; job arguments carry ids, never payloads.
package ingest

import (
	"log/slog"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/exportfs"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

// Config is what an Ingest needs.
type Config struct {
	Store      *store.Store
	Connectors []connectors.Connector
	Log        *slog.Logger
	// Uploads is the folder of uploaded files, one folder below it an upload.
	Uploads string
	Limits  exportfs.Limits
	Chores  []Chore
	// Ring seals payloads and credentials.
	Ring *vault.Ring
	// Apps are what this instance is registered as, by platform; those that are not
	// here cannot be connected live.
	Apps map[community.Platform]connectors.App
}

// Ingest does the work of the jobs. All its methods can run in several
// processes at once.
type Ingest struct {
	Config
	directory directory
	collector collector
	links     rests
}

// New returns an Ingest.
func New(c Config) *Ingest { return &Ingest{Config: c} }

// portionSize is how many payloads are stored in one transaction.
const portionSize = 5_000

// portionBytes bounds the payloads of one transaction in memory.
const portionBytes = 16 << 20
