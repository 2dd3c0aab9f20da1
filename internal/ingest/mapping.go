package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/exportfs"
	"github.com/foyer-app/foyer/internal/store"
)

// ErrNoTable says that an import asks nothing about a table.
var ErrNoTable = errors.New("the import asks nothing about a table")

// LookAt reads the beginning of the table that an import asks about. said may be
// nil: then it is as the community read this shape the last time.
func (in *Ingest) LookAt(ctx context.Context, i store.Import, said *connectors.Mapping) (connectors.Look, error) {
	if i.State != store.ImportAsking || i.Question == nil {
		return connectors.Look{}, ErrNoTable
	}
	asked, ok := connectors.MappedShape(i.Question.Key)
	mapped, is := connectors.Find(in.Connectors, i.Source).(connectors.Mapped)
	if !ok || !is {
		return connectors.Look{}, ErrNoTable
	}
	zone, err := time.LoadLocation(i.TimeZone)
	if err != nil {
		return connectors.Look{}, fmt.Errorf("ingest: look at: %w", err)
	}
	files, err := exportfs.Open(i.Paths, in.Limits)
	if err != nil {
		return connectors.Look{}, fmt.Errorf("ingest: look at: %w", err)
	}
	defer files.Close()
	if said == nil {
		if said, err = in.remembered(ctx, i.Scope, asked); err != nil {
			return connectors.Look{}, err
		}
	}
	look, err := mapped.Look(ctx, files, i.Question.File, said, zone)
	if err != nil {
		return look, fmt.Errorf("ingest: look at: %w", err)
	}
	return look, nil
}

// remembered is how a shape was read the last time, or nil.
func (in *Ingest) remembered(ctx context.Context, sc community.Scope, shape string) (*connectors.Mapping, error) {
	all, err := in.Store.Mappings(ctx, sc)
	if err != nil {
		return nil, err
	}
	var m connectors.Mapping
	if text := all[shape]; text == "" || json.Unmarshal([]byte(text), &m) != nil {
		return nil, nil
	}
	return &m, nil
}

// AnswerMapping says how the table is read that the import asks about, lets the
// import go on, and remembers it for the next file of that shape. look is what
// LookAt made of the mapping.
func (in *Ingest) AnswerMapping(ctx context.Context, client *river.Client[pgx.Tx], i store.Import, look connectors.Look) error {
	if i.Question == nil {
		return ErrNoTable
	}
	asked, ok := connectors.MappedShape(i.Question.Key)
	if !ok {
		return ErrNoTable
	}
	err := in.Store.Begin(ctx, i.Organisation, func(tx pgx.Tx) error {
		if err := in.Store.AnswerImport(ctx, tx, i, i.Question.Key, look.Mapping.JSON()); err != nil {
			return err
		}
		if asked != look.Shape { // the visitor knew better how the file is written
			if err := in.Store.SaveMapping(ctx, tx, i.Scope, asked, look.Mapping.JSON()); err != nil {
				return err
			}
		}
		if err := in.Store.SaveMapping(ctx, tx, i.Scope, look.Shape, look.Mapping.Remembered().JSON()); err != nil {
			return err
		}
		_, err := client.InsertTx(ctx, tx, ImportArgs{Organisation: i.Organisation, Community: i.Community, Import: i.ID}, nil)
		return err
	})
	if err != nil {
		return fmt.Errorf("ingest: answer mapping: %w", err)
	}
	return nil
}
