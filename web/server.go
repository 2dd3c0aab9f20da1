// Package web serves Foyer's pages. A page is <page>.go, <page>.templ and
// <page>_test.go side by side; what several pages use is in ui, chart and i18n.
package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
)

// Imports starts and steers the reading of export files.
type Imports interface {
	// Upload stores files and queues their import; it returns the import's id.
	Upload(ctx context.Context, c community.Community, files Files, options UploadOptions) (int64, error)
	// Answer records what the visitor decided and lets the import go on.
	Answer(ctx context.Context, i store.Import, key, answer string) error
	// LookAt reads the beginning of the table that an import asks about; said nil: as
	// the community read such tables before.
	LookAt(ctx context.Context, i store.Import, said *connectors.Mapping) (connectors.Look, error)
	// AnswerMapping says how that table is read, and lets the import go on.
	AnswerMapping(ctx context.Context, i store.Import, look connectors.Look) error
	// Cancel ends an import; what went in stays.
	Cancel(ctx context.Context, i store.Import) error
	// Sample gives a person the organisation with the sample data, or completes it.
	Sample(ctx context.Context, u store.User, language string) (ingest.Sample, error)
	// RemoveSample removes that organisation and everything in it.
	RemoveSample(ctx context.Context, user, organisation int64) error
}

// Files yields the uploaded files one after the other; io.EOF at the end. The
// content is read before the next call.
type Files interface {
	Next() (name string, content io.Reader, err error)
}

// UploadOptions are what the visitor said about the files.
type UploadOptions struct {
	Source   community.Platform // empty: to be recognised
	Location *time.Location
}

// Config is what a Server needs.
type Config struct {
	Store      *store.Store
	Imports    Imports
	Connectors []connectors.Connector
	Log        *slog.Logger
	Accounts   *account.Accounts
	Post       *courier.Courier
	Live       *ingest.Ingest // what platforms deliver; nil: none is connected
	MailHost   string         // of the server that sends letters; empty: they are kept here
	Version    string
	Now        func() time.Time
	MaxUpload  int64                           // bytes of one upload
	URL        *url.URL                        // where visitors find this server; nil: on this machine only
	Code       string                          // asked of the first person; empty: not asked
	Proxies    []netip.Prefix                  // whose word about the visitor's address is taken
	Providers  []*account.Provider             // where people may sign in elsewhere
	Limits     APILimits                       // how often the API may be asked
	Jobs       http.Handler                    // shows the operator the jobs, below its own address; nil: nobody
	Measured   func(http.Handler) http.Handler // counts requests by route; nil: nobody does
}

// Server answers requests. It holds no state of its own but how often who tried
// to get in lately, and that it is stopping.
type Server struct {
	Config
	limits  limits
	errand  errands
	leaving leaving
}

// New returns a server.
func New(c Config) *Server {
	return &Server{Config: c, limits: newLimits(), errand: newErrands(), leaving: leaving{told: make(chan struct{})}}
}

// Handler returns all routes behind what every request passes.
func (s *Server) Handler() http.Handler { return s.routes() }
