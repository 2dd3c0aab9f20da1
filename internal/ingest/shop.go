package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
)

// ReceiveFor takes a request that came to the address of one connection; see
// Receive. An address that nobody has gives ErrNotOffered.
func (in *Ingest) ReceiveFor(ctx context.Context, p community.Platform, token string, r *http.Request) (connectors.Delivery, error) {
	hook, ok := connectors.Find(in.Connectors, p).(connectors.AccountWebhook)
	app, configured := in.App(p)
	if !ok || !configured {
		return connectors.Delivery{}, ErrNotOffered
	}
	c, err := in.Store.ConnectionByHook(ctx, p, secret.HashToken(token))
	if errors.Is(err, community.ErrNotFound) {
		return connectors.Delivery{}, ErrNotOffered
	}
	if err != nil {
		return connectors.Delivery{}, fmt.Errorf("ingest: receive: %w", err)
	}
	conn, err := in.connection(ctx, c)
	if err != nil {
		return connectors.Delivery{}, fmt.Errorf("ingest: receive: %w", err)
	}
	d, err := hook.ReceiveFor(app, conn, r)
	if err != nil || c.State != store.ConnectionActive {
		return d, err
	}
	var list []store.Parcel
	for _, parcel := range d.Parcels {
		if parcel.Account == "" || parcel.Account == c.ExternalID {
			list = append(list, store.Parcel{Scope: c.Scope, Connection: c.ID, Payload: in.Seal(parcel.Payload)})
		}
	}
	if err := in.collector.accept(ctx, in.Store, list); err != nil {
		return d, err
	}
	l := listing{account: map[string][]store.Connection{c.ExternalID: {c}}}
	for _, n := range d.Notices {
		if n.Account == "" {
			n.Account = c.ExternalID
		}
		if err := in.note(ctx, p, l, n); err != nil {
			return d, err
		}
	}
	return d, nil
}

// hookAddress is where a platform is to deliver: to the application's address, or
// to the connection's own where deliveries are signed by account.
func (in *Ingest) hookAddress(ctx context.Context, c store.Connection, app connectors.App) (string, error) {
	base := strings.TrimSuffix(app.Redirect, "/connect/"+string(c.Platform)+"/callback") + "/hooks/" + string(c.Platform)
	if _, own := connectors.Find(in.Connectors, c.Platform).(connectors.AccountWebhook); !own {
		return base, nil
	}
	sealed, err := in.Store.Hook(ctx, c, func() (sealed, hash []byte) {
		token, hash := secret.Token()
		return in.Ring.Seal(store.PurposeHook, []byte(token)), hash
	})
	if err != nil {
		return "", err
	}
	token, err := in.Ring.Open(store.PurposeHook, sealed)
	if err != nil {
		return "", err
	}
	return base + "/" + string(token), nil
}

// How often what a shop needs is done.
const (
	subscribeEvery = 24 * time.Hour
	subscribeTime  = time.Minute
	taskAgain      = 15 * time.Minute // after one that failed
)

// Subscribe makes the platforms deliver to us where they were not asked for a day.
func (in *Ingest) Subscribe(ctx context.Context) error {
	return in.eachDue(ctx, store.TaskSubscribe, func(c connectors.Connector) (time.Duration, bool) {
		_, ok := c.(connectors.Subscriber)
		return subscribeEvery, ok
	}, in.subscribe)
}

// subscribe asks one platform to deliver. Where the rights do not suffice, the
// connection says so and polling does the work.
func (in *Ingest) subscribe(ctx context.Context, c store.Connection, app connectors.App, _ time.Time) error {
	conn, err := in.fresh(ctx, c, app)
	if err != nil {
		return err
	}
	address, err := in.hookAddress(ctx, c, app)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, subscribeTime)
	defer cancel()
	kept, err := connectors.Find(in.Connectors, c.Platform).(connectors.Subscriber).Subscribe(ctx, app, conn, address)
	var refused *connectors.RefusedError
	if errors.As(err, &refused) {
		return in.Store.NoteConnection(ctx, c, "silent", "webhooks")
	}
	if err != nil {
		return err
	}
	var sealed []byte
	if kept.Credentials.Signing != conn.Credentials.Signing {
		if sealed, err = in.withSigning(ctx, c, kept.Credentials.Signing); err != nil {
			return err
		}
	}
	if err := in.Store.NoteConnection(ctx, c, "silent", ""); err != nil {
		return err
	}
	return in.Store.Subscribed(context.WithoutCancel(ctx), c, sealed, kept.Settings)
}

// withSigning is the connection's credentials as they are by now, which somebody
// may have renewed meanwhile, with the secret that signs its deliveries.
func (in *Ingest) withSigning(ctx context.Context, c store.Connection, signing string) ([]byte, error) {
	now, err := in.Store.ConnectionByID(ctx, c.Scope, c.ID)
	if err != nil {
		return nil, err
	}
	conn, err := in.connection(ctx, now)
	if err != nil {
		return nil, err
	}
	conn.Credentials.Signing = signing
	return in.sealCredentials(conn.Credentials)
}

// Poll fetches what changed, where deliveries cannot be relied on.
func (in *Ingest) Poll(ctx context.Context) error {
	return in.eachDue(ctx, store.TaskPoll, func(c connectors.Connector) (time.Duration, bool) {
		p, ok := c.(connectors.Polled)
		if !ok {
			return 0, false
		}
		return p.Every(), true
	}, func(ctx context.Context, c store.Connection, _ connectors.App, before time.Time) error {
		if before.IsZero() { // the history is being fetched
			before = c.Installed
		}
		return in.Store.StartBackfill(ctx, c, "gap", before.Add(-gapMargin))
	})
}

// eachDue does a task for every connection for which it is due, one process at a
// time, and logs what fails.
func (in *Ingest) eachDue(ctx context.Context, task store.Task, every func(connectors.Connector) (time.Duration, bool),
	do func(context.Context, store.Connection, connectors.App, time.Time) error,
) error {
	for _, connector := range in.Connectors {
		wait, ok := every(connector)
		app, configured := in.App(connector.Platform())
		if !ok || !configured {
			continue
		}
		due, err := in.Store.TaskDue(ctx, connector.Platform(), task, wait)
		if err != nil {
			return fmt.Errorf("ingest: %s: %w", task, err)
		}
		again := wait
		if task == store.TaskPoll {
			again = 0
		}
		for _, c := range due {
			if err := in.doTask(ctx, task, again, c, app, do); err != nil && ctx.Err() == nil {
				in.Log.WarnContext(ctx, "task not done", slog.String("task", string(task)), slog.String("platform", string(c.Platform)),
					slog.Int64("connection", c.ID), slog.Any("error", err))
			}
		}
	}
	return ctx.Err()
}

// doTask does a task for one connection. What fails is done again after a while;
// of a poll, which only notes that there is something to fetch, at once: it goes on
// from where the last one ended.
func (in *Ingest) doTask(ctx context.Context, task store.Task, every time.Duration, c store.Connection, app connectors.App,
	do func(context.Context, store.Connection, connectors.App, time.Time) error,
) error {
	release, ok, err := in.Store.HoldNamed(ctx, fmt.Sprintf("%s/%d", task, c.ID))
	if err != nil || !ok {
		return err
	}
	defer release()
	before, err := in.Store.TaskLast(ctx, c, task)
	if err != nil {
		return err
	}
	began := time.Now()
	// Done first and noted then: a process that dies in between does it again.
	if err = do(ctx, c, app, before); err == nil {
		return in.Store.TaskDone(context.WithoutCancel(ctx), c, task, began)
	}
	var limit *connectors.RateLimitError
	switch {
	case errors.Is(err, connectors.ErrRevoked):
		return in.revoke(ctx, c, "")
	case errors.As(err, &limit):
		return in.Store.LimitConnection(ctx, c, time.Now().Add(max(limit.After, time.Second)))
	case ctx.Err() == nil && every > taskAgain:
		// Not before a while: the source may be down.
		return errors.Join(err, in.Store.TaskDone(ctx, c, task, began.Add(taskAgain-every)))
	}
	return err
}
