package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// ErrNotOffered says that a platform cannot be connected on this instance, or not
// in this way.
var ErrNotOffered = errors.New("not offered here")

// App returns the application that this instance is registered as with a
// platform; false when it is not.
func (in *Ingest) App(p community.Platform) (connectors.App, bool) {
	app, ok := in.Apps[p]
	return app, ok
}

// Receive takes one request of a platform's webhook: it is verified, and stored
// before anybody tries to understand it. ErrNotOffered, connectors.ErrSignature and
// *connectors.RefusedError are the sender's; any other error asks for a second delivery.
func (in *Ingest) Receive(ctx context.Context, p community.Platform, r *http.Request) (connectors.Delivery, error) {
	hook, ok := connectors.Find(in.Connectors, p).(connectors.Webhook)
	app, configured := in.App(p)
	if !ok || !configured {
		return connectors.Delivery{}, ErrNotOffered
	}
	l, err := in.listing(ctx, p)
	if err != nil {
		return connectors.Delivery{}, fmt.Errorf("ingest: receive: %w", err)
	}
	d, err := hook.Receive(app, r, func(account string) bool { return l.keep[account] })
	if err != nil {
		return d, err
	}
	if err := in.collector.accept(ctx, in.Store, in.parcels(l, d.Parcels)); err != nil {
		return d, err
	}
	for _, n := range d.Notices {
		// As it was before: what has just been stored is no sign that nothing was missed.
		if err := in.note(ctx, p, l, n); err != nil {
			return d, err
		}
	}
	return d, nil
}

// gapMargin is how much further back than the last delivery a gap is filled.
const gapMargin = 10 * time.Minute

// note acts on what a platform says of an account.
func (in *Ingest) note(ctx context.Context, p community.Platform, l listing, n connectors.Notice) (err error) {
	if n.Kind == connectors.NoticeErase { // it comes long after the access was withdrawn
		if err := in.eraseAccount(ctx, p, n.Account); err != nil {
			return fmt.Errorf("ingest: note: %w", err)
		}
		return nil
	}
	for _, c := range l.account[n.Account] {
		in.Log.InfoContext(ctx, "notice of a platform", slog.String("platform", string(p)), slog.String("kind", string(n.Kind)),
			slog.Int64("connection", c.ID))
		switch n.Kind {
		case connectors.NoticeRevoked:
			err = in.revoke(ctx, c, n.Detail)
		case connectors.NoticeGap, connectors.NoticeLimited, connectors.NoticeBack:
			err = in.fillGap(ctx, c)
		case connectors.NoticeDegrade:
			if n.Detail == "" {
				err = in.Store.NoteConnection(ctx, c, "degraded", "")
				break
			}
			err = in.Store.DegradeConnection(ctx, c, n.Detail)
		case connectors.NoticeRestore:
			err = in.Store.RestoreConnection(ctx, c, n.Detail)
		case connectors.NoticeBlind:
			err = in.Store.BlindChannel(ctx, c, n.Detail)
		case connectors.NoticeRequest:
			err = errors.Join(in.Store.AddNote(ctx, c, "request", n.Detail), in.Store.Audit(ctx, store.AuditEntry{
				Organisation: c.Organisation, Action: "connection.asked", Target: c.Name, Detail: map[string]string{"platform": string(p), "customer": n.Detail},
			}))
		}
		if err != nil {
			return fmt.Errorf("ingest: note: %w", err)
		}
	}
	return nil
}

// eraseAccount deletes everything that came of an account, wherever it was
// connected: its platform demands it by law.
func (in *Ingest) eraseAccount(ctx context.Context, p community.Platform, account string) error {
	list, err := in.Store.ConnectionsOf(ctx, p, account)
	if err != nil {
		return err
	}
	for _, c := range list {
		if err := in.Store.EraseConnection(ctx, c); err != nil {
			return err
		}
		err := in.Store.Audit(ctx, store.AuditEntry{
			Organisation: c.Organisation, Action: "connection.erased", Target: c.Name, Detail: map[string]string{"platform": string(p), "by": "platform"},
		})
		if err != nil {
			return err
		}
	}
	in.directory.forget(p)
	return nil
}

// revoke ends what a connection does until somebody connects it again. Nothing
// that was measured is lost. why is the platform's word, or empty.
func (in *Ingest) revoke(ctx context.Context, c store.Connection, why string) error {
	if c.State == store.ConnectionRevoked {
		return nil
	}
	if err := in.Store.NoteConnection(ctx, c, "revoked", why); err != nil {
		return err
	}
	if err := in.Store.SetConnectionState(ctx, c, store.ConnectionRevoked, ""); err != nil {
		return err
	}
	return in.Store.CancelBackfills(ctx, c)
}

// fillGap walks back to the last delivery of a connection.
func (in *Ingest) fillGap(ctx context.Context, c store.Connection) error {
	if _, ok := connectors.Find(in.Connectors, c.Platform).(connectors.Backfiller); !ok || c.State != store.ConnectionActive {
		return nil
	}
	since := c.Seen
	if since.IsZero() {
		since = c.Installed
	}
	return in.Store.StartBackfill(ctx, c, "gap", since.Add(-gapMargin))
}

// The waits of a gateway that ended.
const (
	listenAgain = 5 * time.Second
	listenFatal = 5 * time.Minute
)

// Listen holds the gateways of the platforms that need one until the context
// ends. Several processes may: the gateways share the work by locks.
func (in *Ingest) Listen(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, c := range in.Connectors {
		gateway, ok := c.(connectors.Gateway)
		app, configured := in.App(c.Platform())
		if ok && configured && app.Token != "" {
			g.Go(func() error {
				in.listen(ctx, gateway, app, c.Platform())
				return nil
			})
		}
	}
	return g.Wait()
}

// listen runs one gateway and takes it up again when it ends.
func (in *Ingest) listen(ctx context.Context, gateway connectors.Gateway, app connectors.App, p community.Platform) {
	for ctx.Err() == nil {
		err := gateway.Listen(ctx, app, &host{in: in, platform: p})
		if ctx.Err() != nil {
			return
		}
		wait := listenAgain
		var fatal *connectors.FatalError
		switch {
		case errors.As(err, &fatal):
			wait = listenFatal
			in.failAll(ctx, p, fatal.Reason)
		case errors.Is(err, connectors.ErrRevoked):
			wait = listenFatal
			in.failAll(ctx, p, "token")
		}
		in.Log.ErrorContext(ctx, "gateway ended", slog.String("platform", string(p)), slog.Duration("again_in", wait), slog.Any("error", err))
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// failAll says on every connection of a platform that its gateway needs somebody.
func (in *Ingest) failAll(ctx context.Context, p community.Platform, reason string) {
	list, err := in.Store.LiveConnections(ctx, p)
	for _, c := range list {
		if err == nil && c.State == store.ConnectionActive {
			err = in.Store.NoteConnection(ctx, c, "gateway", reason)
		}
	}
	if err != nil {
		in.Log.ErrorContext(ctx, "connections not marked", slog.String("platform", string(p)), slog.Any("error", err))
	}
}

// host is what a gateway needs of its surroundings.
type host struct {
	in       *Ingest
	platform community.Platform
	mu       sync.Mutex
	held     map[string]*atomic.Bool // by name: whether the lock was lost
}

func (h *host) Hold(ctx context.Context, name string) (func(), bool, error) {
	lost := &atomic.Bool{}
	release, ok, err := h.in.Store.HoldWatched(ctx, string(h.platform)+"/"+name, func() { lost.Store(true) })
	if err != nil || !ok {
		return nil, false, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held == nil {
		h.held = map[string]*atomic.Bool{}
	}
	h.held[name] = lost
	return release, true, nil
}

func (h *host) Holds(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	lost := h.held[name]
	return lost != nil && !lost.Load()
}

func (h *host) Accept(ctx context.Context, list []connectors.Parcel) error {
	return h.in.accept(ctx, h.platform, list)
}

func (h *host) Note(ctx context.Context, n connectors.Notice) error {
	l, err := h.in.listing(ctx, h.platform)
	if err != nil {
		return fmt.Errorf("ingest: note: %w", err)
	}
	return h.in.note(ctx, h.platform, l, n)
}

func (h *host) Keep(account string) bool {
	l, err := h.in.listing(context.Background(), h.platform)
	return err == nil && l.keep[account]
}

func (h *host) Load(ctx context.Context, name string) ([]byte, error) {
	sealed, _, err := h.in.Store.LoadListener(ctx, h.platform, name)
	if err != nil || sealed == nil {
		return nil, err
	}
	state, err := h.in.Ring.Open(store.PurposeListener, sealed)
	if err != nil {
		return nil, nil // of another key: the gateway begins anew
	}
	return state, nil
}

func (h *host) Save(ctx context.Context, name string, state []byte) error {
	return h.in.Store.SaveListener(ctx, h.platform, name, h.in.Ring.Seal(store.PurposeListener, state))
}
