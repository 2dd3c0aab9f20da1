package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// credentialPurpose binds what the vault seals to connections.
const credentialPurpose = store.PurposeCredentials

// refreshBefore is how long before their end credentials are renewed.
const refreshBefore = 15 * time.Minute

// errRefreshing says that another process renews the credentials just now.
var errRefreshing = errors.New("the credentials are being renewed")

// Install connects an account that OAuth came back with.
func (in *Ingest) Install(ctx context.Context, c community.Community, p community.Platform, query url.Values, verifier string) (int64, error) {
	installer, ok := connectors.Find(in.Connectors, p).(connectors.Installer)
	app, configured := in.App(p)
	if !ok || !configured {
		return 0, ErrNotOffered
	}
	conn, err := installer.Install(ctx, app, query, verifier)
	if err != nil {
		return 0, err
	}
	return in.connect(ctx, c, p, conn)
}

// InstallManual connects an account by what somebody pasted.
func (in *Ingest) InstallManual(ctx context.Context, c community.Community, p community.Platform, values map[string]string) (int64, error) {
	manual, ok := connectors.Find(in.Connectors, p).(connectors.Manual)
	app, configured := in.App(p)
	if !ok || !configured {
		return 0, ErrNotOffered
	}
	conn, err := manual.InstallManual(ctx, app, values)
	if err != nil {
		return 0, err
	}
	return in.connect(ctx, c, p, conn)
}

// connect stores an installation and begins its history. The credentials are in
// the vault before anything uses them.
func (in *Ingest) connect(ctx context.Context, c community.Community, p community.Platform, conn connectors.Connection) (int64, error) {
	sealed, err := in.sealCredentials(conn.Credentials)
	if err != nil {
		return 0, err
	}
	id, err := in.Store.Install(ctx, c.Scope, store.Installation{
		Platform: p, ExternalID: conn.ExternalID, Name: conn.Name, Measures: conn.Measures, Granted: conn.Granted,
		Settings: conn.Settings, Sealed: sealed,
	})
	if err != nil {
		return 0, fmt.Errorf("ingest: connect: %w", err)
	}
	in.directory.forget(p)
	installed := store.Connection{Scope: c.Scope, ID: id, Platform: p}
	for _, right := range conn.Lacks {
		if err := in.Store.DegradeConnection(ctx, installed, right); err != nil {
			return 0, fmt.Errorf("ingest: connect: %w", err)
		}
	}
	if err := in.Store.AddTeamRoles(ctx, c.Scope, conn.TeamRoles); err != nil {
		return 0, fmt.Errorf("ingest: connect: %w", err)
	}
	if _, ok := connectors.Find(in.Connectors, p).(connectors.Backfiller); ok {
		if err := in.Store.StartBackfill(ctx, installed, "history", time.Time{}); err != nil {
			return 0, fmt.Errorf("ingest: connect: %w", err)
		}
	}
	return id, nil
}

// Disconnect gives the access back to the platform, as far as it takes it, and
// forgets the credentials. What was measured stays. Access that another connection
// works by, of this organisation or not, is not given back.
func (in *Ingest) Disconnect(ctx context.Context, c store.Connection) error {
	u, ok := connectors.Find(in.Connectors, c.Platform).(connectors.Uninstaller)
	app, configured := in.App(c.Platform)
	shared, err := in.shared(ctx, c)
	if err != nil {
		return fmt.Errorf("ingest: disconnect: %w", err)
	}
	if ok && configured && c.Sealed != nil && !shared {
		conn, err := in.connection(ctx, c)
		if err == nil {
			err = u.Uninstall(ctx, app, conn)
		}
		if err != nil { // the access may be gone already; ours to forget all the same
			in.Log.WarnContext(ctx, "access not given back", "platform", string(c.Platform), "connection", c.ID, "error", err)
		}
	}
	if err := in.Store.CancelBackfills(ctx, c); err != nil {
		return fmt.Errorf("ingest: disconnect: %w", err)
	}
	if err := in.Store.Uninstall(ctx, c); err != nil {
		return fmt.Errorf("ingest: disconnect: %w", err)
	}
	in.directory.forget(c.Platform)
	return nil
}

// shared says whether another installed connection reads the same account, or one
// of the same owner: the platform grants the access to all of them at once.
func (in *Ingest) shared(ctx context.Context, c store.Connection) (bool, error) {
	list, err := in.Store.LiveConnections(ctx, c.Platform)
	owner := c.Settings[connectors.SettingOwner]
	return slices.ContainsFunc(list, func(o store.Connection) bool {
		same := o.ExternalID == c.ExternalID || owner != "" && o.Settings[connectors.SettingOwner] == owner
		return same && o.ID != c.ID && o.State != store.ConnectionRevoked
	}), err
}

func (d *directory) forget(p community.Platform) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.lists, p)
}

func (in *Ingest) sealCredentials(c connectors.Credentials) ([]byte, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("ingest: seal credentials: %w", err)
	}
	return in.Ring.Seal(credentialPurpose, plain), nil
}

// connection opens a connection's credentials for a connector.
func (in *Ingest) connection(ctx context.Context, c store.Connection) (connectors.Connection, error) {
	out := connectors.Connection{ExternalID: c.ExternalID, Name: c.Name, Granted: c.Granted, Measures: c.Measures, Settings: c.Settings}
	keeping, err := in.Store.KeepingQuestions(ctx)
	if err != nil {
		return out, err
	}
	out.KeepText = keeping[c.Scope]
	if c.Sealed == nil {
		return out, nil
	}
	plain, err := in.Ring.Open(credentialPurpose, c.Sealed)
	if err != nil {
		return out, fmt.Errorf("ingest: credentials: %w", err)
	}
	if err := json.Unmarshal(plain, &out.Credentials); err != nil {
		return out, fmt.Errorf("ingest: credentials: %w", err)
	}
	return out, nil
}

// fresh is a connection whose credentials hold for a while: they are renewed by
// one process at a time, and stored before they are used.
func (in *Ingest) fresh(ctx context.Context, c store.Connection, app connectors.App) (connectors.Connection, error) {
	conn, err := in.connection(ctx, c)
	refresher, ok := connectors.Find(in.Connectors, c.Platform).(connectors.Refresher)
	if err != nil || !ok || !expires(conn) {
		return conn, err
	}
	release, held, err := in.Store.HoldNamed(ctx, fmt.Sprintf("refresh/%d", c.ID))
	if err != nil {
		return conn, err
	}
	if !held {
		return conn, errRefreshing
	}
	defer release()
	// Another process may have renewed them in between.
	if c, err = in.Store.ConnectionByID(ctx, c.Scope, c.ID); err != nil {
		return conn, err
	}
	if conn, err = in.connection(ctx, c); err != nil || !expires(conn) {
		return conn, err
	}
	if conn.Credentials, err = refresher.Refresh(ctx, app, conn); err != nil {
		return conn, err
	}
	sealed, err := in.sealCredentials(conn.Credentials)
	if err != nil {
		return conn, err
	}
	return conn, in.Store.SetCredentials(context.WithoutCancel(ctx), c, sealed)
}

func expires(c connectors.Connection) bool {
	return !c.Credentials.Expires.IsZero() && time.Until(c.Credentials.Expires) < refreshBefore
}
