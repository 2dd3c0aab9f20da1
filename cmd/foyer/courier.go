package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/fx"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

// courier sends by the configured server, or keeps letters where there is none.
func (c config) courier(s *store.Store, ring *vault.Ring, log *slog.Logger) (*courier.Courier, error) {
	conf := courier.Config{Store: s, Ring: ring, Log: log}
	if c.SMTP != "" {
		transport, err := mail.NewSMTP(c.door.mail)
		if err != nil {
			return nil, err
		}
		conf.Transport = transport
	}
	return courier.New(conf), nil
}

// chores are what comes again and again beside the ingest's own work.
func chores(in *ingest.Ingest, post *courier.Courier, rates *fx.Book) []ingest.Chore {
	return []ingest.Chore{
		{Name: "deliver", Every: 2 * time.Second, Do: func(ctx context.Context) error {
			_, err := post.Deliver(ctx)
			return err
		}},
		{Name: "reconcile", Every: time.Minute, Do: in.Reconcile},
		{Name: "subscribe", Every: time.Minute, Do: in.Subscribe},
		{Name: "poll", Every: time.Minute, Do: in.Poll},
		{Name: "books", Every: 5 * time.Minute, Do: in.Audit},
		{Name: "link", Every: 10 * time.Second, Do: in.Link},
		{Name: "convert", Every: time.Hour, Do: in.Convert},
		{Name: "alive", Every: time.Minute, Do: in.NoteAlive},
		{Name: "expire", Every: time.Hour, Do: func(ctx context.Context) error {
			if _, err := in.Store.DropExpired(ctx, account.Idle); err != nil {
				return err
			}
			if _, err := in.Store.DropLetters(ctx, courier.Kept); err != nil {
				return err
			}
			_, err := in.Store.DropRefusedLines(ctx, time.Now().Add(-store.RefusedLinesKept))
			return err
		}},
		{Name: "rates", Every: fx.CheckEvery, Do: rates.Refresh},
		{Name: "delete", Every: 5 * time.Second, Do: in.FinishDeletions},
		{Name: "retention", Every: time.Hour, Do: func(ctx context.Context) error {
			done, err := in.Store.Retain(ctx, time.Now())
			if done != (store.Retained{}) {
				in.Log.InfoContext(ctx, "retention", slog.Int64("activities", done.Activities), slog.Int("members", done.Members),
					slog.Int64("audit", done.Audit), slog.Int("waiting", done.Waiting))
			}
			return err
		}},
	}
}
